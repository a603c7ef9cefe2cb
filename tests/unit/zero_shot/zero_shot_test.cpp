#include "zero_shot/zero_shot.h"

#include <gmock/gmock.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "error_of.h"

namespace submask {
namespace {

using testing::HasSubstr;

TEST(Prompts, TakeAClassName) {
  EXPECT_EQ(fill_prompt("This is a photo of a {label}", "tabby_cat"),
            "This is a photo of a tabby cat");
  EXPECT_EQ(fill_prompt("{} in origami.", "dog"), "dog in origami.");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { fill_prompt("a photo", "dog"); }),
            "expected a prompt with {label} or {}, got 'a photo'");
}

TEST(ZeroShot, IsForClipOnly) {
  try {
    zero_shot_head(backbone_info("resnet18"), {"cat"}, {.weights = "w", .vocabulary = "v"});
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_THAT(error.what(), HasSubstr("resnet18"));
  }
}

}  // namespace
}  // namespace submask
