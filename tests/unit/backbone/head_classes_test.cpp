#include "backbone/head_classes.h"

#include <gtest/gtest.h>

#include "naming/foreign_networks.h"

namespace submask {
namespace {

using Names = std::vector<std::string>;

TEST(HeadClasses, AreWhatAFileOrItsConfigurationNames) {
  WeightFile own, timm, nested, transformers;
  own.metadata["classes"] = R"(["cat","dog"])";
  timm.config = R"({"label_names": ["cat", "dog"]})";
  nested.config = R"({"pretrained_cfg": {"label_names": ["cat", "dog"]}})";
  transformers.config = R"({"id2label": {"1": "dog", "0": "cat"}})";
  for (const WeightFile* file : {&own, &timm, &nested, &transformers})
    EXPECT_EQ(head_classes(*file, 2), (Names{"cat", "dog"}));
  EXPECT_TRUE(head_classes(own, 3).empty());
}

TEST(HeadClasses, AreNoneWhereNothingNamesThem) {
  for (const char* config :
       {"", "{}", "[", R"({"id2label": {"0": "LABEL_0", "1": "LABEL_1"}})",
        R"({"id2label": {"0": "cat", "2": "dog"}})", R"({"id2label": {"0": "cat", "1": 3}})",
        R"({"id2label": ["cat", "dog"]})", R"({"label_names": "cat"})",
        R"({"label_names": ["cat", 1]})"}) {
    WeightFile file;
    file.config = config;
    EXPECT_TRUE(head_classes(file, 2).empty()) << config;
  }
  EXPECT_TRUE(head_classes(WeightFile(), 0).empty());
}

TEST(ForeignNetwork, IsToldByNamesThatNoOtherHas) {
  EXPECT_EQ(foreign_network({"layers.0.blocks.0.attn.relative_position_bias_table",
                             "layers.0.downsample.reduction.weight"}),
            "names as in Swin Transformers, which no backbone here is");
  EXPECT_EQ(foreign_network({"stages.0.blocks.0.mlp.grn.weight"}),
            "names as in ConvNeXt V2, which no backbone here is");
  EXPECT_EQ(foreign_network({"conv1.weight", "fc.weight"}), "");
}

}  // namespace
}  // namespace submask
