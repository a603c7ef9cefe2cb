// Distances between weights that are off, as a stream of rANS-coded symbols with their low bits
// beside them (layout: gap_coder.h, from the state on).
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/gap_table.h"
#include "codec/low_bits.h"

namespace submask {

constexpr uint32_t gap_lowest_state = 1U << 16;

// Takes distances in the order of decoding. rANS encodes backwards, so symbols are kept until
// finish().
class GapWriter {
 public:
  void put(const GapTable& table, uint32_t gap) {
    symbols_.push_back({&table, put_escapes(table, gap >> table.shift())});
    low_bits_.put(gap & ((1U << table.shift()) - 1), table.shift());
  }

  // Codes the end of a class that still has `left` weights, all on: (left >> shift) + 1 leads past
  // them, so no low bits follow.
  void put_end(const GapTable& table, uint32_t left) {
    const uint32_t rest = put_escapes(table, (left >> table.shift()) + 1);
    if (rest > 0) symbols_.push_back({&table, rest});  // else the escapes lead past the end already
  }

  // Appends the state, the low bits and the words to `bytes`.
  void finish(std::vector<uint8_t>& bytes) {
    std::vector<uint8_t> words;
    uint32_t state = gap_lowest_state;
    for (size_t i = symbols_.size(); i-- > 0;) push(symbols_[i], state, words);
    for (int shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<uint8_t>(state >> shift));
    const std::vector<uint8_t> low = low_bits_.finish();
    bytes.insert(bytes.end(), low.begin(), low.end());
    bytes.insert(bytes.end(), words.begin(), words.end());
  }

 private:
  struct Symbol {
    const GapTable* table;
    uint32_t symbol;
  };

  uint32_t put_escapes(const GapTable& table, uint32_t high) {
    for (; high >= GapTable::escape; high -= GapTable::escape)
      symbols_.push_back({&table, GapTable::escape});
    return high;
  }

  static void push(Symbol coded, uint32_t& state, std::vector<uint8_t>& words) {
    const auto [count, first] = coded.table->slots_of(coded.symbol);
    if (state >= static_cast<uint64_t>(count) << (32 - GapTable::slot_bits)) {
      words.push_back(static_cast<uint8_t>(state));
      words.push_back(static_cast<uint8_t>(state >> 8));
      state >>= 16;
    }
    state = (state / count << GapTable::slot_bits) + state % count + first;
    assert(state >= gap_lowest_state);
  }

  std::vector<Symbol> symbols_;
  LowBitsWriter low_bits_;
};

// A read past the end of a stream gives zeros, and is_exact() is then false.
class GapReader {
 public:
  // `coded` begins with the 4 bytes of the state.
  explicit GapReader(std::span<const uint8_t> coded)
      : rest_(coded.subspan(4)), words_end_(rest_.size()), low_bits_(rest_) {
    for (size_t i = 0; i < 4; ++i) state_ |= static_cast<uint32_t>(coded[i]) << (8 * i);
  }

  // The number of weights before the next one that is off. `left` is the number of weights that the
  // class still has; `left` or more is returned where none of these is off.
  uint32_t next(const GapTable& table, uint32_t left) {
    const uint32_t past = left >> table.shift();
    uint32_t high = 0, symbol = 0;
    do {
      symbol = next_symbol(table);
      high += symbol;
    } while (symbol == GapTable::escape && high <= past);
    if (high > past) {
      exact_ &= high == past + 1;
      return left;
    }
    const uint32_t gap = (high << table.shift()) + low_bits_.next(table.shift());
    exact_ &= gap < left;
    return gap;
  }

  // Whether an encoder can have written these bytes: all are read, and the state is back at the one
  // that an encoder starts from.
  bool is_exact() const {
    return exact_ && state_ == gap_lowest_state && low_bits_.bytes_read() == words_end_ &&
           low_bits_.padded_by_zeros();
  }

 private:
  uint32_t next_symbol(const GapTable& table) {
    const uint32_t slot = state_ & (GapTable::slot_count - 1);
    const uint32_t symbol = table.symbol_at(slot);
    const auto [count, first] = table.slots_of(symbol);
    state_ = count * (state_ >> GapTable::slot_bits) + slot - first;
    if (state_ < gap_lowest_state) state_ = state_ << 16 | next_word();
    return symbol;
  }

  uint32_t next_word() {
    if (words_end_ < 2) {
      exact_ = false;
      return 0;
    }
    words_end_ -= 2;
    return rest_[words_end_] | static_cast<uint32_t>(rest_[words_end_ + 1]) << 8;
  }

  std::span<const uint8_t> rest_;
  size_t words_end_;  // words before this byte of rest_ are still to be read
  LowBitsReader low_bits_;
  uint32_t state_ = 0;
  bool exact_ = true;
};

}  // namespace submask
