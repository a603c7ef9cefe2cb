// Any bytes as a coded mask over any weights, by both profiles.
#include <cstdlib>

#include "allocation_limit.h"
#include "mask_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::MaskInput input({data, size});
  // On the heap, of exact size: the address sanitizer sees a step outside.
  const std::vector<uint8_t> coded(input.rest().begin(), input.rest().end());
  std::vector<uint8_t> bits(input.packed_bytes(), 0xA5);
  {
    // The model's tables, and positions or signs of the weights.
    const submask::AllocationLimit limit((size_t{1} << 20) + 64 * input.count());
    if (!decode_mask(input.profile(), input.block(), coded, bits)) return 0;
  }
  if (input.count() % 8 != 0 && bits.back() >> (input.count() % 8) != 0) std::abort();
  // What was accepted is a mask, and coded again gives the same.
  const auto again = encode_mask(input.profile(), input.block(), bits);
  std::vector<uint8_t> decoded(bits.size());
  if (!decode_mask(input.profile(), input.block(), again, decoded) || decoded != bits) std::abort();
  return 0;
}
