#include "codec/gap_coder.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

#include "codec/gap_table.h"
#include "codec/low_bits.h"
#include "codec/packed_bits.h"
#include "codec/weight_classes.h"

namespace submask {
namespace {

constexpr uint32_t lowest_state = 1U << 16;
constexpr int step_bits = 5, group_bits = 2;
constexpr uint8_t packed = GapTable::steps, by_place = packed | 1 << step_bits;  // no step is 31

using Steps = std::array<uint8_t, WeightClasses::most>;

bool is_on(std::span<const uint8_t> bits, size_t i) { return (bits[i / 8] >> (i % 8) & 1) != 0; }

Steps steps_of(const WeightClasses& classes, ClassLists& lists, std::span<const uint8_t> bits) {
  std::array<uint64_t, WeightClasses::most> off{}, count{};
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

void append(std::span<const uint8_t> more, std::vector<uint8_t>& bytes) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

// Fills `numbers` and cuts them off `coded`. False where one is above `most`, padding is not zero,
// or `coded` too short.
bool read_numbers(std::span<const uint8_t>& coded, int bits, uint32_t most,
                  std::span<uint8_t> numbers) {
  const size_t bytes = (numbers.size() * static_cast<size_t>(bits) + 7) / 8;
  if (coded.size() < bytes) return false;
  LowBitsReader reader(coded.first(bytes));
  coded = coded.subspan(bytes);
  for (uint8_t& number : numbers) {
    const uint32_t value = reader.next(bits);
    if (value > most) return false;
    number = static_cast<uint8_t>(value);
  }
  return reader.padded_by_zeros();
}

void append_numbers(std::span<const uint8_t> numbers, int bits, std::vector<uint8_t>& bytes) {
  LowBitsWriter writer;
  for (const uint8_t number : numbers) writer.put(number, bits);
  append(writer.finish(), bytes);
}

bool all_are(uint8_t group, const PlaceGroups& groups) {
  return std::ranges::all_of(groups, [group](uint8_t each) { return each == group; });
}

// Places where a weight is off more often than at the mean of those where any is are group 2. Empty
// where there are no such differences.
PlaceGroups place_groups(size_t places, size_t weights, std::span<const uint8_t> bits) {
  std::vector<uint64_t> off(places);
  for (size_t i = 0, place = 0; i < weights; ++i, place = place + 1 < places ? place + 1 : 0)
    off[place] += is_on(bits, i) ? 0U : 1U;
  const auto live = places - static_cast<size_t>(std::ranges::count(off, uint64_t{0}));
  const uint64_t total = std::accumulate(off.begin(), off.end(), uint64_t{0});
  PlaceGroups groups;
  for (const uint64_t count : off) groups.push_back(count == 0 ? 0 : count * live > total ? 2 : 1);
  return all_are(1, groups) ? PlaceGroups() : groups;
}

// Of a mask that is not all on.
std::vector<uint8_t> encode_by(const PlaceGroups& groups, const MaskBlock& block,
                               std::span<const uint8_t> bits) {
  const WeightClasses classes(block.weights, block.parent, groups);
  ClassLists lists(classes);
  const Steps steps = steps_of(classes, lists, bits);
  GapWriter writer;
  for (size_t first = 0; first < classes.weights(); first += ClassLists::chunk) {
    lists.sort(first);
    for (size_t c = 0; c < classes.count(); ++c) {
      if (lists.of_class(c).empty()) continue;
      const GapTable& table = GapTable::of(steps[c]);
      uint32_t gap = 0;
      for (const uint16_t position : lists.of_class(c)) {
        if (is_on(bits, first + position))
          ++gap;
        else
          writer.put(table, std::exchange(gap, 0));
      }
      writer.put_end(table, gap);
    }
  }
  std::vector<uint8_t> bytes;
  if (!groups.empty()) bytes.push_back(by_place);
  append_numbers(groups, group_bits, bytes);
  append_numbers(std::span(steps).first(classes.count()), step_bits, bytes);
  writer.finish(bytes);
  return bytes;
}

}  // namespace

std::vector<uint8_t> encode_gaps(const MaskBlock& block, std::span<const uint8_t> bits) {
  const size_t weights = block.weights.size();
  const auto kernel = static_cast<size_t>(block.shape.kernel);
  const PlaceGroups groups = place_groups(kernel, weights, bits);
  if (!groups.empty() && all_are(0, groups)) return {};
  std::vector<uint8_t> bytes = encode_by({}, block, bits);
  if (!groups.empty())
    if (auto by_groups = encode_by(groups, block, bits); by_groups.size() < bytes.size())
      bytes = std::move(by_groups);
  if (bytes.size() <= bits.size()) return bytes;
  bytes.assign(1, packed);
  append(bits, bytes);
  return bytes;
}

bool decode_gaps(std::span<const uint8_t> coded, const MaskBlock& block, std::span<uint8_t> bits) {
  const size_t weights = block.weights.size();
  if (!coded.empty() && coded[0] == packed)
    return copy_packed_bits(coded.subspan(1), weights, bits);
  std::fill(bits.begin(), bits.end(), uint8_t{255});
  bits.back() = last_byte(weights);
  if (coded.empty()) return true;

  PlaceGroups groups;
  if (coded[0] == by_place) {
    coded = coded.subspan(1);
    groups.resize(static_cast<size_t>(block.shape.kernel));
    if (!read_numbers(coded, group_bits, 2, groups) || all_are(0, groups)) return false;
  }
  const WeightClasses classes(block.weights, block.parent, groups);
  Steps steps{};
  if (!read_numbers(coded, step_bits, GapTable::steps - 1,
                    std::span(steps).first(classes.count())) ||
      coded.size() < 4)
    return false;
  GapReader reader(coded);
  ClassLists lists(classes);
  std::array<bool, WeightClasses::most> any_off{};
  for (size_t first = 0; first < weights; first += ClassLists::chunk) {
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
