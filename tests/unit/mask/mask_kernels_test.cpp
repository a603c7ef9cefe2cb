#include "kernels/mask_kernels.h"

#include <algorithm>
#include <bit>
#include <gtest/gtest.h>
#include <limits>
#include <random>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "mask/aten_parallel.h"

namespace submask {
namespace {

constexpr std::array<int64_t, 8> awkward_sizes = {1, 7, 8, 15, 16383, 16384, 16385, 100003};

TEST(MaskKernels, DotEqualsAten) {
  at::manual_seed(1);
  for (const int64_t count : awkward_sizes) {
    const at::Tensor a = at::randn({count}), b = at::randn({count});
    EXPECT_NEAR(kernels::dot(aten_parallel(), a.data_ptr<float>(), b.data_ptr<float>(), count),
                (a.to(at::kDouble) * b.to(at::kDouble)).sum().item<double>(), 1e-3)
        << count;
  }
}

TEST(MaskKernels, UpdateScoresEqualsAten) {
  at::manual_seed(2);
  for (const int64_t count : awkward_sizes) {
    for (const bool nesterov : {false, true}) {
      const at::Tensor theta = at::randn({count}), g = at::randn({count});
      at::Tensor score = at::randn({count}), velocity = at::randn({count});
      const UpdateSettings update{.momentum = 0.9, .nesterov = nesterov, .weight_decay = 0.02};
      const kernels::ScoreStep step{1.25F, 0.01F, 0.05F, 0.1F, update};
      const at::Tensor d = 1.25F * theta * g - 0.01F + 0.02F * score;
      const at::Tensor v = 0.9F * velocity + d;
      const at::Tensor expected = score - 0.1F * (nesterov ? d + 0.9F * v : v);
      at::Tensor on = at::zeros({count}, at::kByte);
      const int64_t total = kernels::update_scores(
          aten_parallel(), step, theta.data_ptr<float>(), g.data_ptr<float>(),
          score.data_ptr<float>(), velocity.data_ptr<float>(), on.data_ptr<uint8_t>(), count);
      EXPECT_TRUE(at::allclose(score, expected, 1e-5, 1e-6)) << count;
      EXPECT_TRUE(at::allclose(velocity, v, 1e-5, 1e-6)) << count;
      EXPECT_TRUE(at::equal(on.to(at::kBool), score > 0.05F)) << count;
      EXPECT_EQ(total, on.sum().item<int64_t>()) << count;
    }
  }
}

TEST(MaskKernels, InfiniteScoresStayOn) {
  at::Tensor score = at::full({100}, std::numeric_limits<float>::infinity());
  at::Tensor velocity = at::zeros({100}), on = at::zeros({100}, at::kByte);
  const at::Tensor theta = at::ones({100}), g = at::full({100}, 1e6F);
  const UpdateSettings update{.momentum = 0.9, .nesterov = true, .weight_decay = 0.1};
  const kernels::ScoreStep step{1, 0, 0, 50, update};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(kernels::update_scores(aten_parallel(), step, theta.data_ptr<float>(),
                                     g.data_ptr<float>(), score.data_ptr<float>(),
                                     velocity.data_ptr<float>(), on.data_ptr<uint8_t>(), 100),
              100);
}

TEST(MaskKernels, PackedAndUnpackedMaterialiseAlike) {
  at::manual_seed(4);
  for (const int64_t count : awkward_sizes) {
    const at::Tensor theta = at::randn({count}), on = (at::rand({count}) < 0.7).to(at::kByte);
    std::vector<uint8_t> bits(static_cast<size_t>((count + 7) / 8), 0);
    for (int64_t i = 0; i < count; ++i)
      bits[i / 8] |= static_cast<uint8_t>(on[i].item<int64_t>() << (i % 8));
    for (const float off : {0.0F, -1.5F}) {
      at::Tensor a = at::empty({count}), b = at::empty({count});
      kernels::materialise(aten_parallel(), 1.5F, off, theta.data_ptr<float>(),
                           on.data_ptr<uint8_t>(), a.data_ptr<float>(), count);
      kernels::materialise_packed(aten_parallel(), 1.5F, off, theta.data_ptr<float>(), bits.data(),
                                  b.data_ptr<float>(), count);
      EXPECT_TRUE(at::equal(a, at::where(on.to(at::kBool), 1.5F * theta, off * theta))) << count;
      EXPECT_TRUE(at::equal(a, b)) << count;
    }
    if (count > 20000) break;  // bit by bit through item() is slow
  }
}

// Bit patterns of all kinds of float32: infinities, NaNs, both zeros, denormals, the rest random.
std::vector<float> all_kinds_of_floats(size_t count) {
  std::vector<float> values = {std::numeric_limits<float>::infinity(),
                               -std::numeric_limits<float>::infinity(),
                               std::numeric_limits<float>::quiet_NaN(),
                               0.0F,
                               -0.0F,
                               std::numeric_limits<float>::denorm_min(),
                               std::bit_cast<float>(0x7FA12345U),
                               std::bit_cast<float>(0x807FFFFFU)};
  std::mt19937 random(6);
  while (values.size() < count)
    values.push_back(std::bit_cast<float>(static_cast<uint32_t>(random())));
  values.resize(count);
  std::ranges::shuffle(values, random);
  return values;
}

TEST(MaskKernels, PackedBitsGiveTheProductOfEachWeightToTheBit) {
  const std::vector<float> theta = all_kinds_of_floats(300001);
  std::mt19937 random(7);
  std::vector<uint8_t> bits(theta.size() / 8 + 1);
  for (uint8_t& byte : bits) byte = static_cast<uint8_t>(random());
  for (const int64_t count : {1, 7, 8, 9, 1023, 1024, 1025, 16383, 16391, 39990, 262149, 299990}) {
    for (const int64_t start : {0, 1, 4, 11}) {
      for (const float off : {0.0F, -1.5F}) {
        std::vector<float> weight(static_cast<size_t>(count + start) + 1, 42.0F);
        kernels::materialise_packed(aten_parallel(), 1.5F, off, &theta[start], bits.data(),
                                    &weight[start], count);
        for (int64_t i = 0; i < count; ++i) {
          const float expected = (bits[i / 8] >> (i % 8) & 1 ? 1.5F : off) * theta[start + i];
          ASSERT_EQ(std::bit_cast<uint32_t>(weight[start + i]), std::bit_cast<uint32_t>(expected))
              << "weight " << i << " of " << count << " from " << start;
        }
        EXPECT_EQ(weight.back(), 42.0F) << "written past the end";
      }
    }
  }
}

TEST(MaskKernels, ResultsDoNotDependOnTheThreadCount) {
  at::manual_seed(5);
  const at::Tensor a = at::randn({1000003}), b = at::randn({1000003});
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const double one =
      kernels::dot(aten_parallel(), a.data_ptr<float>(), b.data_ptr<float>(), a.numel());
  at::set_num_threads(2);
  const double two =
      kernels::dot(aten_parallel(), a.data_ptr<float>(), b.data_ptr<float>(), a.numel());
  at::set_num_threads(before);
  EXPECT_EQ(one, two);
}

}  // namespace
}  // namespace submask
