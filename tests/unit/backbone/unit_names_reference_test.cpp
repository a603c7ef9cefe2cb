// The names of units in files of other libraries, as those libraries wrote them
// (tests/reference/make_transformers.py, make_field_networks.py), are those of the network here: so
// is a task's identity.
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "backbone/backbone_registry.h"
#include "library_fixtures.h"
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

INSTANTIATE_TEST_SUITE_P(Libraries, UnitNamesReference, testing::ValuesIn(library_fixtures()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace submask
