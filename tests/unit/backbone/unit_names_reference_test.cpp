// The names of units in files of other libraries, as those libraries wrote them
// (tests/reference/make_transformers.py, make_field_networks.py), are those of the network here: so
// is a task's identity.
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "backbone/backbone_registry.h"
#include "naming/unit_names.h"

namespace submask {
namespace {

// In the order of the file.
std::vector<NamedShape> tensors_of(const nlohmann::ordered_json& fixture) {
  std::vector<NamedShape> tensors;
  for (const auto& [name, shape] : fixture["tensors"].items())
    tensors.push_back({name, shape.get<std::vector<int64_t>>()});
  return tensors;
}

class UnitNamesReference : public testing::TestWithParam<std::string> {};

TEST_P(UnitNamesReference, AreThoseOfTheNetwork) {
  std::ifstream file(SUBMASK_TEST_DATA "/golden/backbone/" + GetParam() + "_file.json");
  const auto fixture = nlohmann::ordered_json::parse(file);
  const UnitNames names = unit_names(tensors_of(fixture));
  EXPECT_EQ(names.layout, fixture["layout"]);
  const std::vector<MaskUnit> units = backbone_mask_units(fixture["backbone"]);
  ASSERT_EQ(names.units.size(), units.size());
  for (size_t i = 0; i < units.size(); ++i) {
    const MaskUnit& found = names.units[i].unit;
    EXPECT_EQ(found.name, units[i].name);
    EXPECT_EQ(found.kind, units[i].kind) << found.name;
    EXPECT_EQ(found.masked_by_default, units[i].masked_by_default) << found.name;
    EXPECT_EQ(found.row_end - found.row_begin, units[i].row_end - units[i].row_begin) << found.name;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Libraries, UnitNamesReference,
    testing::Values("timm_vit", "timm_dinov2", "mae_mean", "mocov3", "transformers_vit",
                    "transformers_dinov2", "transformers_clip", "open_clip_vit", "open_clip_gelu",
                    "open_clip_resnet", "torchvision_vit", "torchvision_mobilenet_small",
                    "torchvision_mobilenet_large", "torchvision_convnext", "transformers_resnet18",
                    "transformers_resnet50", "transformers_dinov2_registers", "transformers_deit",
                    "timm_registers", "timm_deit", "solo_learn", "lightly_resnet18",
                    "lightly_resnet50"),
    [](const auto& info) { return info.param; });

}  // namespace
}  // namespace submask
