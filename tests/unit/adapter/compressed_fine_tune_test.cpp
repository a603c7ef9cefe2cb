#include <cmath>
#include <gtest/gtest.h>

#include "base/fail.h"
#include "mask/criterion.h"
#include "mask/straight_through.h"
#include "two_layers.h"

namespace submask {
namespace {

std::unique_ptr<AdapterOptimizer> make(const std::string& kind, const TwoLayers& problem,
                                       const UpdateSettings& update = momentum_and_decay()) {
  if (kind == "sparse") return make_sparse(problem.rows(), {.changed_share = 0.25}, update);
  return make_bitdelta(problem.rows(), update);
}

class CompressedFineTuneTest : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Adapter, CompressedFineTuneTest, testing::Values("sparse", "bitdelta"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(CompressedFineTuneTest, LearnsAllWeightsInTheFirstHalf) {
  const TwoLayers problem, plain_problem;
  const auto adapter = make(GetParam(), problem);
  DenseOptimizer plain(plain_problem.weights, momentum_and_decay());
  for (int epoch = 0; epoch < 3; ++epoch) {
    adapter->start_epoch(epoch, 5);
    EXPECT_FALSE(adapter->has_its_form());
    problem.step(*adapter);
    plain_problem.step(plain);
    for (size_t i = 0; i < 2; ++i)
      EXPECT_TRUE(at::equal(problem.weights[i], plain_problem.weights[i]));
  }
  adapter->start_epoch(3, 5);
  EXPECT_TRUE(adapter->has_its_form());
  EXPECT_FALSE(at::equal(problem.weights[0], plain_problem.weights[0]));
}

TEST_P(CompressedFineTuneTest, GoesOnFromACheckpointOfEitherHalf) {
  for (const int saved_epoch : {1, 3}) {
    const TwoLayers problem, other;
    const auto adapter = make(GetParam(), problem), resumed = make(GetParam(), other);
    for (int epoch = 0; epoch < 4; ++epoch) {
      adapter->start_epoch(epoch, 4);
      if (epoch == saved_epoch) {
        TensorMap state;
        adapter->save("x.", state);
        for (auto& [name, tensor] : state) tensor = tensor.clone();
        resumed->load("x.", state);
      }
      if (epoch >= saved_epoch) {
        resumed->start_epoch(epoch, 4);
        other.step(*resumed);
      }
      problem.step(*adapter);
    }
    for (size_t i = 0; i < 2; ++i) EXPECT_TRUE(at::equal(problem.weights[i], other.weights[i]));
  }
}

TEST(Sparse, KeepsTheLargestChangesAndLearnsThemAlone) {
  const TwoLayers problem;
  const auto adapter = make("sparse", problem);
  for (int step = 0; step < 5; ++step) problem.step(*adapter);
  std::vector<at::Tensor> dense;
  std::vector<double> changes;
  for (size_t i = 0; i < 2; ++i) {
    dense.push_back((problem.weights[i] - problem.theta[i]).detach().abs());
    for (const double change : std::vector<double>(dense[i].data_ptr<double>(),
                                                   dense[i].data_ptr<double>() + dense[i].numel()))
      changes.push_back(change);
  }
  std::sort(changes.begin(), changes.end(), std::greater<>());
  const int64_t kept = std::llround(0.25 * static_cast<double>(changes.size()));
  const double least = changes[static_cast<size_t>(kept - 1)];

  adapter->start_epoch(1, 2);
  for (int step = 0; step < 5; ++step) problem.step(*adapter);
  const AdapterContent content = adapter->content();
  int64_t changed = 0, values = 0;
  for (size_t i = 0; i < 2; ++i) {
    const at::Tensor differs = problem.weights[i] != problem.theta[i];
    EXPECT_TRUE(at::equal(differs, dense[i] >= least));
    EXPECT_TRUE(at::equal(differs, unpack_mask(content.bits[i]).logical_not()));
    changed += differs.sum().item<int64_t>();
    values += content.values.at(text("unit", i)).numel();
  }
  EXPECT_EQ(changed, kept);
  EXPECT_EQ(values, kept);
}

// The gradient of a row's scale by autograd is the sum over the row; the adapter takes the mean.
TEST(BitDelta, EqualsAutogradOfTheScales) {
  const TwoLayers problem;
  UpdateSettings update;
  update.momentum = 0.9;
  const auto adapter = make("bitdelta", problem, update);
  for (int step = 0; step < 5; ++step) problem.step(*adapter);
  std::vector<at::Tensor> signs, scales;
  for (size_t i = 0; i < 2; ++i) {
    const at::Tensor change = (problem.weights[i] - problem.theta[i]).detach();
    signs.push_back(at::where(change >= 0, 1.0, -1.0));
    scales.push_back(change.abs().mean(1, true).requires_grad_(true));
  }
  adapter->start_epoch(1, 2);
  std::vector<PlainSgd> plain(2, {update.momentum, 0, false, {}});
  for (int step = 0; step < 10; ++step) {
    problem.step(*adapter);
    std::vector<at::Tensor> w;
    for (size_t i = 0; i < 2; ++i) w.push_back(problem.theta[i] + signs[i] * scales[i]);
    problem.loss(w).backward();
    for (size_t i = 0; i < 2; ++i) {
      plain[i].step(scales[i], 0.1 / static_cast<double>(signs[i].size(1)));
      const at::Tensor expected = problem.theta[i] + signs[i] * scales[i];
      ASSERT_LE((problem.weights[i] - expected).abs().max().item<double>(), 1e-12) << step;
    }
  }
}

}  // namespace
}  // namespace submask
