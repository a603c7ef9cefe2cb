#include "zero_shot/zero_shot.h"

#include <gmock/gmock.h>

#include <ATen/ATen.h>

#include <submask/error.h>

namespace submask {
namespace {

using testing::HasSubstr;

TEST(Prompts, TakeAClassName) {
  EXPECT_EQ(fill_prompt("This is a photo of a {label}", "tabby_cat"),
            "This is a photo of a tabby cat");
  EXPECT_EQ(fill_prompt("{} in origami.", "dog"), "dog in origami.");
  EXPECT_THROW(fill_prompt("a photo", "dog"), Error);
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
