// Vision transformers and CLIP's towers against timm, open_clip and transformers: files in each
// library's layout, features and gradients, by the fixtures of
// tests/reference/make_transformers.py and make_field_networks.py.

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>

#include "backbone/backbone_registry.h"
#include "library_fixtures.h"
#include "seeded_network.h"

namespace submask {
namespace {

// The twin of seeded_tensor() there.
at::Tensor seeded_tensor(const std::string& name, uint64_t index, at::IntArrayRef shape) {
  const at::Tensor noise = seeded_noise(shape, {weight_stream, index});
  const auto uniform = [&](double fan_in) { return std::sqrt(3 / fan_in); };
  at::Tensor values = noise * 0.2;
  if (shape.size() == 3 || name.find("position") != std::string::npos) {
    values = noise;
  } else if (shape.size() == 4) {
    values = noise * uniform(static_cast<double>(shape[1] * shape[2] * shape[3]));
  } else if (shape.size() == 2) {
    values = noise * noise.abs().ge(0.1) * uniform(static_cast<double>(shape[1]));
  } else if (name.ends_with("running_var")) {
    values = noise * 0.3 + 1;
  } else if (name.ends_with("weight") || name.ends_with("gamma") || name.ends_with("lambda1")) {
    values = noise * 0.2 + 1;
  }
  return values.to(at::kFloat);
}

TensorMap seeded_file(const nlohmann::json& fixture) {
  TensorMap tensors;
  uint64_t index = 0;
  for (const auto& [name, shape] : fixture["tensors"].items())  // sorted
    tensors[name] = seeded_tensor(name, index++, shape.get<std::vector<int64_t>>());
  for (const std::string name : fixture["ignored"]) tensors[name] = at::zeros({1});
  return tensors;
}

// The largest difference over the largest value.
double relative_error(const at::Tensor& values, const nlohmann::json& samples, int64_t stride) {
  const at::Tensor flat = values.detach().to(at::kDouble).reshape({-1}).contiguous();
  const double* const data = flat.const_data_ptr<double>();
  double largest = 0, worst = 0;
  int64_t index = 0;
  for (const double expected : samples) {
    worst = std::max(worst, std::abs(data[index] - expected));
    largest = std::max(largest, std::abs(expected));
    index += stride;
  }
  EXPECT_GE(index, flat.numel());
  return worst / largest;
}

// The largest error among mask units.
double gradient_error(const Network& network, const nlohmann::json& expected) {
  TensorMap parameters = network.own_parameters();
  double worst = 0;
  size_t compared = 0;
  for (const MaskUnit& unit : network.mask_units()) {
    const auto samples = expected.find(unit.name);
    if (samples == expected.end()) continue;
    const at::Tensor gradient =
        parameters.at(unit.parameter).grad().slice(0, unit.row_begin, unit.row_end);
    const int64_t stride = std::max<int64_t>(1, gradient.numel() / 16);
    worst = std::max(worst, relative_error(gradient, *samples, stride));
    ++compared;
  }
  EXPECT_EQ(compared, expected.size());
  return worst;
}

at::Tensor forward_without_gradients(Network& network, const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  return network.forward_features(images);
}

class TransformerReference : public testing::TestWithParam<std::string> {};

TEST_P(TransformerReference, FeaturesAndMaskedGradientsAreTheLibrarys) {
  std::ifstream file(std::string(SUBMASK_TEST_DATA "/golden/backbone/") + GetParam() +
                     "_file.json");
  const nlohmann::json fixture = nlohmann::json::parse(file);
  const BackboneEntry& entry = backbone_entry(fixture["backbone"]);
  const auto network = entry.make();
  network->eval();
  const LoadedState loaded = load_tensors(*network, entry.info, seeded_file(fixture), GetParam());
  EXPECT_EQ(loaded.report.layout, fixture["layout"]);
  EXPECT_EQ(loaded.report.ignored.size(), fixture["ignored"].size());
  if (fixture.contains("classes")) {
    EXPECT_EQ(head_size(loaded.head.value()).classes, fixture["classes"]);
  } else {
    EXPECT_FALSE(loaded.head);
  }

  const auto shape = fixture["input_shape"].get<std::vector<int64_t>>();
  const at::Tensor images = seeded_images(shape);
  const at::Tensor features = forward_without_gradients(*network, images);
  ASSERT_EQ(features.sizes(), (std::vector<int64_t>{shape[0], entry.info.feature_width}));
  double worst = 0;
  for (int64_t image = 0; image < shape[0]; ++image) {
    const nlohmann::json& samples = fixture["features"][static_cast<size_t>(image)];
    worst = std::max(worst, relative_error(features[image], samples, fixture["feature_stride"]));
  }
  RecordProperty("feature_error", std::to_string(1e6 * worst) + "e-6");
  EXPECT_LE(worst, 1e-4);
  const nlohmann::json& gradients = fixture["gradients"];
  if (gradients.empty()) return;
  // In float32 an activation may round across ReLU's kink: on some processors it does.
  network->to(at::kDouble);
  network->forward_features(images.to(at::kDouble)).square().mean().backward();
  const double gradients_worst = gradient_error(*network, gradients);
  RecordProperty("gradient_error", std::to_string(1e6 * gradients_worst) + "e-6");
  EXPECT_LE(gradients_worst, 2e-6);  // the fixtures have six digits
}

INSTANTIATE_TEST_SUITE_P(Files, TransformerReference, testing::ValuesIn(library_fixtures()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace submask
