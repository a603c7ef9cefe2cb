// Codes random masks by every profile, decodes them and compares; prints a digest of all coded
// bytes, which is the same on every platform. Usage: codec_round_trips COUNT [SEED]
#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "random_mask.h"

namespace {

using submask::MaskProfile;

// FNV-1a of 64 bits.
class Digest {
 public:
  void add(const std::vector<uint8_t>& bytes) {
    for (uint64_t size = bytes.size(), i = 0; i < 4; ++i)
      add(static_cast<uint8_t>(size >> (8 * i)));
    for (const uint8_t byte : bytes) add(byte);
  }
  uint64_t value() const { return value_; }

 private:
  void add(uint8_t byte) { value_ = (value_ ^ byte) * 0x100000001B3ULL; }

  uint64_t value_ = 0xCBF29CE484222325ULL;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const uint64_t count = std::strtoull(argv[1], nullptr, 10);
  const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  Digest digest;
  uint64_t weights = 0, coded_bytes = 0;
  for (uint64_t i = 0; i < count; ++i) {
    submask::Random random({seed, i});
    const submask::RandomMask mask = submask::random_mask(random);
    std::vector<uint8_t> decoded(mask.bits.size());
    for (const auto profile : {MaskProfile::plain, MaskProfile::small, MaskProfile::fast}) {
      const auto coded = encode_mask(profile, mask.block(), mask.bits);
      if (!decode_mask(profile, mask.block(), coded, decoded) || decoded != mask.bits) {
        std::printf("seed %" PRIu64 ", mask %" PRIu64 ", profile %d: decoded bits differ\n", seed,
                    i, static_cast<int>(profile));
        return 1;
      }
      digest.add(coded);
      coded_bytes += coded.size();
    }
    weights += mask.weights.size();
  }
  std::printf("%" PRIu64 " masks of seed %" PRIu64 ": %" PRIu64 " weights, %" PRIu64
              " coded bytes, digest %016" PRIx64 "\n",
              count, seed, weights, coded_bytes, digest.value());
  return 0;
}
