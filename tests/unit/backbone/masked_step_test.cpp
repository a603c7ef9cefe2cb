// The gradient with respect to masked weights, from which a step of mask learning goes on, against
// timm and torchvision: the twin of tests/reference/make_masked_steps.py. In float64: in float32
// one activation that rounds to the other side of a kink moves gradients by up to a hundredth, in
// timm's networks as in these.

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "backbone/network.h"
#include "base/hash.h"
#include "golden_fixture.h"
#include "seeded_network.h"

namespace submask {
namespace {

constexpr uint64_t mask_stream = 3;
constexpr double masked_share = 0.1;
constexpr double tolerance = 1e-7;  // fixtures have nine digits

std::vector<MaskUnit> default_units_by_name(const Backbone& backbone) {
  std::vector<MaskUnit> units = backbone.mask_units();
  std::erase_if(units, [](const MaskUnit& unit) { return !unit.masked_by_default; });
  std::sort(units.begin(), units.end(),
            [](const MaskUnit& a, const MaskUnit& b) { return a.name < b.name; });
  return units;
}

// theta * m / sqrt(mean(m)) for a seeded mask m.
void mask_rows(const at::Tensor& rows, uint64_t index) {
  const at::Tensor noise = seeded_noise(rows.sizes(), {mask_stream, index});  // in [-1, 1)
  const at::Tensor mask = noise.gt(2 * masked_share - 1).to(at::kDouble);
  rows.copy_(rows * mask / mask.mean().sqrt());
}

double relative_error(const at::Tensor& gradient, const nlohmann::json& expected) {
  const auto stride = expected["stride"].get<int64_t>();
  double largest = 0, worst = 0;
  int64_t index = 0;
  for (const double value : expected["values"]) {
    worst = std::max(worst, std::abs(gradient[index].item<double>() - value));
    largest = std::max(largest, std::abs(value));
    index += stride;
  }
  EXPECT_LT(gradient.size(0) - index, stride);
  return worst / largest;
}

class MaskedStep : public testing::TestWithParam<std::string> {};

TEST_P(MaskedStep, HasTheReferencesGradients) {
  const nlohmann::json expected = golden_fixture("masked_step_" + GetParam());
  const auto backbone = Backbone::create(GetParam(), 1);
  load_tensors(network_of(*backbone), backbone->info(), seeded_state(*backbone), "seeded");
  network_of(*backbone).to(at::kDouble);

  const TensorMap parameters = backbone->parameters();
  const std::vector<MaskUnit> units = default_units_by_name(*backbone);
  Sha256 names;
  for (uint64_t i = 0; i < units.size(); ++i) {
    const MaskUnit& unit = units[i];
    names.update(unit.name + "\n");
    mask_rows(parameters.at(unit.parameter).detach().slice(0, unit.row_begin, unit.row_end), i);
  }
  EXPECT_EQ(names.hex(), expected["units_sha256"]);

  const auto shape = expected["input_shape"].get<std::vector<int64_t>>();
  const at::Tensor loss = backbone->features(seeded_images(shape).to(at::kDouble)).square().mean();
  loss.backward();
  EXPECT_NEAR(loss.item<double>() / expected["loss"].get<double>(), 1, tolerance);
  for (const MaskUnit& unit : units) {
    if (!expected["gradients"].contains(unit.name)) continue;
    const at::Tensor gradient = parameters.at(unit.parameter).grad();
    const at::Tensor rows = gradient.slice(0, unit.row_begin, unit.row_end).flatten();
    EXPECT_LE(relative_error(rows, expected["gradients"][unit.name]), tolerance) << unit.name;
  }
}

INSTANTIATE_TEST_SUITE_P(All, MaskedStep,
                         testing::Values("resnet18", "resnet18d", "tf_efficientnet_lite1",
                                         "mobilenetv3_small_100", "convnext_tiny"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace submask
