// Static tables for the distances between weights that are off, where each weight is off with the
// same probability p. Such distances have a geometric distribution.
//
// A distance is coded in two parts: distance >> shift by a rANS table of 2^11 slots, and the lowest
// `shift` bits as they are. p comes in steps of half an octave, so that few bits choose a table.
// All arithmetic is in integers.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace submask {

class GapTable {
 public:
  static constexpr int slot_bits = 11;
  static constexpr uint32_t slot_count = 1U << slot_bits;
  // `escape` adds 23 to distance >> shift and is followed by another symbol.
  static constexpr uint32_t symbols = 24, escape = symbols - 1;
  static constexpr uint8_t steps = 31;  // p = 2^(-step / 2)

  // The slots of one symbol: `count` of them, from `first` on.
  struct SlotRange {
    uint16_t count, first;
  };

  static const GapTable& for_step(int step);

  // The step whose p is nearest to off / count by ratio; the last step where `off` is 0.
  static uint8_t nearest_step(uint64_t off, uint64_t count);

  int shift() const { return shift_; }
  uint8_t symbol_at(uint32_t slot) const { return symbols_[slot]; }
  const SlotRange& slots_of(uint32_t symbol) const { return slots_of_[symbol]; }

 private:
  explicit GapTable(int step);
  struct AllSteps;

  int shift_ = 0;
  // These are not interleaved, so that the tables of nine classes fit the first-level cache
  // together.
  std::array<SlotRange, symbols> slots_of_{};  // by symbol
  std::array<uint8_t, slot_count> symbols_;    // by slot
};

}  // namespace submask
