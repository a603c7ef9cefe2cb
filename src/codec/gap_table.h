// Static tables for the distances between weights that are off, where each is off with the same
// probability p: distances then fall off geometrically.
//
// A distance is coded as distance >> shift, by a rANS table of 2^11 places, and `shift` bits as
// they are; p comes in steps of half an octave, so that few bits tell a table. Integers throughout.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace submask {

class GapTable {
 public:
  static constexpr int place_bits = 11;
  static constexpr uint32_t places = 1U << place_bits;
  static constexpr uint32_t symbols = 24, escape = symbols - 1;  // escape: 23 and more to come
  static constexpr uint8_t steps = 31;                           // p = 2^(-step / 2)

  struct Place {
    uint16_t frequency, offset;  // of the symbol; of the place among the symbol's
    uint8_t symbol;
  };

  static const GapTable& of(int step);

  // The step whose p is nearest to off / count by ratio; the last where none is off.
  static uint8_t nearest_step(uint64_t off, uint64_t count);

  int shift() const { return shift_; }
  const Place& at(uint32_t place) const { return places_[place]; }
  uint32_t frequency(uint32_t symbol) const { return frequency_[symbol]; }
  uint32_t begin(uint32_t symbol) const { return begin_[symbol]; }

 private:
  explicit GapTable(int step);
  struct All;

  int shift_ = 0;
  std::array<uint16_t, symbols> frequency_{}, begin_{};
  std::array<Place, places> places_;
};

}  // namespace submask
