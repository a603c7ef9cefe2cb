#include "backbone/zero_shot.h"

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

TEST(Head, CosineDoesNotSeeALength) {
  const TensorMap head{{"cosine", at::tensor({2.0F, 0.0F, 0.0F, 4.0F}).reshape({2, 2})}};
  const at::Tensor features = at::tensor({3.0F, 4.0F, 6.0F, 8.0F}).reshape({2, 2});
  const at::Tensor expected = at::tensor({1.2F, 3.2F}).expand({2, 2});
  EXPECT_TRUE(at::allclose(head_logits(head, features), expected));
  EXPECT_THROW(head_logits(head, at::zeros({2, 3})), Error);
  EXPECT_THROW(head_matrix({{"weight", at::zeros({2, 2})}}), Error);
  EXPECT_THROW(head_matrix({}), Error);
}

}  // namespace
}  // namespace submask
