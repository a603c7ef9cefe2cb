#include "base/hash.h"

#include <gtest/gtest.h>

namespace submask {
namespace {

TEST(Hash, KnownValues) {
  EXPECT_EQ(sha256_hex(as_bytes("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  XxHash64 empty;
  EXPECT_EQ(empty.hex(), "ef46db3751d8e999");
  XxHash64 pieces;
  pieces.update("a");
  pieces.update("bc");
  EXPECT_EQ(pieces.hex(), "44bc2cf5ad770999");
}

}  // namespace
}  // namespace submask
