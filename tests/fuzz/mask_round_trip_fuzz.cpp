// Any mask over any weights comes back from every profile.
#include <cstdlib>

#include "mask_input.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using submask::MaskProfile;
  const submask::MaskInput input({data, size});
  std::vector<uint8_t> bits(input.packed_bytes(), 0xFF);  // all on but what the bytes switch off
  for (size_t i = 0; i < std::min(bits.size(), input.rest().size()); ++i)
    bits[i] = static_cast<uint8_t>(bits[i] ^ input.rest()[i]);
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
