#include <gtest/gtest.h>

#include <torch/types.h>
#include <torch/utils.h>

#include <submask/error.h>
#include <submask/loader.h>

#include "error_of.h"

namespace submask {
namespace {

TEST(Normalise, EqualsTheFormulaOfPlainOperations) {
  torch::manual_seed(3);
  const Preprocessing preprocessing;
  const at::Tensor images = torch::randint(0, 256, {5, 3, 7, 9}, at::kByte);
  const at::Tensor mean = torch::tensor({0.485, 0.456, 0.406}, at::kFloat).view({1, 3, 1, 1});
  const at::Tensor std = torch::tensor({0.229, 0.224, 0.225}, at::kFloat).view({1, 3, 1, 1});
  const at::Tensor result = normalise(images, preprocessing);
  EXPECT_TRUE(torch::equal(result, (images.to(at::kFloat) / 255 - mean) / std));
  EXPECT_TRUE(result.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(
      torch::equal(normalise(images.transpose(2, 3), preprocessing), result.transpose(2, 3)));
}

TEST(Normalise, TakesAnEmptyBatchAndRefusesOtherShapes) {
  EXPECT_EQ(normalise(torch::empty({0, 3, 4, 4}, at::kByte), {}).size(0), 0);
  const auto refused = [](const at::Tensor& images) {
    return error_of(ErrorKind::invalid_argument, [&] { normalise(images, {}); });
  };
  EXPECT_EQ(refused(torch::empty({2, 1, 4, 4}, at::kByte)),
            "expected uint8 images of shape [N, 3, H, W], got Byte of shape [2, 1, 4, 4]");
  EXPECT_EQ(refused(torch::empty({2, 3, 4, 4})),
            "expected uint8 images of shape [N, 3, H, W], got Float of shape [2, 3, 4, 4]");
}

}  // namespace
}  // namespace submask
