// Names of units by the C interface; tests/unit/naming has the libraries.
#include <map>

#include "small_task.h"

namespace {

TEST(CUnitNames, FindsAFusedQkvBelowAPrefix) {
  const int64_t patch[] = {12, 3, 4, 4}, qkv[] = {36, 12}, bias[] = {36};
  const submask_tensor tensors[] = {{"module.patch_embed.proj.weight", 4, patch},
                                    {"module.blocks.0.attn.qkv.weight", 2, qkv},
                                    {"module.blocks.0.attn.qkv.bias", 1, bias}};
  submask_unit_names* names = nullptr;
  EXPECT_OK(submask_unit_names_find(tensors, 3, &names));
  EXPECT_STREQ(names->layout, "its own names");
  EXPECT_STREQ(names->prefix, "module.");
  ASSERT_EQ(names->count, 7U);
  EXPECT_STREQ(names->units[0].kind, "patch");
  EXPECT_EQ(names->units[0].masked_by_default, 0);
  EXPECT_STREQ(names->units[2].name, "blocks.0.attn.k.weight");
  EXPECT_STREQ(names->units[2].kind, "k");
  EXPECT_EQ(names->units[2].tensor, 1U);
  EXPECT_EQ(names->units[2].row_begin, 12);
  EXPECT_EQ(names->units[2].row_end, 24);
  EXPECT_EQ(names->units[2].masked_by_default, 1);
  EXPECT_STREQ(names->units[6].name, "blocks.0.attn.v.bias");
  submask_unit_names_free(names);
}

TEST(CUnitNames, StatisticsHaveTheNetworksNames) {
  const int64_t convolution[] = {4, 3, 3, 3}, channels[] = {4};
  const std::string block = "encoder.stages.0.layers.0.layer.0.";
  const std::string weight = block + "convolution.weight",
                    mean = block + "normalization.running_mean";
  const submask_tensor tensors[] = {{"embedder.embedder.convolution.weight", 4, convolution},
                                    {"embedder.embedder.normalization.running_mean", 1, channels},
                                    {"embedder.embedder.normalization.running_var", 1, channels},
                                    {weight.c_str(), 4, convolution},
                                    {mean.c_str(), 1, channels}};
  submask_unit_names* names = nullptr;
  EXPECT_OK(submask_unit_names_find(tensors, 5, &names));
  EXPECT_STREQ(names->layout, "transformers");
  std::map<std::string, size_t> found;
  for (size_t i = 0; i < names->statistic_count; ++i)
    found[names->statistics[i].name] = names->statistics[i].tensor;
  const std::map<std::string, size_t> expected{
      {"bn1.running_mean", 1}, {"bn1.running_var", 2}, {"layer1.0.bn1.running_mean", 4}};
  EXPECT_EQ(found, expected);
  submask_unit_names_free(names);
}

// SHA-256 of "a\0" "2,1\0" and 1.0, 2.0 as float32, by hand.
TEST(CUnitNames, IdentityIsTheDocumentedHash) {
  const int64_t shape[] = {2, 1};
  const float values[] = {1, 2};
  const submask_array unit{"a", 2, shape, values};
  char hex[65];
  EXPECT_OK(submask_weights_identity(&unit, 1, hex));
  EXPECT_STREQ(hex, "bf103e8efe679a3c952fc18621124530be07aae7a5fe00dfbcb718eead6da591");
}

}  // namespace
