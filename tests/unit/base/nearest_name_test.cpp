#include "base/nearest_name.h"

#include <gtest/gtest.h>

#include <submask/error.h>

namespace submask {
namespace {

const std::vector<std::string> animals = {"cat", "dog", "elephant"};

TEST(NearestName, TakesTheFewestChangesWhateverTheCase) {
  EXPECT_EQ(nearest_name("caat", animals), "cat");
  EXPECT_EQ(nearest_name("DOGS", animals), "dog");
  EXPECT_EQ(nearest_name("cot", {"dot", "cat"}), "dot");  // the first of two as near
  EXPECT_EQ(nearest_name("something else", animals), "elephant");
  EXPECT_EQ(nearest_name("cat", {}), "");
}

TEST(SimilarName, IsNoneWhereMoreThanHalfOfTheLettersDiffer) {
  EXPECT_EQ(similar_name("cut", animals), "cat");
  EXPECT_EQ(similar_name("ca", animals), "cat");
  EXPECT_EQ(similar_name("horse", animals), std::nullopt);
  EXPECT_EQ(similar_name("", animals), std::nullopt);
  EXPECT_EQ(similar_name("cat", {}), std::nullopt);
  EXPECT_EQ(similar_name("--bogus", {"--out"}), std::nullopt);  // dashes are no letters
  EXPECT_EQ(similar_name(std::string(1'000'000, 'c'), animals), std::nullopt);
}

std::string refusal(std::string_view wrong) {
  try {
    fail_unknown("an animal", wrong, animals, "the zoo lists them");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    return error.what();
  }
}

TEST(FailUnknown, NamesTheSimilarNameAndWhereAllAreListed) {
  EXPECT_EQ(refusal("elefant"), "expected an animal (elephant? the zoo lists them), got elefant");
  EXPECT_EQ(refusal("horse"), "expected an animal (the zoo lists them), got horse");
  EXPECT_EQ(refusal(""), "expected an animal (the zoo lists them), got nothing");
  EXPECT_EQ(refusal("a\nb"), "expected an animal (the zoo lists them), got a?b");
}

}  // namespace
}  // namespace submask
