#include "runtime/data/npy_array.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/data/test_files.h"

namespace nasc {
namespace {

std::string Path() { return TestFolder() + "/array.npy"; }

absl::StatusOr<NpyArray> Read(const std::string& content) {
  WriteFile(Path(), content);
  return ReadNpy(Path());
}

void ExpectError(const absl::Status& status, absl::StatusCode code, const std::string& message) {
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_EQ(status.message(), Path() + message);
}

TEST(NpyArrayTest, ReadsWhatNumPyWrites) {
  // numpy.save of numpy.arange(6, dtype=numpy.uint8).reshape(2, 3)
  const std::string numpy = std::string("\x93NUMPY\1\0\x76\0", 10) +
                            "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }" +
                            std::string(58, ' ') + "\n" + std::string("\0\1\2\3\4\5", 6);
  const absl::StatusOr<NpyArray> array = Read(numpy);
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_EQ(array->type, "|u1");
  EXPECT_EQ(array->dims, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(array->data, (std::vector<uint8_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(array->size(), 6);
}

TEST(NpyArrayTest, ReadsEveryVersionAndLayoutOfTheHeader) {
  for (const int version : {1, 2, 3}) {
    EXPECT_TRUE(Read(NpyFile("|u1", "(2,)", "ab", version)).ok()) << version;
  }
  WriteGzip(Path(), NpyFile("|u1", "(2,)", "ab"));
  EXPECT_TRUE(ReadNpy(Path()).ok());
  const absl::StatusOr<NpyArray> other = Read(
      NpyWithHeader("{\"shape\":(2,1) ,\"descr\":\"<i2\",\n \"fortran_order\" : False}", "abcd"));
  ASSERT_TRUE(other.ok()) << other.status();
  EXPECT_EQ(other->dims, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(Read(NpyFile("<f8", "()", "12345678"))->size(), 1);
  EXPECT_EQ(Read(NpyFile("|u1", "(0, 7)", ""))->size(), 0);
}

TEST(NpyArrayTest, NamesWhatIsNoArray) {
  const auto expect = [](const std::string& content, const std::string& why) {
    ExpectError(Read(content).status(), absl::StatusCode::kInvalidArgument,
                ": not a NumPy array: " + why);
  };
  expect("", "it does not begin as one");
  expect("PK\3\4 an archive", "it does not begin as one");
  expect(NpyFile("|u1", "(2,)", "ab", 4), "its format is 4; 1, 2 and 3 are known");
  expect(NpyFile("|u1", "(2,)", "ab").substr(0, 9), "it ends within its header");
  expect(NpyFile("|u1", "(2,)", "ab").substr(0, 40), "it ends within its header");
  expect(std::string("\x93NUMPY\2\0\xff\xff\xff\x7f", 12),
         "it claims a header of 2147483647 bytes");
  for (const char* header :
       {"", "{", "{}", "{'descr'", "{'descr': '|u1}", "{'descr': '|u1', 'fortran_order': False}",
        "{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '|u1', 'fortran_order': 0, 'shape': (1,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': 1}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)} more",
        "{'descr': [('a', '|u1')], 'fortran_order': False, 'shape': (1,)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1,), 'more': 1}"}) {
    const absl::Status status = Read(NpyWithHeader(header, "a")).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_TRUE(
        absl::StartsWith(status.message(), Path() + ": not a NumPy array: its header says "))
        << status;
  }
}

TEST(NpyArrayTest, NamesWhatItCannotRead) {
  const absl::StatusCode invalid = absl::StatusCode::kInvalidArgument;
  ExpectError(Read(NpyFile("|O", "(1,)", "a")).status(), invalid,
              ": its elements are '|O', which are no numbers that can be read");
  ExpectError(Read(NpyFile("<U3", "(1,)", "a")).status(), invalid,
              ": its elements are '<U3', which are no numbers that can be read");
  ExpectError(Read(NpyFile("<i1000000", "(1,)", "a")).status(), invalid,
              ": its elements are '<i1000000', which are no numbers that can be read");
  ExpectError(
      Read(NpyWithHeader("{'descr': '|u1', 'fortran_order': True, 'shape': (1, 1)}", "a")).status(),
      invalid, ": it is in Fortran's order: save numpy.ascontiguousarray(array) instead");
  ExpectError(Read(NpyFile("<u8", "(4294967296, 4294967296, 2)", "a")).status(), invalid,
              ": its header claims an array of 4294967296x4294967296x2 elements; the limit is "
              "4294967296 bytes");
  ExpectError(Read(NpyFile("|u1", "(1000000, 28, 28)", "abc")).status(),
              absl::StatusCode::kDataLoss,
              ": truncated: its header says 784000000 bytes of data (1000000x28x28), it holds 3");
  ExpectError(Read(NpyFile("|u1", "(2,)", "abc")).status(), absl::StatusCode::kDataLoss,
              ": trailing data: its header says 2 bytes of data (2), it holds more");
}

TEST(NpyArrayTest, WholeNumbers) {
  const auto numbers = [](const std::string& type, const std::string& content) {
    const auto read = Read(NpyFile(type, "(2,)", content));
    EXPECT_TRUE(read.ok()) << read.status();
    return WholeNumbers(*read);
  };
  using Numbers = std::vector<int64_t>;
  EXPECT_EQ(*numbers("|u1", "\1\xff"), (Numbers{1, 255}));
  EXPECT_EQ(*numbers("|i1", "\1\xff"), (Numbers{1, -1}));
  EXPECT_EQ(*numbers("<i2", std::string("\1\0\xfe\xff", 4)), (Numbers{1, -2}));
  EXPECT_EQ(*numbers(">i4", std::string("\0\0\1\0\x80\0\0\0", 8)), (Numbers{256, -2147483648}));
  EXPECT_EQ(*numbers("<i8", std::string("\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80", 16)),
            (Numbers{7, INT64_MIN}));
  EXPECT_EQ(numbers("<u8", std::string("\7\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80", 16)).status(),
            absl::InvalidArgumentError("element 1 is 9223372036854775808"));
  EXPECT_EQ(numbers("<f4", std::string(8, '\0')).status(),
            absl::InvalidArgumentError("its elements are '<f4', not whole numbers"));
}

}  // namespace
}  // namespace nasc
