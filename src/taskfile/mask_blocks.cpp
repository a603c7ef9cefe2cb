#include "taskfile/mask_blocks.h"

#include <algorithm>
#include <atomic>
#include <map>

#include "base/ceil_div.h"
#include "base/fail.h"
#include "base/hash.h"
#include "codec/mask_codec.h"
#include "codec/packed_bits.h"

namespace submask {
namespace {

using Bits = std::span<const uint8_t>;

// One block of one unit: where it lies, and what its coder knows of it.
struct UnitBlock {
  size_t unit;  // index in the list of units
  MaskBlock description;
  size_t first_byte, bytes;  // of the unit's packed bits
};

template <typename Unit>
void check_weights(const Unit& unit, std::span<const float> weights) {
  if (std::ssize(weights) != unit.count())
    fail_argument(text(unit.count(), " weights of ", unit.name), weights.size());
}

// Cuts a unit into blocks and describes each by what both the writer and the reader know. Unit is
// UnitMask or PackedMask; `weights` and `parent` may be empty.
template <typename Unit>
void add_blocks(size_t index, const Unit& unit, std::span<const float> weights, Bits parent,
                std::vector<UnitBlock>& blocks) {
  const MaskShape whole = mask_shape(unit.shape);
  const int64_t count = whole.count(), output_weights = whole.inputs * whole.kernel,
                block_outputs = outputs_per_block(whole);
  if (!parent.empty() && parent.size() != packed_bytes(count))
    fail_argument(text(packed_bytes(count), " bytes of the parent's ", unit.name), parent.size());
  for (int64_t output = 0; output < whole.outputs; output += block_outputs) {
    UnitBlock block{index, {whole, {}, {}, 0}, 0, 0};
    block.description.shape.outputs = std::min(block_outputs, whole.outputs - output);
    const auto first = static_cast<size_t>(output * output_weights);
    const auto size = static_cast<size_t>(block.description.shape.count());
    block.first_byte = first / 8;
    block.bytes = packed_bytes(block.description.shape.count());
    if (!weights.empty()) block.description.weights = weights.subspan(first, size);
    if (!parent.empty()) block.description.parent = parent.subspan(block.first_byte, block.bytes);
    block.description.off_share = off_share(unit.on, count);
    blocks.push_back(block);
  }
}

template <typename Unit>
std::vector<UnitBlock> cut_into_blocks(const std::vector<Unit>& units, const UnitWeights& weights,
                                       const TaskMasks* parent) {
  if (!weights.empty() && weights.size() != units.size())
    fail_argument(text("weights of ", units.size(), " units"), weights.size());
  std::map<std::string, const UnitMask*> parents;
  if (parent != nullptr)
    for (const UnitMask& unit : parent->units) parents[unit.name] = &unit;
  std::vector<UnitBlock> blocks;
  for (size_t i = 0; i < units.size(); ++i) {
    if (!weights.empty()) check_weights(units[i], weights[i]);
    const auto found = parents.find(units[i].name);
    const bool same = found != parents.end() && found->second->shape == units[i].shape;
    add_blocks(i, units[i], weights.empty() ? std::span<const float>() : weights[i],
               same ? Bits(found->second->bits) : Bits(), blocks);
  }
  return blocks;
}

// Calls work(i) for each block. A thread takes one block at a time, because blocks differ much in
// size: whoever is called first goes on until none is left.
template <typename Work>
void for_each_unit_block(const kernels::ParallelFor& parallel_for,
                         const std::vector<UnitBlock>& blocks, const Work& work) {
  std::atomic<size_t> next = 0;
  parallel_for(std::ssize(blocks), [&](int64_t, int64_t) {
    for (size_t block = next++; block < blocks.size(); block = next++) work(block);
  });
}

void check_bits(const PackedMask& mask, const UnitMask& unit) {
  if (xxh64(unit.bits) != mask.check || count_on(unit.bits) != mask.on)
    fail(ErrorKind::corrupt_file, "expected the ", mask.on, " weights on in ", mask.name,
         " that were packed, got other bits: the weights or the parent's bits may be others");
}

// The coded bytes of the blocks of `masks`, which begin at the front of `coded`.
std::vector<Bits> coded_blocks(std::span<const PackedMask> masks, Bits coded) {
  std::vector<Bits> blocks;
  for (const PackedMask& mask : masks)
    for (const uint64_t bytes : mask.block_bytes) {
      if (bytes > coded.size()) fail_argument("as many coded bytes as blocks name", "fewer");
      blocks.push_back(coded.first(bytes));
      coded = coded.subspan(bytes);
    }
  return blocks;
}

// Decodes the blocks of `masks`, whose coded bytes begin at the front of `coded`.
std::vector<UnitMask> decode_blocks(const kernels::ParallelFor& parallel_for, MaskProfile profile,
                                    std::span<const PackedMask> masks, Bits coded,
                                    const std::vector<UnitBlock>& blocks) {
  const std::vector<Bits> coded_of = coded_blocks(masks, coded);
  if (coded_of.size() != blocks.size())
    fail_argument(text(blocks.size(), " blocks of masks"), coded_of.size());
  std::vector<UnitMask> units;
  for (const PackedMask& mask : masks)
    units.push_back(
        {mask.name, mask.shape, mask.on, std::vector<uint8_t>(packed_bytes(mask.count()))});
  std::atomic<bool> good = true;
  for_each_unit_block(parallel_for, blocks, [&](size_t i) {
    const UnitBlock& block = blocks[i];
    const auto bits = std::span(units[block.unit].bits).subspan(block.first_byte, block.bytes);
    if (!decode_mask(profile, block.description, coded_of[i], bits)) good = false;
  });
  for (size_t i = 0; i < units.size(); ++i) check_bits(masks[i], units[i]);
  if (!good)
    fail(ErrorKind::corrupt_file, "expected coded masks as a writer makes them, got others");
  return units;
}

}  // namespace

void pack_masks(const kernels::ParallelFor& parallel_for, const std::vector<UnitMask>& units,
                const UnitWeights& weights, const TaskMasks* parent, PackedTask& into) {
  const std::vector<UnitBlock> blocks = cut_into_blocks(units, weights, parent);
  std::vector<std::vector<uint8_t>> coded(blocks.size());
  for_each_unit_block(parallel_for, blocks, [&](size_t i) {
    const UnitBlock& block = blocks[i];
    coded[i] = encode_mask(into.profile, block.description,
                           Bits(units[block.unit].bits).subspan(block.first_byte, block.bytes));
  });
  for (const UnitMask& unit : units)
    into.masks.push_back({unit.name, unit.shape, unit.on, {}, xxh64(unit.bits)});
  for (size_t i = 0; i < blocks.size(); ++i) {
    into.masks[blocks[i].unit].block_bytes.push_back(coded[i].size());
    into.coded.insert(into.coded.end(), coded[i].begin(), coded[i].end());
  }
}

MaskPrices price_masks(const kernels::ParallelFor& parallel_for, const std::vector<UnitMask>& units,
                       const UnitWeights& weights) {
  const std::vector<UnitBlock> blocks = cut_into_blocks(units, weights, nullptr);
  MaskPrices prices;
  for (const UnitMask& unit : units) prices.units.emplace_back(static_cast<size_t>(unit.count()));
  std::vector<double> bits(blocks.size());
  for_each_unit_block(parallel_for, blocks, [&](size_t i) {
    const UnitBlock& block = blocks[i];
    bits[i] = price_mask(block.description,
                         Bits(units[block.unit].bits).subspan(block.first_byte, block.bytes),
                         std::span(prices.units[block.unit])
                             .subspan(block.first_byte * 8, block.description.weights.size()));
  });
  for (const double each : bits) prices.bytes += each / 8;
  return prices;
}

int64_t blocks_of_mask(const std::vector<int64_t>& shape) {
  const MaskShape unit = mask_shape(shape);
  const int64_t block_outputs = outputs_per_block(unit);
  return ceil_div(unit.outputs, block_outputs);
}

std::vector<UnitMask> unpack_masks(const kernels::ParallelFor& parallel_for,
                                   const PackedTask& packed, const UnitWeights& weights,
                                   const TaskMasks* parent) {
  const auto blocks = cut_into_blocks(packed.masks, weights, parent);
  return decode_blocks(parallel_for, packed.profile, packed.masks, packed.coded, blocks);
}

std::vector<uint64_t> first_coded_bytes(const PackedTask& packed) {
  std::vector<uint64_t> first;
  uint64_t next = 0;
  for (const PackedMask& mask : packed.masks) {
    first.push_back(next);
    next += mask.bytes();
  }
  return first;
}

UnitMask unpack_mask(const kernels::ParallelFor& parallel_for, const PackedTask& packed,
                     size_t unit, uint64_t first, std::span<const float> weights, Bits parent) {
  const std::span<const PackedMask> masks = packed.masks;
  if (packed.profile != MaskProfile::plain) check_weights(masks[unit], weights);
  std::vector<UnitBlock> blocks;
  add_blocks(0, masks[unit], weights, parent, blocks);
  auto units = decode_blocks(parallel_for, packed.profile, masks.subspan(unit, 1),
                             Bits(packed.coded).subspan(first), blocks);
  return std::move(units.front());
}

}  // namespace submask
