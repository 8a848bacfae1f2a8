#include "lsp/transport.h"

#include <sstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace nasc::lsp {
namespace {

TEST(Transport, ReadsWhatItWrites) {
  std::stringstream stream;
  WriteMessage(stream, "first ü");
  WriteMessage(stream, "");
  WriteMessage(stream, "a\r\n\r\nb");
  MessageReader reader(stream);
  EXPECT_EQ(**reader.Read(), "first ü");
  EXPECT_EQ(**reader.Read(), "");
  EXPECT_EQ(**reader.Read(), "a\r\n\r\nb");
  EXPECT_FALSE(reader.Read()->has_value());
}

TEST(Transport, OtherFieldsAndBareNewlinesAreFine) {
  std::istringstream in("Content-Type: x\ncontent-length:  2 \n\nok");
  MessageReader reader(in);
  EXPECT_EQ(**reader.Read(), "ok");
}

class Malformed : public testing::TestWithParam<const char*> {};

TEST_P(Malformed, IsAnErrorAndReadingGoesOn) {
  std::istringstream in(absl::StrCat(GetParam(), "Content-Length: 2\r\n\r\nok"));
  MessageReader reader(in);
  EXPECT_FALSE(reader.Read().ok());
  const auto next = reader.Read();
  ASSERT_TRUE(next.ok()) << next.status();
  ASSERT_TRUE(next->has_value());
  EXPECT_EQ(**next, "ok");
}

INSTANTIATE_TEST_SUITE_P(All, Malformed,
                         testing::Values("Content-Type: x\r\n\r\n", "Content-Length: x\r\n\r\n",
                                         "Content-Length: -1\r\n\r\n", "nonsense\r\n\r\n",
                                         "Content-Length: 99999999999999999999\r\n\r\n",
                                         "no field\r\nContent-Length: 1\r\n\r\nx"));

TEST(Transport, LongHeaderLineIsAnError) {
  std::istringstream in(
      absl::StrCat(std::string(1 << 20, 'x'), "\r\n\r\nContent-Length: 1\r\n\r\ny"));
  MessageReader reader(in);
  EXPECT_FALSE(reader.Read().ok());
  EXPECT_EQ(**reader.Read(), "y");
}

TEST(Transport, TooLargeIsSkipped) {
  const size_t size = (32 << 20) + 1;
  std::istringstream in(absl::StrCat("Content-Length: ", size, "\r\n\r\n", std::string(size, 'x'),
                                     "Content-Length: 1\r\n\r\ny"));
  MessageReader reader(in);
  EXPECT_FALSE(reader.Read().ok());
  EXPECT_EQ(**reader.Read(), "y");
}

TEST(Transport, EndsWithin) {
  for (const char* text :
       {"", "Content-Le", "Content-Length: 9\r\n", "Content-Length: 9\r\n\r\nab"}) {
    std::istringstream in(text);
    MessageReader reader(in);
    const auto message = reader.Read();
    ASSERT_TRUE(message.ok()) << text;
    EXPECT_FALSE(message->has_value()) << text;
  }
}

}  // namespace
}  // namespace nasc::lsp
