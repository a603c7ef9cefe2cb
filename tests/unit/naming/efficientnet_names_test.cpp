#include "naming/efficientnet_names.h"

#include <array>
#include <gtest/gtest.h>

namespace submask {
namespace {

constexpr std::array<int64_t, 7> blocks{1, 2, 2, 3, 3, 4, 1};

// The name that the layout gives, or the one it was where no rule matches.
std::string renamed(const std::string& name) {
  for (const NameRule& rule : efficientnet_pytorch_layout(blocks).rules)
    if (const auto own = submask::apply_rule(rule, name)) return *own;
  return name;
}

TEST(EfficientNetNames, BecomeTimms) {
  EXPECT_EQ(renamed("_conv_stem.weight"), "conv_stem.weight");
  EXPECT_EQ(renamed("_bn0.running_var"), "bn1.running_var");
  EXPECT_EQ(renamed("_bn1.bias"), "bn2.bias");
  EXPECT_EQ(renamed("_fc.weight"), "classifier.weight");
  EXPECT_EQ(renamed("_blocks.0._depthwise_conv.weight"), "blocks.0.0.conv_dw.weight");
  EXPECT_EQ(renamed("_blocks.0._bn1.weight"), "blocks.0.0.bn1.weight");
  EXPECT_EQ(renamed("_blocks.0._project_conv.weight"), "blocks.0.0.conv_pw.weight");
  EXPECT_EQ(renamed("_blocks.2._expand_conv.weight"), "blocks.1.1.conv_pw.weight");
  EXPECT_EQ(renamed("_blocks.3._bn1.weight"), "blocks.2.0.bn2.weight");
  EXPECT_EQ(renamed("_blocks.15._project_conv.weight"), "blocks.6.0.conv_pwl.weight");
}

TEST(EfficientNetNames, LeaveAllOthersAlone) {
  for (const std::string name :
       {"", "conv_stem.weight", "_blocks.", "_blocks.16._bn1.weight", "_blocks.-1._bn1.weight",
        "_blocks.99999999999999999999._bn1.weight", "_blocks.3", "_blocks.3.", "_blocks.3.x",
        "_blocks.0._expand_conv.weight", "_blocks.3_bn1.weight"}) {
    EXPECT_EQ(renamed(name), name);
  }
}

}  // namespace
}  // namespace submask
