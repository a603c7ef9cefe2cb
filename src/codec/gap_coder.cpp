#include "codec/gap_coder.h"

#include <algorithm>
#include <array>
#include <utility>

#include "codec/gap_table.h"
#include "codec/low_bits.h"
#include "codec/magnitude_classes.h"
#include "codec/packed_bits.h"

namespace submask {
namespace {

constexpr uint32_t lowest_state = 1U << 16;
constexpr int step_bits = 5;
constexpr uint8_t packed = GapTable::steps;  // in place of a step

using Steps = std::array<uint8_t, MagnitudeClasses::most>;

bool is_on(std::span<const uint8_t> bits, size_t i) { return (bits[i / 8] >> (i % 8) & 1) != 0; }

size_t step_bytes(size_t classes) { return (classes * step_bits + 7) / 8; }

Steps steps_of(const MagnitudeClasses& classes, ClassLists& lists, std::span<const uint8_t> bits) {
  std::array<uint64_t, MagnitudeClasses::most> off{}, count{};
  for (size_t first = 0; first < classes.weights(); first += ClassLists::chunk) {
    lists.sort(first);
    for (size_t c = 0; c < classes.count(); ++c) {
      count[c] += lists.of_class(c).size();
      for (const uint16_t position : lists.of_class(c))
        off[c] += is_on(bits, first + position) ? 0U : 1U;
    }
  }
  Steps steps{};
  for (size_t c = 0; c < classes.count(); ++c) steps[c] = GapTable::nearest_step(off[c], count[c]);
  return steps;
}

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
    uint32_t state = lowest_state;
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
    const uint32_t frequency = coded.table->frequency(coded.symbol);
    if (state >= static_cast<uint64_t>(frequency) << (32 - GapTable::place_bits)) {
      words.push_back(static_cast<uint8_t>(state));
      words.push_back(static_cast<uint8_t>(state >> 8));
      state >>= 16;
    }
    state = (state / frequency << GapTable::place_bits) + state % frequency +
            coded.table->begin(coded.symbol);
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
    return exact_ && state_ == lowest_state && low_bits_.bytes_read() == words_end_ &&
           low_bits_.padded_by_zeros();
  }

 private:
  uint32_t next_symbol(const GapTable& table) {
    const GapTable::Place& place = table.at(state_ & (GapTable::places - 1));
    state_ = place.frequency * (state_ >> GapTable::place_bits) + place.offset;
    if (state_ < lowest_state) state_ = state_ << 16 | next_word();
    return place.symbol;
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

// Whether any weight of these is off.
bool switch_off(GapReader& shared, const GapTable& table, std::span<const uint16_t> positions,
                uint8_t* bits) {
  GapReader reader = shared;  // a local one stays in registers while bits are written
  const auto count = static_cast<uint32_t>(positions.size());
  bool any = false;
  for (uint32_t i = 0; (i += reader.next(table, count - i)) < count; ++i) {
    bits[positions[i] / 8] &= static_cast<uint8_t>(~(1U << positions[i] % 8));
    any = true;
  }
  shared = reader;
  return any;
}

// False where a step is none, or padding is not zero.
bool read_steps(std::span<const uint8_t> coded, size_t classes, Steps& steps) {
  LowBitsReader reader(coded);
  for (size_t c = 0; c < classes; ++c) {
    steps[c] = static_cast<uint8_t>(reader.next(step_bits));
    if (steps[c] >= GapTable::steps) return false;
  }
  return reader.padded_by_zeros();
}

}  // namespace

std::vector<uint8_t> encode_gaps(std::span<const float> weights, std::span<const uint8_t> parent,
                                 std::span<const uint8_t> bits) {
  const MagnitudeClasses classes(weights, parent);
  ClassLists lists(classes);
  const Steps steps = steps_of(classes, lists, bits);
  GapWriter writer;
  bool all_on = true;
  for (size_t first = 0; first < weights.size(); first += ClassLists::chunk) {
    lists.sort(first);
    for (size_t c = 0; c < classes.count(); ++c) {
      if (lists.of_class(c).empty()) continue;
      const GapTable& table = GapTable::of(steps[c]);
      uint32_t gap = 0;
      for (const uint16_t position : lists.of_class(c)) {
        if (is_on(bits, first + position)) {
          ++gap;
        } else {
          writer.put(table, std::exchange(gap, 0));
          all_on = false;
        }
      }
      writer.put_end(table, gap);
    }
  }
  if (all_on) return {};
  LowBitsWriter step_writer;
  for (size_t c = 0; c < classes.count(); ++c) step_writer.put(steps[c], step_bits);
  std::vector<uint8_t> bytes = step_writer.finish();
  writer.finish(bytes);
  if (bytes.size() <= bits.size()) return bytes;
  bytes.assign(1, packed);
  bytes.insert(bytes.end(), bits.begin(), bits.end());
  return bytes;
}

bool decode_gaps(std::span<const uint8_t> coded, std::span<const float> weights,
                 std::span<const uint8_t> parent, std::span<uint8_t> bits) {
  if (!coded.empty() && coded[0] == packed)
    return copy_packed_bits(coded.subspan(1), weights.size(), bits);
  std::fill(bits.begin(), bits.end(), uint8_t{255});
  bits.back() = last_byte(weights.size());
  if (coded.empty()) return true;

  const MagnitudeClasses classes(weights, parent);
  const size_t header = step_bytes(classes.count());
  Steps steps{};
  if (coded.size() < header + 4 || !read_steps(coded.first(header), classes.count(), steps))
    return false;
  GapReader reader(coded.subspan(header));
  ClassLists lists(classes);
  std::array<bool, MagnitudeClasses::most> any_off{};
  for (size_t first = 0; first < weights.size(); first += ClassLists::chunk) {
    lists.sort(first);
    for (size_t c = 0; c < classes.count(); ++c) {
      const auto positions = lists.of_class(c);
      if (!positions.empty() &&
          switch_off(reader, GapTable::of(steps[c]), positions, bits.data() + first / 8))
        any_off[c] = true;
    }
  }
  bool exact = reader.is_exact();
  for (size_t c = 0; c < classes.count(); ++c)  // where none is off, the step is the last
    exact = exact && (any_off[c] || steps[c] == GapTable::steps - 1);
  return exact;
}

}  // namespace submask
