#include "base/utf8.h"

#include <gtest/gtest.h>

namespace submask {
namespace {

TEST(Utf8, EncodesAndDecodesEveryCharacter) {
  for (char32_t code = 0; code < 0x110000; ++code) {
    if (code >= 0xD800 && code < 0xE000) continue;  // surrogates
    const std::string bytes = encode_utf8(std::u32string(1, code));
    ASSERT_EQ(utf8_length(bytes), bytes.size()) << uint32_t{code};
    ASSERT_EQ(utf8_length(bytes.substr(0, bytes.size() - 1) + "\x7F"), code < 0x80 ? 1U : 0U);
    ASSERT_EQ(decode_utf8(bytes), std::u32string(1, code)) << uint32_t{code};
  }
}

TEST(Utf8, ReplacesEachByteThatBelongsToNoCharacter) {
  const auto expect_no_characters = [](const std::string& bytes) {
    EXPECT_EQ(utf8_length(bytes), 0U);
    EXPECT_FALSE(is_utf8(bytes));
    EXPECT_EQ(decode_utf8(bytes), std::u32string(bytes.size(), U'\uFFFD'));
  };
  expect_no_characters("\xE2\x82");  // cut short
  expect_no_characters("\xC0\xAF");  // overlong
  expect_no_characters("\xE0\x9F\xBF");
  expect_no_characters("\xF0\x8F\xBF\xBF");
  expect_no_characters("\xED\xA0\x80");      // a surrogate
  expect_no_characters("\xF4\x90\x80\x80");  // above U+10FFFF
  expect_no_characters("\xF8\x88\x80\x80\x80");
  expect_no_characters("\xFF");
}

TEST(Utf8, KeepsWhatIsValidAroundWhatIsNot) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("a\u20AC\U0001F600"));
  EXPECT_FALSE(is_utf8("a\xE2\x82z"));
  EXPECT_EQ(decode_utf8("a\xE2\x82z\u20AC"), U"a\uFFFD\uFFFDz\u20AC");
  EXPECT_EQ(utf8_length(""), 0U);
}

}  // namespace
}  // namespace submask
