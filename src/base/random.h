// A counter-based random generator, which gives the same numbers for a key on every machine.
//
// The stream of Random({seed, epoch, sample}) does not depend on the thread, on what was drawn
// elsewhere, or on where a run was resumed. Each draw is splitmix64's finaliser (Steele, Lea
// and Flood 2014) of key + counter * golden ratio. tests/reference/counter_random.py is its twin in
// Python.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace submask {

uint64_t mix64(uint64_t value);

class Random {
 public:
  explicit Random(std::initializer_list<uint64_t> key);

  uint64_t next();
  double uniform();                // [0, 1), 53 bits
  uint64_t below(uint64_t bound);  // [0, bound), bound > 0, without modulo bias
  double normal();                 // mean 0, standard deviation 1 (Box-Muller, two draws each)
  std::vector<int64_t> permutation(int64_t count);  // of 0 ... count-1 (Fisher-Yates)

 private:
  uint64_t key_ = 0;
  uint64_t counter_ = 0;
};

// Names for the second part of a key, so that streams of one seed never coincide.
enum class Stream : uint64_t {
  order = 1,
  augment,
  labels,
  split,
  score,
  weights,
  head,
  select,
  validation,
  sample
};

inline Random random_stream(uint64_t seed, Stream stream, uint64_t a = 0, uint64_t b = 0) {
  return Random({seed, static_cast<uint64_t>(stream), a, b});
}

}  // namespace submask
