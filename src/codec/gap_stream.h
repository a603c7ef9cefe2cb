// Distances between weights that are off, as a stream of rANS-coded symbols with their low bits
// beside them (layout: gap_coder.h, from the state on).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/gap_table.h"
#include "codec/low_bits.h"

namespace submask {

constexpr uint32_t gap_lowest_state = 1U << 16;

// Symbols in the order of decoding, which is the reverse of rANS's encoding.
class GapWriter {
 public:
  void put(const GapTable& table, uint32_t gap) {
    symbols_.push_back({&table, put_escapes(table, gap >> table.shift())});
    low_bits_.put(gap & ((1U << table.shift()) - 1), table.shift());
  }

  // Past the `left` weights that a class still has: the first distance that needs no low bits.
  void put_end(const GapTable& table, uint32_t left) {
    const uint32_t rest = put_escapes(table, (left >> table.shift()) + 1);
    if (rest > 0) symbols_.push_back({&table, rest});  // otherwise the escapes lead past
  }

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
    const auto [count, first] = coded.table->places_of(coded.symbol);
    if (state >= static_cast<uint64_t>(count) << (32 - GapTable::place_bits)) {
      words.push_back(static_cast<uint8_t>(state));
      words.push_back(static_cast<uint8_t>(state >> 8));
      state >>= 16;
    }
    state = (state / count << GapTable::place_bits) + state % count + first;
  }

  std::vector<Symbol> symbols_;
  LowBitsWriter low_bits_;
};

// Reads past either stream's end give zeros and are found out at the end.
class GapReader {
 public:
  // `coded`: from the state on, at least its 4 bytes.
  explicit GapReader(std::span<const uint8_t> coded)
      : rest_(coded.subspan(4)), words_end_(rest_.size()), low_bits_(rest_) {
    for (size_t i = 0; i < 4; ++i) state_ |= static_cast<uint32_t>(coded[i]) << (8 * i);
  }

  // The distance to the next weight that is off; `left` or more where none of so many is.
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

  // Whether these are the bytes of an encoder: all read, back to the state it starts from.
  bool is_exact() const {
    return exact_ && state_ == gap_lowest_state && low_bits_.bytes_read() == words_end_ &&
           low_bits_.padded_by_zeros();
  }

 private:
  uint32_t next_symbol(const GapTable& table) {
    const uint32_t place = state_ & (GapTable::places - 1);
    const uint32_t symbol = table.symbol_at(place);
    const auto [count, first] = table.places_of(symbol);
    state_ = count * (state_ >> GapTable::place_bits) + place - first;
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
  size_t words_end_;
  LowBitsReader low_bits_;
  uint32_t state_ = 0;
  bool exact_ = true;
};

}  // namespace submask
