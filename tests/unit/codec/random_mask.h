// Random masks to code: shapes, sizes of weights and densities of all kinds, the same on every
// platform.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "codec/mask_codec.h"
#include "codec/packed_bits.h"

namespace submask {

constexpr MaskProfile all_profiles[] = {MaskProfile::plain, MaskProfile::small, MaskProfile::fast};

struct RandomMask {
  MaskShape shape;
  std::vector<float> weights;
  std::vector<uint8_t> bits, parent;  // packed; no parent: empty
  uint32_t off_share = 0;

  MaskBlock block() const { return {shape, weights, parent, off_share}; }
};

enum class MaskShapeKind {
  single,
  vector,
  matrix,
  pointwise,
  square3,
  square7,
  depthwise,
  line,
  kinds
};
enum class WeightKind { normal, equal, zero, any_bits, sparse, kinds };

// Of some `outputs` and `inputs` at most.
MaskShape random_shape(Random& random, MaskShapeKind kind, int64_t outputs, int64_t inputs);

std::vector<float> random_weights(Random& random, WeightKind kind, size_t count);

// Each bit off with probability `density`, or (`by_size`) in proportion to the weight's size.
std::vector<uint8_t> random_bits(Random& random, const std::vector<float>& weights, double density,
                                 bool by_size);

// All of it drawn.
RandomMask random_mask(Random& random);

// With all on at places of the kernel that are drawn, three of four, as where maps are smaller than
// the kernel.
RandomMask with_empty_places(Random& random, RandomMask mask);

}  // namespace submask
