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

  // Of a symbol, among the table's places.
  struct Places {
    uint16_t count, first;
  };

  static const GapTable& of(int step);

  // The step whose p is nearest to off / count by ratio; the last where none is off.
  static uint8_t nearest_step(uint64_t off, uint64_t count);

  int shift() const { return shift_; }
  uint8_t symbol_at(uint32_t place) const { return symbols_[place]; }
  const Places& places_of(uint32_t symbol) const { return places_of_[symbol]; }

 private:
  explicit GapTable(int step);
  struct All;

  int shift_ = 0;
  // Apart from the symbols: nine classes' tables fit a first cache together.
  std::array<Places, symbols> places_of_{};
  std::array<uint8_t, places> symbols_;
};

}  // namespace submask
