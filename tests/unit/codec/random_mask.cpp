#include "random_mask.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace submask {
namespace {

int64_t some(Random& random, int64_t most) {
  return 1 + static_cast<int64_t>(random.below(static_cast<uint64_t>(most)));
}

// Near enough: a sum of eight uniform numbers, without a function that libraries round differently.
float bell(Random& random) {
  int32_t sum = 0;
  for (const uint64_t drawn : {random.next(), random.next()})
    for (int shift = 0; shift < 64; shift += 16)
      sum += static_cast<int32_t>(drawn >> shift & 65535) - 32768;
  return static_cast<float>(sum) * 0x1.0p-20F;
}

void set(std::vector<uint8_t>& bits, size_t i, bool on) {
  if (on) bits[i / 8] = static_cast<uint8_t>(bits[i / 8] | 1 << i % 8);
}

// Bits of a task near another one's: most of them the same.
std::vector<uint8_t> relative_of(Random& random, const std::vector<uint8_t>& bits, size_t count) {
  std::vector<uint8_t> relative(bits.size());
  for (size_t i = 0; i < count; ++i)
    set(relative, i, ((bits[i / 8] >> (i % 8) & 1) != 0) != (random.below(8) == 0));
  return relative;
}

}  // namespace

MaskShape random_shape(Random& random, MaskShapeKind kind, int64_t outputs, int64_t inputs) {
  const int64_t o = some(random, outputs), i = some(random, inputs);
  switch (kind) {
    case MaskShapeKind::single:
      return {};
    case MaskShapeKind::vector:
      return {.outputs = o * i};
    case MaskShapeKind::matrix:
    case MaskShapeKind::pointwise:
      return {.outputs = o, .inputs = i};
    case MaskShapeKind::square3:
      return {.outputs = o, .inputs = i, .kernel = 9, .kernel_width = 3};
    case MaskShapeKind::square7:
      return {.outputs = o, .inputs = 3, .kernel = 49, .kernel_width = 7};
    case MaskShapeKind::depthwise:
      return {.outputs = o, .kernel = 25, .kernel_width = 5};
    default:
      return {.outputs = o, .inputs = i, .kernel = 6, .kernel_width = 6};
  }
}

std::vector<float> random_weights(Random& random, WeightKind kind, size_t count) {
  std::vector<float> weights(count);
  const float common = bell(random);
  for (float& weight : weights) switch (kind) {
      case WeightKind::equal:
        weight = common;
        break;
      case WeightKind::zero:
        weight = random.below(2) == 0 ? 0.0F : -0.0F;
        break;
      case WeightKind::any_bits:  // NaN and infinities among them
        weight = std::bit_cast<float>(static_cast<uint32_t>(random.next()));
        break;
      case WeightKind::sparse:
        weight = random.below(4) == 0 ? bell(random) : 0.0F;
        break;
      default:
        weight = bell(random);
    }
  return weights;
}

std::vector<uint8_t> random_bits(Random& random, const std::vector<float>& weights, double density,
                                 bool by_size) {
  std::vector<uint8_t> bits((weights.size() + 7) / 8);
  for (size_t i = 0; i < weights.size(); ++i) {
    const double size = std::min(16.0, 8.0 * std::fabs(static_cast<double>(weights[i])));
    set(bits, i, !(random.uniform() < (by_size ? density * size : density)));
  }
  return bits;
}

RandomMask random_mask(Random& random) {
  RandomMask drawn;
  const auto shape = random.below(static_cast<uint64_t>(MaskShapeKind::kinds));
  const int64_t most = random.below(50) == 0 ? 40 : 8;
  drawn.shape = random_shape(random, static_cast<MaskShapeKind>(shape), most, most);
  const auto count = static_cast<size_t>(drawn.shape.count());
  const auto weights = random.below(2 * static_cast<uint64_t>(WeightKind::kinds));
  drawn.weights =
      random_weights(random, static_cast<WeightKind>(weights), count);  // half are normal
  const double u = random.uniform();
  const uint64_t extreme = random.below(16);
  const double density = extreme == 0 ? 0 : extreme == 1 ? 1 : u * u * u;
  drawn.bits = random_bits(random, drawn.weights, density, random.below(2) == 0);
  if (random.below(3) == 0) drawn.parent = relative_of(random, drawn.bits, count);
  drawn.off_share = off_share(count_on(drawn.bits), std::ssize(drawn.weights));
  return drawn;
}

RandomMask with_empty_places(Random& random, RandomMask mask) {
  const auto kernel = static_cast<size_t>(mask.shape.kernel);
  std::vector<bool> empty;
  for (size_t place = 0; place < kernel; ++place) empty.push_back(random.below(4) != 0);
  for (size_t i = 0; i < mask.weights.size(); ++i)
    if (empty[i % kernel]) set(mask.bits, i, true);
  mask.off_share = off_share(count_on(mask.bits), std::ssize(mask.weights));
  return mask;
}

}  // namespace submask
