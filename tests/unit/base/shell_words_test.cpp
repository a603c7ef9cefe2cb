#include "base/shell_words.h"

#include <gmock/gmock.h>

namespace submask {
namespace {

TEST(ShellWords, PlainWordsStayAsTheyAre) {
  EXPECT_EQ(shell_word("--data=folder:/a/b-c_d.e,f"), "--data=folder:/a/b-c_d.e,f");
}

TEST(ShellWords, AnyWordComesBack) {
  for (const std::string word : {"", "a b", "it's", "''", "$HOME;rm *", "tab\there", "\"quoted\"",
                                 "back\\slash", "new\nline", "caf\xc3\xa9"}) {
    EXPECT_THAT(shell_words(shell_word(word)), testing::ElementsAre(word));
    EXPECT_THAT(shell_words("first " + shell_word(word) + " last"),
                testing::ElementsAre("first", word, "last"));
  }
  EXPECT_THAT(shell_words("  "), testing::IsEmpty());
}

}  // namespace
}  // namespace submask
