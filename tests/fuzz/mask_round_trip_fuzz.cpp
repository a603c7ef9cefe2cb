// Any mask over any weights comes back from every profile.
#include <cstdlib>

#include "mask_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using submask::MaskProfile;
  const submask::MaskInput input({data, size});
  std::vector<uint8_t> bits(input.packed_bytes(), 0xFF);  // all on but what the bytes switch off
  const auto rest = input.rest();
  for (size_t i = 1; i < std::min(bits.size() + 1, rest.size()); ++i)
    bits[i - 1] = static_cast<uint8_t>(bits[i - 1] ^ rest[i]);
  // The first byte: on again at some places of the kernel.
  for (size_t i = 0; i < input.count(); ++i)
    if (!rest.empty() &&
        (rest[0] >> (i % static_cast<size_t>(input.block().shape.kernel) % 8) & 1) != 0)
      bits[i / 8] |= static_cast<uint8_t>(1 << i % 8);
  if (input.count() % 8 != 0)
    bits.back() = static_cast<uint8_t>(bits.back() & ((1 << input.count() % 8) - 1));
  for (const auto profile : {MaskProfile::plain, MaskProfile::small, MaskProfile::fast}) {
    const std::vector<uint8_t> coded = encode_mask(profile, input.block(), bits);
    if (profile == MaskProfile::fast && coded.size() > bits.size() + 1) std::abort();
    std::vector<uint8_t> decoded(bits.size(), 0xA5);
    if (!decode_mask(profile, input.block(), coded, decoded) || decoded != bits) std::abort();
  }
  return 0;
}
