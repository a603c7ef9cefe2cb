#include "mask/mask_selection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <submask/error.h>

#include "error_of.h"

namespace submask {
namespace {

TEST(SelectUnits, TakesTheDefaultsPatternsAndStages) {
  const auto backbone = Backbone::create("resnet18", 1);
  EXPECT_EQ(select_units(*backbone, {}).size(),
            26U);  // 17 + 3 convolutions, 3 x 2 of downsample's norms
  MaskSelection selection;
  selection.only = {"layer4.*"};
  selection.exclude = {"*downsample*"};
  EXPECT_EQ(select_units(*backbone, selection).size(), 4U);
  selection = {};
  selection.stages = 1;
  EXPECT_EQ(select_units(*backbone, selection).size(), 5U);
}

TEST(SelectUnits, NamesAPatternThatMatchesNothing) {
  const auto backbone = Backbone::create("resnet20", 1);
  MaskSelection selection;
  selection.only = {"layer9.*"};
  try {
    select_units(*backbone, selection);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_NE(std::string(error.what()).find("layer9.*"), std::string::npos);
  }
  selection = {};
  selection.exclude = {"*"};
  EXPECT_EQ(
      error_of(ErrorKind::invalid_argument, [&] { select_units(*backbone, selection); }),
      "expected at least one mask unit to learn (--mask-only, --mask-exclude, --stages), got none");
  selection = {};
  selection.random_share = 0;
  EXPECT_THAT(error_of(ErrorKind::invalid_argument, [&] { select_units(*backbone, selection); }),
              testing::EndsWith(" in (0, 1], got 0"));
}

TEST(SelectUnits, DepthwiseConvolutionsOnlyWhereNamed) {
  const auto backbone = Backbone::create("tf_efficientnet_lite0", 1);
  for (const MaskUnit& unit : select_units(*backbone, {}))
    EXPECT_NE(unit.kind, "depthwise") << unit.name;
  MaskSelection selection;
  selection.only = {"*conv_dw*"};
  EXPECT_FALSE(select_units(*backbone, selection).empty());
}

}  // namespace
}  // namespace submask
