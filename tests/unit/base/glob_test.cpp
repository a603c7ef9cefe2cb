#include "base/glob.h"

#include <gtest/gtest.h>

namespace submask {
namespace {

TEST(Glob, MatchesNamesAndPatterns) {
  EXPECT_TRUE(glob_match("layer1.*", "layer1.0.conv1.weight"));
  EXPECT_TRUE(glob_match("*.conv?.weight", "layer1.0.conv1.weight"));
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("a*b*c", "a--b-b--c"));
  EXPECT_FALSE(glob_match("layer1.*", "layer10"));
  EXPECT_FALSE(glob_match("conv1", "conv1.weight"));
  EXPECT_FALSE(glob_match("?", ""));
}

TEST(Glob, ManyStarsStayFast) {
  EXPECT_FALSE(glob_match("*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
}

}  // namespace
}  // namespace submask
