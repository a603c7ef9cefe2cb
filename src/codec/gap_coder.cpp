#include "codec/gap_coder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <memory>
#include <numeric>
#include <utility>

#include "codec/bit_map.h"
#include "codec/gap_stream.h"
#include "codec/packed_bits.h"
#include "codec/weight_classes.h"

namespace submask {
namespace {

constexpr int step_bits = 5, group_bits = 2;
// First bytes of the forms that do not begin with a step; no step is 31.
constexpr uint8_t packed = GapTable::steps, grouped = packed | 1 << step_bits;

// From this step on (at most one weight in 16 is off) many words have no weight that is off.
constexpr uint8_t few_off_step = 8;

using Steps = std::array<uint8_t, WeightClasses::most_classes>;

// A map of the members in one word of the chunk from weight `first` on that are off.
uint64_t off_members(const WeightClasses::Members& members, std::span<const uint8_t> bits,
                     size_t first, size_t word) {
  return members.map[word] & ~load_map(bits.subspan(first / 8 + word * 8));
}

Steps choose_steps(WeightClasses& classes, std::span<const uint8_t> bits) {
  std::array<uint64_t, WeightClasses::most_classes> off{}, count{};
  for (size_t first = 0; first < classes.weights(); first += WeightClasses::chunk) {
    classes.find(first);
    for (size_t c = 0; c < classes.count(); ++c) {
      const auto members = classes.members(c);
      count[c] += members.count;
      for (size_t word = 0; word < members.map.size(); ++word)
        off[c] += count_bits(off_members(members, bits, first, word));
    }
  }
  Steps steps{};
  for (size_t c = 0; c < classes.count(); ++c) steps[c] = GapTable::nearest_step(off[c], count[c]);
  return steps;
}

// Sets the bits of those members of a chunk that are off, and returns whether any is. Skips the
// members between them one by one or by whole words, which is fast where few are off.
bool find_few_off(GapReader& shared, const GapTable& table, const WeightClasses::Members& members,
                  std::span<uint64_t> off) {
  GapReader reader = shared;  // a local copy stays in registers while words are written
  uint32_t left = members.count, gap = reader.next(table, left);
  const bool any = gap < left;
  for (size_t word = 0; gap < left; ++word) {
    uint64_t map = members.map[word];
    uint32_t in_word = members.counts[word];
    left -= in_word;
    while (gap < in_word) {
      for (in_word -= gap + 1; gap > 0; --gap) map = without_lowest(map);
      off[word] |= lowest_bit(map);
      map = without_lowest(map);
      gap = reader.next(table, left + in_word);
    }
    gap -= in_word;
  }
  shared = reader;
  return any;
}

// Does the same with a list of all members, which is fast where most words have a member that is
// off.
class MemberList {
 public:
  explicit MemberList(size_t words)
      : positions_(std::make_unique_for_overwrite<uint16_t[]>(words * map_weights + at_once)) {}

  bool find_off(GapReader& shared, const GapTable& table, const WeightClasses::Members& members,
                std::span<uint64_t> off) {
    list(members);
    GapReader reader = shared;
    bool any = false;
    for (uint32_t i = 0; (i += reader.next(table, members.count - i)) < members.count; ++i) {
      off[positions_[i] / map_weights] |= uint64_t{1} << positions_[i] % map_weights;
      any = true;
    }
    shared = reader;
    return any;
  }

 private:
  static constexpr int at_once = 8;

  // Writes eight positions at once, even where a word has fewer members; those of the next word are
  // written over the excess.
  void list(const WeightClasses::Members& members) {
    uint16_t* begin = positions_.get();
    for (size_t word = 0; word < members.map.size(); ++word) {
      uint16_t* const end = begin + members.counts[word];
      uint64_t map = members.map[word];
      for (uint16_t* next = begin; next < end;)
        for (int i = 0; i < at_once; ++i, map = without_lowest(map))
          *next++ = static_cast<uint16_t>(word * map_weights + lowest_index(map));
      begin = end;
    }
  }

  // The index of the lowest set bit; any index for an empty map.
  static size_t lowest_index(uint64_t map) {
    return static_cast<size_t>(std::countr_zero(map | uint64_t{1} << (map_weights - 1)));
  }

  std::unique_ptr<uint16_t[]> positions_;
};

// Clears the bits of the weights that are off.
void switch_off(std::span<const uint64_t> off, std::span<uint8_t> bits) {
  for (size_t word = 0; word < off.size(); ++word) {
    if (off[word] == 0) continue;
    assert(word * 8 < bits.size());  // no weight behind the last one is off
    const auto rest = bits.subspan(word * 8);
    store_map(load_map(rest) & ~off[word], rest);
  }
}

void append(std::span<const uint8_t> more, std::vector<uint8_t>& bytes) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}

// Reads `numbers` from the front of `coded` and removes their bytes there. False where a number is
// above `largest`, padding is not zero, or `coded` is too short.
bool read_numbers(std::span<const uint8_t>& coded, int bits, uint32_t largest,
                  std::span<uint8_t> numbers) {
  const size_t bytes = (numbers.size() * static_cast<size_t>(bits) + 7) / 8;
  if (coded.size() < bytes) return false;
  LowBitsReader reader(coded.first(bytes));
  coded = coded.subspan(bytes);
  for (uint8_t& number : numbers) {
    const uint32_t value = reader.next(bits);
    if (value > largest) return false;
    number = static_cast<uint8_t>(value);
  }
  return reader.padded_by_zeros();
}

void append_numbers(std::span<const uint8_t> numbers, int bits, std::vector<uint8_t>& bytes) {
  LowBitsWriter writer;
  for (const uint8_t number : numbers) writer.put(number, bits);
  append(writer.finish(), bytes);
}

bool all_are(uint8_t group, const PositionGroups& groups) {
  return std::ranges::all_of(groups, [group](uint8_t each) { return each == group; });
}

// Group 2 has the positions where more weights are off than on average, where the average is over
// the positions with any weight off. Empty where all positions are in group 1.
PositionGroups group_positions(size_t positions, size_t weights, std::span<const uint8_t> bits) {
  std::vector<uint64_t> off(positions);
  for (size_t first = 0; first < weights; first += map_weights) {
    for (uint64_t map = ~load_map(bits.subspan(first / 8)) & first_bits(weights - first); map != 0;
         map = without_lowest(map))
      ++off[(first + static_cast<size_t>(std::countr_zero(map))) % positions];
  }
  const auto live = positions - static_cast<size_t>(std::ranges::count(off, uint64_t{0}));
  const uint64_t total = std::accumulate(off.begin(), off.end(), uint64_t{0});
  PositionGroups groups;
  for (const uint64_t count : off) groups.push_back(count == 0 ? 0 : count * live > total ? 2 : 1);
  return all_are(1, groups) ? PositionGroups() : groups;
}

// Codes a mask that is not all on.
std::vector<uint8_t> encode_with_groups(const PositionGroups& groups, const MaskBlock& block,
                                        std::span<const uint8_t> bits) {
  WeightClasses classes(block.weights, block.parent, groups);
  const Steps steps = choose_steps(classes, bits);
  GapWriter writer;
  for (size_t first = 0; first < classes.weights(); first += WeightClasses::chunk) {
    if (classes.weights() > WeightClasses::chunk)
      classes.find(first);  // else choose_steps() found it
    for (size_t c = 0; c < classes.count(); ++c) {
      const auto members = classes.members(c);
      if (members.count == 0) continue;
      const GapTable& table = GapTable::for_step(steps[c]);
      uint32_t gap = 0;
      for (size_t word = 0; word < members.map.size(); ++word) {
        uint32_t passed = 0;  // members of the word up to the last one that was off
        for (uint64_t off = off_members(members, bits, first, word); off != 0;
             off = without_lowest(off)) {
          const uint32_t before = count_bits(members.map[word] & (lowest_bit(off) - 1));
          writer.put(table, std::exchange(gap, 0) + before - passed);
          passed = before + 1;
        }
        gap += members.counts[word] - passed;
      }
      writer.put_end(table, gap);
    }
  }
  std::vector<uint8_t> bytes;
  if (!groups.empty()) bytes.push_back(grouped);
  append_numbers(groups, group_bits, bytes);
  append_numbers(std::span(steps).first(classes.count()), step_bits, bytes);
  writer.finish(bytes);
  return bytes;
}

}  // namespace

std::vector<uint8_t> encode_gaps(const MaskBlock& block, std::span<const uint8_t> bits) {
  const size_t weights = block.weights.size();
  assert(weights > 0 && bits.size() == (weights + 7) / 8);
  const auto kernel = static_cast<size_t>(block.shape.kernel);
  const PositionGroups groups = group_positions(kernel, weights, bits);
  if (!groups.empty() && all_are(0, groups)) return {};
  std::vector<uint8_t> bytes = encode_with_groups({}, block, bits);
  if (!groups.empty())
    if (auto shorter = encode_with_groups(groups, block, bits); shorter.size() < bytes.size())
      bytes = std::move(shorter);
  if (bytes.size() <= bits.size()) return bytes;
  bytes.assign(1, packed);
  append(bits, bytes);
  return bytes;
}

bool decode_gaps(std::span<const uint8_t> coded, const MaskBlock& block, std::span<uint8_t> bits) {
  const size_t weights = block.weights.size();
  assert(weights > 0 && bits.size() == (weights + 7) / 8);
  if (!coded.empty() && coded[0] == packed)
    return copy_packed_bits(coded.subspan(1), weights, bits);
  std::fill(bits.begin(), bits.end(), uint8_t{255});
  bits.back() = last_byte(weights);
  if (coded.empty()) return true;

  PositionGroups groups;
  if (coded[0] == grouped) {
    coded = coded.subspan(1);
    groups.resize(static_cast<size_t>(block.shape.kernel));
    if (!read_numbers(coded, group_bits, 2, groups) || all_are(0, groups)) return false;
  }
  WeightClasses classes(block.weights, block.parent, groups);
  Steps steps{};
  if (!read_numbers(coded, step_bits, GapTable::steps - 1,
                    std::span(steps).first(classes.count())) ||
      coded.size() < 4)
    return false;
  GapReader reader(coded);
  MemberList list(classes.words());
  std::vector<uint64_t> off(classes.words());
  std::array<bool, WeightClasses::most_classes> any_off{};
  for (size_t first = 0; first < weights; first += WeightClasses::chunk) {
    classes.find(first);
    std::ranges::fill(off, 0);
    for (size_t c = 0; c < classes.count(); ++c) {
      const auto members = classes.members(c);
      if (members.count == 0) continue;
      const GapTable& table = GapTable::for_step(steps[c]);
      any_off[c] |= steps[c] < few_off_step ? list.find_off(reader, table, members, off)
                                            : find_few_off(reader, table, members, off);
    }
    switch_off(off, bits.subspan(first / 8));
  }
  bool exact = reader.is_exact();
  // An encoder gives a class without any weight off the last step.
  for (size_t c = 0; c < classes.count(); ++c)
    exact = exact && (any_off[c] || steps[c] == GapTable::steps - 1);
  return exact;
}

}  // namespace submask
