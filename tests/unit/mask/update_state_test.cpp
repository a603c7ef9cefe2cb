#include "mask/update_state.h"

#include <gtest/gtest.h>

#include <torch/types.h>

#include "error_of.h"

namespace submask {
namespace {

TEST(UpdateState, ADecayOfOneIsADecay) {
  UpdateState state({.momentum = 0, .weight_decay = 1}, torch::zeros({1}));
  at::Tensor value = torch::full({1}, 2.0);
  state.apply(value, torch::zeros({1}), 0.5);
  EXPECT_EQ(value.item<double>(), 1.0);
}

TEST(UpdateState, LoadsItsOwnShapeAndTypeAlone) {
  at::Tensor into = torch::zeros({3});
  for (const at::Tensor& other : {torch::zeros({2}), torch::zeros({3}, torch::kDouble)})
    EXPECT_NE(error_of(ErrorKind::corrupt_file,
                       [&] {
                         load_state({{"a", other}}, "a", into);
                       })
                  .find("expected a of Float and shape [3], got "),
              std::string::npos);
  load_state({{"a", torch::ones({3})}}, "a", into);
  EXPECT_TRUE(at::equal(into, torch::ones({3})));
}

TEST(UpdateState, RefusesMomentumAndDecayOutOfRange) {
  const auto refusal_of = [](const UpdateSettings& settings) {
    return error_of(ErrorKind::invalid_argument, [&] { UpdateState(settings, torch::zeros({1})); });
  };
  EXPECT_EQ(refusal_of({.momentum = 1}), "expected a momentum in [0, 1), got 1");
  EXPECT_EQ(refusal_of({.weight_decay = -1}), "expected a weight decay >= 0, got -1");
}

}  // namespace
}  // namespace submask
