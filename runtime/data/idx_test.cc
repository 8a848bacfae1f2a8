#include "runtime/data/idx.h"

#include <sys/resource.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "runtime/data/test_files.h"

namespace nasc {
namespace {

// Every error is of the expected kind, one line, begins with the path, and says `what`.
void ExpectError(const std::string& path, absl::StatusCode code, absl::string_view what) {
  const absl::Status status = ReadIdx(path).status();
  EXPECT_EQ(status.code(), code) << status;
  EXPECT_TRUE(absl::StartsWith(status.message(), path + ": ")) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), what)) << status;
  EXPECT_FALSE(absl::StrContains(status.message(), "\n")) << status;
}

constexpr absl::StatusCode kInvalid = absl::StatusCode::kInvalidArgument;
constexpr absl::StatusCode kLoss = absl::StatusCode::kDataLoss;

TEST(IdxTest, ReadsGzipAndPlain) {
  const std::string path = TestFolder() + "/file";
  const std::string content = IdxHeader({2, 3}) + std::string("\x01\x02\x03\xff\x00\x06", 6);
  for (bool gzip : {false, true}) {
    gzip ? WriteGzip(path, content) : WriteFile(path, content);
    const absl::StatusOr<IdxArray> array = ReadIdx(path);
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_EQ(array->dims, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(array->data, (std::vector<uint8_t>{1, 2, 3, 255, 0, 6}));
  }
}

TEST(IdxTest, ReadsManyChunks) {
  const std::string path = TestFolder() + "/file";
  std::string data(5 * 1000 * 1001, '\0');
  uint32_t x = 1;
  for (char& byte : data) byte = static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  WriteGzip(path, IdxHeader({5, 1000, 1001}) + data);
  const absl::StatusOr<IdxArray> array = ReadIdx(path);
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_TRUE(std::equal(data.begin(), data.end(), array->data.begin(), array->data.end(),
                         [](char a, uint8_t b) { return static_cast<uint8_t>(a) == b; }));
}

TEST(IdxTest, ReadsAnEmptyArray) {
  const std::string path = TestFolder() + "/file";
  WriteGzip(path, IdxHeader({0, 28, 28}));
  const absl::StatusOr<IdxArray> array = ReadIdx(path);
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_EQ(array->dims, (std::vector<int64_t>{0, 28, 28}));
  EXPECT_TRUE(array->data.empty());
}

TEST(IdxTest, MissingFileOrFolder) {
  ExpectError(TestFolder() + "/none", absl::StatusCode::kNotFound, "No such file");
  ExpectError(TestFolder(), absl::StatusCode::kUnavailable, "cannot read: Is a directory");
}

TEST(IdxTest, NotIdx) {
  const std::string path = TestFolder() + "/file";
  WriteFile(path, "");
  ExpectError(path, kInvalid, "not an IDX file: it holds only 0 bytes");
  WriteFile(path,
            "\x7f"
            "ELF and so on");
  ExpectError(path, kInvalid, "not an IDX file: it begins with the bytes 7f 45 4c 46");
  WriteGzip(path, "a text");
  ExpectError(path, kInvalid, "not an IDX file");
  WriteFile(path, IdxHeader({1}, 0x0a) + "x");
  ExpectError(path, kInvalid, "not an IDX file: it begins with the bytes 00 00 0a 01");
  WriteFile(path, IdxHeader({}) + "x");
  ExpectError(path, kInvalid, "not an IDX file: it claims 0 dimensions");
  WriteFile(path, IdxHeader(std::vector<uint32_t>(255, 1)) + "x");
  ExpectError(path, kInvalid, "not an IDX file: it claims 255 dimensions");
}

TEST(IdxTest, OtherElementType) {
  const std::string path = TestFolder() + "/file";
  WriteGzip(path, IdxHeader({1}, 0x0d) + "abcd");
  ExpectError(path, kInvalid, "type 0x0d (32-bit float); only 0x08 (unsigned byte)");
}

TEST(IdxTest, TruncatedContent) {
  const std::string path = TestFolder() + "/file";
  for (bool gzip : {false, true}) {
    const auto write = gzip ? WriteGzip : [](const std::string& path, absl::string_view content) {
      WriteFile(path, content);
    };
    write(path, IdxHeader({2, 3}) + "abcde");
    ExpectError(path, kLoss, "truncated: its header says 6 bytes of data (2x3), it holds 5");
    write(path, IdxHeader({2, 3}));
    ExpectError(path, kLoss, "truncated: its header says 6 bytes of data (2x3), it holds 0");
    write(path, IdxHeader({2, 3}).substr(0, 9));
    ExpectError(path, kLoss, "truncated: it ends within its header");
  }
}

TEST(IdxTest, TrailingContent) {
  const std::string path = TestFolder() + "/file";
  WriteFile(path, IdxHeader({2, 3}) + "abcdefg");
  ExpectError(path, kLoss, "trailing data: its header says 6 bytes of data (2x3), it holds more");
  WriteGzip(path, IdxHeader({2, 3}) + "abcdefg");
  ExpectError(path, kLoss, "trailing data");
}

TEST(IdxTest, ShortenedGzipStream) {
  const std::string path = TestFolder() + "/file";
  std::string data;
  for (int i = 0; i < 3000; ++i) data += static_cast<char>(i * i >> 3);
  WriteGzip(path, IdxHeader({3000}) + data);
  const std::string whole = ReadWholeFile(path);
  // Wherever it is cut, also within the gzip header (less than two bytes look like a plain file) or
  // the checksum.
  for (size_t size = 2; size < whole.size();
       size += size < 24 || size > whole.size() - 12 ? 1 : 97) {
    WriteFile(path, absl::string_view(whole).substr(0, size));
    const absl::Status status = ReadIdx(path).status();
    ASSERT_FALSE(status.ok()) << size;
    ASSERT_TRUE(absl::StartsWith(status.message(), path + ": ")) << status;
    if (size >= 18) {
      ASSERT_EQ(status.code(), kLoss) << status;
    }
  }
  // The checksum alone is cut.
  WriteFile(path, absl::string_view(whole).substr(0, whole.size() - 3));
  ExpectError(path, kLoss, "truncated: its gzip stream ends early, after 3008 bytes of content");
}

TEST(IdxTest, CorruptGzipStream) {
  const std::string path = TestFolder() + "/file";
  std::string data;
  for (int i = 0; i < 3000; ++i) data += static_cast<char>(i * i >> 3);
  WriteGzip(path, IdxHeader({3000}) + data);
  const std::string whole = ReadWholeFile(path);
  // Any changed byte after gzip's own header is found, at the latest by the checksum.
  for (size_t at = 10; at < whole.size(); at += at < 40 || at > whole.size() - 10 ? 1 : 53) {
    std::string changed = whole;
    changed[at] ^= 0x55;
    WriteFile(path, changed);
    const absl::StatusOr<IdxArray> array = ReadIdx(path);
    ASSERT_FALSE(array.ok()) << at;
  }
  std::string changed = whole;
  changed[whole.size() - 8] ^= 1;
  WriteFile(path, changed);
  ExpectError(path, kLoss, "corrupt gzip stream: incorrect data check");
}

// The memory that the process ever held, in bytes.
int64_t PeakMemory() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{usage.ru_maxrss} << 10;
}

TEST(IdxTest, HostileHeaderAllocatesNothing) {
  const std::string path = TestFolder() + "/file";
  const int64_t before = PeakMemory();
  WriteFile(path, IdxHeader({0x7fffffff}) + "abc");
  ExpectError(path, kLoss, "its header says 2147483647 bytes of data (2147483647), it holds 3");
  WriteGzip(path, IdxHeader({0xffffffff}) + "abc");
  ExpectError(path, kLoss, "its header says 4294967295 bytes");
  WriteGzip(path, IdxHeader({0xffffffff, 0xffffffff}) + "abc");
  ExpectError(path, kInvalid, "its header claims 4294967295x4294967295 bytes of data; the limit");
  // The product is 0 modulo 2^64.
  WriteGzip(path, IdxHeader({1u << 31, 1u << 31, 1u << 31}) + "abc");
  ExpectError(path, kInvalid, "the limit is 4294967296");
  WriteGzip(path, IdxHeader({1u << 31, 1u << 31, 0}));
  ExpectError(path, kInvalid, "the limit is 4294967296");
  EXPECT_LT(PeakMemory() - before, int64_t{64} << 20);
}

}  // namespace
}  // namespace nasc
