#include "runtime/data/table.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "runtime/data/test_files.h"

namespace nasc {
namespace {

std::string Path(const std::string& name) { return absl::StrCat(TestFolder(), "/", name); }

// Reads `content`, all of it for training unless the spec says otherwise.
absl::StatusOr<Table> Read(const std::string& content, TableSpec spec) {
  spec.path = Path("t.csv");
  WriteFile(spec.path, content);
  return ReadTable(spec);
}

TableSpec Classes(double test_part = 0) {
  TableSpec spec;
  spec.target = "y";
  spec.test_part = test_part;
  return spec;
}

TableSpec Regression(const std::string& target = "y") {
  TableSpec spec = Classes();
  spec.target = target;
  spec.regression = true;
  return spec;
}

// The message without the test's folder.
std::string Message(const absl::Status& status) {
  return absl::StrReplaceAll(status.message(), {{absl::StrCat(TestFolder(), "/"), ""}});
}

void ExpectError(const std::string& content, const TableSpec& spec, const std::string& message) {
  const absl::Status status = Read(content, spec).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(Message(status), message);
}

TEST(TableTest, ClassesOfTexts) {
  const absl::StatusOr<Table> table = Read("a,y,b\n1,red,-2\n3.5,blue,1e3\n0,red,.5\n", Classes());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->feature_names, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(table->target_names, (std::vector<std::string>{"y"}));
  EXPECT_EQ(table->class_names, (std::vector<std::string>{"blue", "red"}));
  EXPECT_EQ(table->train.count, 3);
  EXPECT_EQ(table->train.features, (std::vector<double>{1, -2, 3.5, 1000, 0, 0.5}));
  EXPECT_EQ(table->train.labels, (std::vector<int32_t>{1, 0, 1}));
  EXPECT_TRUE(table->train.targets.empty());
  EXPECT_EQ(table->test.count, 0);
}

TEST(TableTest, ClassesOfWholeNumbersGoBySize) {
  const absl::StatusOr<Table> table = Read("a,y\n1,10\n2,9\n3,-1\n4,10\n", Classes());
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->class_names, (std::vector<std::string>{"-1", "9", "10"}));
  EXPECT_EQ(table->train.labels, (std::vector<int32_t>{2, 1, 0, 2}));
  // One text among them makes all of them texts.
  const absl::StatusOr<Table> mixed = Read("a,y\n1,10\n2,9\n3,none\n", Classes());
  ASSERT_TRUE(mixed.ok()) << mixed.status();
  EXPECT_EQ(mixed->class_names, (std::vector<std::string>{"10", "9", "none"}));
}

TEST(TableTest, RegressionOfSeveralTargets) {
  const absl::StatusOr<Table> table = Read("y;a;z\n1;2;3\n4;5;6.5\n", Regression("z, y"));
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->feature_names, (std::vector<std::string>{"a"}));
  EXPECT_EQ(table->target_names, (std::vector<std::string>{"z", "y"}));
  EXPECT_TRUE(table->class_names.empty());
  EXPECT_EQ(table->train.features, (std::vector<double>{2, 5}));
  EXPECT_EQ(table->train.targets, (std::vector<double>{3, 1, 6.5, 4}));
  EXPECT_TRUE(table->train.labels.empty());
}

TEST(TableTest, PartsTheFileTheSameWayEachTime) {
  std::string content = "a,y\n";
  for (int i = 0; i < 100; ++i) absl::StrAppend(&content, i, ",", i % 3, "\n");
  const absl::StatusOr<Table> table = Read(content, Classes(0.2));
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->train.count, 80);
  EXPECT_EQ(table->test.count, 20);
  std::vector<double> all = table->train.features;
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  EXPECT_TRUE(std::is_sorted(table->test.features.begin(), table->test.features.end()));
  all.insert(all.end(), table->test.features.begin(), table->test.features.end());
  std::sort(all.begin(), all.end());
  EXPECT_EQ(std::unique(all.begin(), all.end()) - all.begin(), 100);
  for (const TablePart* part : {&table->train, &table->test}) {
    for (int64_t i = 0; i < part->count; ++i) {
      EXPECT_EQ(part->labels[i], static_cast<int>(part->features[i]) % 3);
    }
  }
  EXPECT_EQ(Read(content, Classes(0.2))->test.features, table->test.features);
}

TEST(TableTest, TestsWithASecondFile) {
  TableSpec spec = Classes(0.5);
  spec.test_path = Path("test.csv");
  WriteFile(spec.test_path, "a,y\n7,no\n");
  const absl::StatusOr<Table> table = Read("a,y\n1,yes\n2,no\n", spec);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->train.count, 2);
  EXPECT_EQ(table->test.features, (std::vector<double>{7}));
  EXPECT_EQ(table->test.labels, (std::vector<int32_t>{0}));

  const auto expect = [&](const std::string& content, const std::string& message) {
    WriteFile(spec.test_path, content);
    EXPECT_EQ(Message(Read("a,y\n1,yes\n2,no\n", spec).status()), message);
  };
  expect("a,y\n7,no\n8,maybe\n", "test.csv:3: class 'maybe' does not occur in t.csv");
  expect("b,y\n7,no\n", "test.csv: column 1 is 'b', in t.csv it is 'a'");
  expect("a,y,z\n7,no,1\n", "test.csv: it has 3 columns, t.csv has 2");
  expect("a,y\nx,no\n", "test.csv:2: column 'a': 'x' is no finite number");
  expect("", "test.csv: it is empty");
  spec.test_path = Path("none.csv");
  EXPECT_TRUE(absl::IsNotFound(Read("a,y\n1,yes\n2,no\n", spec).status()));
}

TEST(TableTest, ErrorsOfTheHeader) {
  ExpectError("", Classes(), "t.csv: it is empty");
  ExpectError("a,y\n", Classes(), "t.csv: there are no rows below its header");
  ExpectError("height,weight\n1,2\n", Classes(), "t.csv: no column is named 'y'");
  ExpectError("a,price\n1,2\n", Regression("prize"),
              "t.csv: no column is named 'prize': did you mean 'price'?");
  ExpectError("1,2\n3,4\n", Classes(),
              "t.csv: no column is named 'y': its first line must name the columns");
  ExpectError("a,,y\n1,2,3\n", Classes(), "t.csv: column 2 has no name");
  ExpectError("a,y,a\n1,2,3\n", Classes(), "t.csv: two columns are named 'a'");
  ExpectError("y\n1\n", Classes(), "t.csv: every column is a target");
  ExpectError("a,y\n1,2\n", Regression("y, y"), "t.csv: the target names 'y' twice");
  TableSpec two = Classes();
  two.target = "a,y";
  ExpectError("a,y,b\n1,2,3\n", two, "t.csv: classes have one target, found 2");
}

TEST(TableTest, ErrorsOfRows) {
  ExpectError("a,y\n1,2\n\n1,2,3\n", Classes(),
              "t.csv:4: it has 3 values, the header names 2 columns");
  ExpectError("a,y\n1\n", Classes(), "t.csv:2: it has 1 values, the header names 2 columns");
  ExpectError("a,y\n1,2\nten,2\n", Classes(), "t.csv:3: column 'a': 'ten' is no finite number");
  ExpectError("a,y\nnan,2\n", Classes(), "t.csv:2: column 'a': 'nan' is no finite number");
  ExpectError("a,y\n1e999,2\n", Classes(), "t.csv:2: column 'a': '1e999' is no finite number");
  ExpectError("a,y\n,2\n", Classes(), "t.csv:2: column 'a': no value");
  ExpectError("a,y\n1,\n", Classes(), "t.csv:2: column 'y': no value");
  ExpectError("a,y\n1,red\n", Regression(), "t.csv:2: column 'y': 'red' is no finite number");
  ExpectError(absl::StrCat("a,y\n\x01", std::string(50, 'x'), ",2\n"), Classes(),
              absl::StrCat("t.csv:2: column 'a': '\\001", std::string(39, 'x'),
                           "...' is no finite number"));
}

TEST(TableTest, ErrorsOfClasses) {
  ExpectError("a,y\n1,2\n3,2\n", Classes(), "t.csv: column 'y' is '2' in every row");
  ExpectError("a,y\n1,2\n3,2.5\n", Classes(),
              "t.csv:3: column 'y': class '2.5' is no whole number: numbers to tell need data { "
              "regression = on }");
  ExpectError("a,y\n1,2\n3,02\n", Classes(),
              "t.csv:3: column 'y': the classes '2' and '02' are one number");
  std::string many = "a,y\n";
  for (int i = 0; i < 10001; ++i) absl::StrAppend(&many, i, ",", i, "\n");
  ExpectError(many, Classes(),
              "t.csv:10002: column 'y' has more than 10000 classes: numbers to tell need data { "
              "regression = on }");
}

TEST(TableTest, NoSuchFile) {
  TableSpec spec = Classes();
  spec.path = "/no such file.csv";
  EXPECT_TRUE(absl::IsNotFound(ReadTable(spec).status()));
}

}  // namespace
}  // namespace nasc
