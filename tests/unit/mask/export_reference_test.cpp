// A task applied and exported by submask against the same task computed for timm's resnet18
// (tests/reference/make_masked_logits.py).
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>

#include <submask/task_file.h>

#include "backbone/seeded_network.h"
#include "scratch_folder.h"

namespace submask {
namespace {

constexpr uint64_t mask_stream = 3, head_stream = 4;
constexpr int64_t classes = 5;

at::Tensor seeded_uniform(at::IntArrayRef shape, std::initializer_list<uint64_t> key) {
  return (seeded_noise(shape, key) + 1) / 2;
}

// Masks a fifth of every unit and sets a head; seeds count units by sorted name.
Task seeded_task(const Backbone& backbone) {
  Task task;
  task.backbone = backbone.info().name;
  task.weights_identity = backbone.identity();
  std::map<std::string, uint64_t> index;
  for (const MaskUnit& unit : backbone.mask_units()) index[unit.name] = 0;
  uint64_t next = 0;
  for (auto& [name, number] : index) number = next++;
  for (const MaskUnit& unit : backbone.mask_units()) {
    const at::Tensor draw = seeded_uniform(backbone.theta().at(unit.parameter).sizes(),
                                           {mask_stream, index[unit.name]});
    task.units.push_back(pack_mask(unit.name, draw < 0.8));
  }
  task.head = LinearHead{(seeded_noise({classes, 512}, {head_stream, 0}) * 0.1).to(at::kFloat),
                         seeded_uniform({classes}, {head_stream, 1}).to(at::kFloat)};
  task.classes.assign(classes, "class");
  return task;
}

TEST(ExportStateDict, LoadsInTimmAndGivesItsLogits) {
  std::ifstream stream(SUBMASK_TEST_DATA "/golden/mask/resnet18_logits.json");
  const auto fixture = nlohmann::json::parse(stream);

  const auto random = Backbone::create("resnet18", 0);
  const std::string path = (scratch_folder() / "backbone.safetensors").string();
  write_safetensors(path, seeded_state(*random), {});
  const auto backbone = Backbone::load("resnet18", path);
  const TensorMap state = export_state_dict(seeded_task(*backbone), *backbone);

  // What load_state_dict(strict=True) asks for: the same names, the same shapes.
  ASSERT_EQ(state.size(), fixture["state_dict"].size());
  for (const auto& [name, shape] : fixture["state_dict"].items())
    EXPECT_EQ(state.at(name).sizes().vec(), shape.get<std::vector<int64_t>>()) << name;

  // The exported file as a backbone of its own.
  const std::string exported = (scratch_folder() / "exported.safetensors").string();
  write_safetensors(exported, state, {});
  const auto adapted = Backbone::load("resnet18", exported);
  const at::NoGradGuard no_grad;
  const at::Tensor features =
      adapted->features(seeded_images(fixture["input_shape"].get<std::vector<int64_t>>()));
  const at::Tensor logits = head_logits(adapted->head().value(), features);
  for (int64_t row = 0; row < logits.size(0); ++row) {
    for (int64_t c = 0; c < classes; ++c) {
      const double expected = fixture["logits"][row][c];
      EXPECT_NEAR(logits[row][c].item<double>(), expected, 1e-4 * 38);  // relative to the largest
    }
  }
}

}  // namespace
}  // namespace submask
