#include "runtime/data/csv.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/data/test_files.h"

namespace nasc {
namespace {

using Records = std::vector<std::vector<std::string>>;

absl::StatusOr<Records> ReadAll(const std::string& path) {
  absl::StatusOr<CsvReader> reader = CsvReader::Open(path);
  if (!reader.ok()) return reader.status();
  Records records;
  std::vector<std::string> values;
  while (true) {
    const absl::StatusOr<bool> more = reader->Next(values);
    if (!more.ok()) return more.status();
    if (!*more) return records;
    records.push_back(values);
  }
}

absl::StatusOr<Records> Read(const std::string& content, const std::string& name = "t.csv") {
  const std::string path = absl::StrCat(TestFolder(), "/", name);
  WriteFile(path, content);
  return ReadAll(path);
}

void ExpectRecords(const absl::StatusOr<Records>& actual, const Records& expected) {
  ASSERT_TRUE(actual.ok()) << actual.status();
  EXPECT_EQ(*actual, expected);
}

TEST(CsvTest, PicksTheSeparator) {
  const Records expected = {{"a", "b", "c"}, {"1", "2", "3"}};
  ExpectRecords(Read("a,b,c\n1,2,3\n"), expected);
  ExpectRecords(Read("a;b;c\n1;2;3\n"), expected);
  ExpectRecords(Read("a\tb\tc\n1\t2\t3\n"), expected);
  ExpectRecords(Read("\"a;;;\",b\n1;2,3\n"), {{"a;;;", "b"}, {"1;2", "3"}});
  ExpectRecords(Read("one\n1\n"), {{"one"}, {"1"}});
  ExpectRecords(Read("a,b,c\td\n", "t.tsv"), {{"a,b,c", "d"}});
}

TEST(CsvTest, LinesEndInAnyWay) {
  const Records expected = {{"a", "b"}, {"1", "2"}};
  ExpectRecords(Read("a,b\r\n1,2\r\n"), expected);
  ExpectRecords(Read("a,b\n1,2"), expected);
  ExpectRecords(Read("\xEF\xBB\xBF"
                     "a,b\n\n  \n1,2\n\n"),
                expected);
  ExpectRecords(Read(""), {});
  ExpectRecords(Read("\n\n"), {});
}

TEST(CsvTest, SpacesAndQuotes) {
  ExpectRecords(Read(" a , \"b\" ,c d\n,,\n\" x,\"\"y\"\"\",\"\",\"z\"\r\n"),
                {{"a", "b", "c d"}, {"", "", ""}, {" x,\"y\"", "", "z"}});
  ExpectRecords(Read("a\tb\n\t\n", "t.tsv"), {{"a", "b"}});
  ExpectRecords(Read("a\tb\n1\t\n", "t.tsv"), {{"a", "b"}, {"1", ""}});
}

TEST(CsvTest, ReadsGzipAndLinesBeyondABuffer) {
  const std::string path = absl::StrCat(TestFolder(), "/t.csv.gz");
  std::string content;
  Records expected;
  for (int i = 0; i < 300; ++i) {
    expected.push_back({std::string(i * 7, 'x'), absl::StrCat(i)});
    absl::StrAppend(&content, expected.back()[0], ",", i, "\n");
  }
  WriteGzip(path, content);
  ExpectRecords(ReadAll(path), expected);
  const std::string longest(kMaxCsvLine - 2, 'x');
  ExpectRecords(Read(absl::StrCat(longest, ",y\n1,2\n")), {{longest, "y"}, {"1", "2"}});
}

TEST(CsvTest, Errors) {
  const auto expect = [](const std::string& content, const std::string& message) {
    const absl::Status status = Read(content).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_TRUE(absl::EndsWith(status.message(), message)) << status;
  };
  expect("a,b\n\n1,\"2\n", "t.csv:3: a quote that does not end on its line");
  expect("a,b\n1,\"2\"3\n", "t.csv:2: more after a closing quote");
  expect(absl::StrCat("a,b\n", std::string(kMaxCsvLine + 1, '1'), "\n"),
         "t.csv:2: a line of more than 1048576 bytes");
  expect(std::string(3 * kMaxCsvLine, '1'), "t.csv:1: a line of more than 1048576 bytes");
  EXPECT_TRUE(absl::IsNotFound(ReadAll("/no such file.csv").status()));
  EXPECT_FALSE(ReadAll(TestFolder()).ok());  // a folder
}

TEST(CsvTest, ShortenedGzip) {
  const std::string path = absl::StrCat(TestFolder(), "/t.csv.gz");
  WriteGzip(path, "a,b\n1,2\n3,4\n");
  const std::string whole = ReadWholeFile(path);
  WriteFile(path, whole.substr(0, whole.size() - 6));
  EXPECT_TRUE(absl::IsDataLoss(ReadAll(path).status())) << ReadAll(path).status();
}

}  // namespace
}  // namespace nasc
