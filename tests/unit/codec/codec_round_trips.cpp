// Codes random masks by every profile, decodes them and compares; prints a digest of all coded
// bytes, which is the same on every platform. Usage: codec_round_trips COUNT [SEED]
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "coded_digest.h"
#include "random_mask.h"

using submask::MaskProfile;

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const uint64_t count = std::strtoull(argv[1], nullptr, 10);
  const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 0;
  submask::CodedDigest digest;
  uint64_t weights = 0, coded_bytes = 0;
  for (uint64_t i = 0; i < count; ++i) {
    submask::Random random({seed, i});
    submask::RandomMask mask = submask::random_mask(random);
    if (i % 2 == 1) mask = with_empty_places(random, std::move(mask));
    std::vector<uint8_t> decoded(mask.bits.size());
    for (const auto profile : submask::all_profiles) {
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
