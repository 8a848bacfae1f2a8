// Small data files for tests, in the test's own folder.
#pragma once

#include <sys/stat.h>
#include <zlib.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace nasc {

// A folder of the running test, made when first asked for.
inline std::string TestFolder() {
  const testing::TestInfo* info = testing::UnitTest::GetInstance()->current_test_info();
  const std::string folder =
      absl::StrCat(testing::TempDir(), "/", info->test_suite_name(), ".", info->name());
  mkdir(folder.c_str(), 0777);
  return folder;
}

inline void WriteFile(const std::string& path, absl::string_view content) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(content.data(), content.size());
  ASSERT_TRUE(file.good()) << path;
}

inline std::string ReadWholeFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

inline void WriteGzip(const std::string& path, absl::string_view content) {
  gzFile file = gzopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr) << path;
  if (!content.empty()) {
    EXPECT_EQ(gzwrite(file, content.data(), content.size()), static_cast<int>(content.size()));
  }
  ASSERT_EQ(gzclose(file), Z_OK) << path;
}

// The header of an IDX file.
inline std::string IdxHeader(const std::vector<uint32_t>& dims, int type = 0x08) {
  std::string header = {0, 0, static_cast<char>(type), static_cast<char>(dims.size())};
  for (uint32_t dim : dims) {
    for (int shift : {24, 16, 8, 0}) header += static_cast<char>(dim >> shift);
  }
  return header;
}

// A file as NumPy's `save` writes it, with any text for a header.
inline std::string NpyWithHeader(const std::string& header, const std::string& data,
                                 int version = 1) {
  std::string file =
      absl::StrCat("\x93NUMPY", std::string(1, static_cast<char>(version)), std::string(1, '\0'));
  for (int byte = 0; byte < (version == 1 ? 2 : 4); ++byte) {
    file += static_cast<char>(header.size() >> 8 * byte);
  }
  return file + header + data;
}

// The same of elements of a type ("|u1"); `shape` as in "(2, 3)".
inline std::string NpyFile(const std::string& type, const std::string& shape,
                           const std::string& data, int version = 1) {
  return NpyWithHeader(
      absl::StrCat("{'descr': '", type, "', 'fortran_order': False, 'shape': ", shape, ", }\n"),
      data, version);
}

}  // namespace nasc
