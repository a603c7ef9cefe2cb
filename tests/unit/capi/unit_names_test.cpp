// Names of units by the C interface; tests/unit/naming has the libraries.
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
