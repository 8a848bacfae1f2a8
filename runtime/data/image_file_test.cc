#include "runtime/data/image_file.h"

#include <zlib.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/data/test_files.h"

namespace nasc {
namespace {

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (int shift : {24, 16, 8, 0}) bytes += static_cast<char>(number >> shift);
  return bytes;
}

std::string Chunk(const std::string& name, const std::string& content) {
  const std::string checked = name + content;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(checked.data()), checked.size());
  return BigEndian(content.size()) + checked + BigEndian(static_cast<uint32_t>(sum));
}

// A PNG of bytes; `type` is 0 for grey, 2 for colour, 4 and 6 for those with transparency.
std::string Png(uint32_t width, uint32_t height, int type, const std::string& samples) {
  std::string rows;
  const size_t row = samples.size() / height;
  for (size_t i = 0; i < height; ++i) rows += std::string(1, '\0') + samples.substr(i * row, row);
  uLongf size = compressBound(rows.size());
  std::string packed(size, '\0');
  compress(reinterpret_cast<Bytef*>(&packed[0]), &size, reinterpret_cast<const Bytef*>(rows.data()),
           rows.size());
  packed.resize(size);
  return "\x89PNG\r\n\x1a\n" +
         Chunk("IHDR", BigEndian(width) + BigEndian(height) + '\x08' + static_cast<char>(type) +
                           std::string(3, '\0')) +
         Chunk("IDAT", packed) + Chunk("IEND", "");
}

absl::StatusOr<Image> Read(const std::string& content, const std::string& name = "image.png") {
  const std::string path = absl::StrCat(TestFolder(), "/", name);
  WriteFile(path, content);
  return ReadImageFile(path);
}

void ExpectImage(const absl::StatusOr<Image>& image, ImageShape shape,
                 std::vector<uint8_t> pixels) {
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->shape, shape);
  EXPECT_EQ(image->pixels, pixels);
}

TEST(ImageFileTest, ReadsPngs) {
  ExpectImage(Read(Png(3, 2, 0, "\1\2\3\4\5\6")), {1, 2, 3}, {1, 2, 3, 4, 5, 6});
  ExpectImage(Read(Png(2, 1, 2, "\1\2\3\4\5\6")), {3, 1, 2}, {1, 4, 2, 5, 3, 6});
  ExpectImage(Read(Png(2, 1, 4, "\1\x7f\2\x7f")), {1, 1, 2}, {1, 2});
  ExpectImage(Read(Png(1, 2, 6, "\1\2\3\x7f\4\5\6\x7f")), {3, 2, 1}, {1, 4, 2, 5, 3, 6});
}

TEST(ImageFileTest, ReadsOtherFormatsByContent) {
  ExpectImage(Read("P5 2 1 255\n\5\6"), {1, 1, 2}, {5, 6});
  ExpectImage(Read("P6 1 1 255\n\5\6\7", "image.ppm"), {3, 1, 1}, {5, 6, 7});
  const std::string head("BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\1\0\0\0\1\0\0\0\1\0\x18\0", 30);
  ExpectImage(Read(head + std::string(24, '\0') + std::string("\3\2\1\0", 4), "image.bmp"),
              {3, 1, 1}, {1, 2, 3});
}

TEST(ImageFileTest, NamesDamagedFiles) {
  const std::string png = Png(3, 2, 0, "\1\2\3\4\5\6");
  const std::string path = TestFolder() + "/image.png";
  const auto expect = [&](const absl::Status& status, absl::StatusCode code,
                          const std::string& start) {
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_TRUE(absl::StartsWith(status.message(), path + start)) << status;
  };
  for (size_t size : {size_t{0}, size_t{5}, size_t{20}, png.size() / 2, png.size() - 25}) {
    expect(Read(png.substr(0, size)).status(), absl::StatusCode::kDataLoss,
           ": cannot be read as a PNG, JPEG, BMP, PGM or PPM image: ");
  }
  expect(Read(Png(20000, 1, 0, std::string(20000, 'x'))).status(),
         absl::StatusCode::kInvalidArgument,
         ": its image is 20000 wide and 1 high; a side has at most 16384 pixels");
  expect(Read("P5 9999999 9999999 255\n").status(), absl::StatusCode::kInvalidArgument,
         ": its image is 9999999 wide");
  expect(ReadImageFile(path + "/none").status(), absl::StatusCode::kUnavailable, "/none: ");
  expect(ReadImageFile(path + "0").status(), absl::StatusCode::kNotFound, "0: cannot open: ");
  // Whatever a file holds, it is an image or an error.
  for (size_t i = 0; i < png.size(); ++i) {
    std::string damaged = png;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    const absl::StatusOr<Image> image = Read(damaged);
    if (!image.ok()) continue;
    EXPECT_EQ(static_cast<int64_t>(image->pixels.size()), image->shape.size());
  }
}

TEST(ImageFileTest, NamesOfImages) {
  for (const char* name : {"a.png", "a.JPG", "a.b.jpeg", "a.bmp", "a.PGM", "a.ppm"}) {
    EXPECT_TRUE(IsImageName(name)) << name;
  }
  for (const char* name : {"png", "a.txt", "a.png.txt", "a.gif", ""}) {
    EXPECT_FALSE(IsImageName(name)) << name;
  }
}

TEST(ImageFileTest, GreyAndColour) {
  const Image grey = {{1, 1, 2}, {10, 20}};
  EXPECT_EQ(WithChannels(grey, 1).pixels, grey.pixels);
  EXPECT_EQ(WithChannels(grey, 3).pixels, (std::vector<uint8_t>{10, 20, 10, 20, 10, 20}));
  EXPECT_EQ(WithChannels(WithChannels(grey, 3), 1).pixels, grey.pixels);
  EXPECT_EQ(WithChannels({{3, 1, 1}, {255, 0, 100}}, 1).pixels, (std::vector<uint8_t>{88}));
}

}  // namespace
}  // namespace nasc
