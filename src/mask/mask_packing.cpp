#include "mask/mask_packing.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <map>
#include <span>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "base/fail.h"
#include "base/hash.h"
#include "codec/mask_codec.h"
#include "mask/unit_rows.h"

namespace submask {
namespace {

using Bits = std::span<const uint8_t>;

// One block of one unit: where it lies, and what its coder knows of it.
struct UnitBlock {
  size_t unit;  // index in the list of units
  MaskBlock description;
  size_t first_byte, bytes;  // of the unit's packed bits
};

// Cuts a unit into blocks and describes each by what both the writer and the reader know.
void add_blocks(size_t unit, const UnitMask& mask, const at::Tensor& weights, Bits parent,
                int coder, std::vector<UnitBlock>& blocks) {
  const MaskShape whole = mask_shape(mask.shape);
  const int64_t count = whole.count(), output_weights = whole.inputs * whole.kernel,
                block_outputs = outputs_per_block(whole);
  for (int64_t output = 0; output < whole.outputs; output += block_outputs) {
    UnitBlock block{unit, {whole, {}, {}, 0, coder}, 0, 0};
    block.description.shape.outputs = std::min(block_outputs, whole.outputs - output);
    const auto first = static_cast<size_t>(output * output_weights);
    const auto size = static_cast<size_t>(block.description.shape.count());
    block.first_byte = first / 8;
    block.bytes = (size + 7) / 8;
    if (weights.defined())
      block.description.weights = {weights.const_data_ptr<float>() + first, size};
    if (!parent.empty()) block.description.parent = parent.subspan(block.first_byte, block.bytes);
    block.description.off_share = off_share(mask.on, count);
    blocks.push_back(block);
  }
}

std::vector<UnitBlock> cut_into_blocks(const std::vector<UnitMask>& units,
                                       const std::vector<at::Tensor>& weights, const Task* parent,
                                       int coder) {
  std::map<std::string, const UnitMask*> parents;
  if (parent != nullptr)
    for (const UnitMask& unit : parent->units) parents[unit.name] = &unit;
  std::vector<UnitBlock> blocks;
  for (size_t i = 0; i < units.size(); ++i) {
    const auto found = parents.find(units[i].name);
    const bool same = found != parents.end() && found->second->shape == units[i].shape;
    add_blocks(i, units[i], weights.empty() ? at::Tensor() : weights[i],
               same ? Bits(found->second->bits) : Bits(), coder, blocks);
  }
  return blocks;
}

// Calls work(i) for each block on all threads. A thread takes one block at a time, because blocks
// differ much in size.
template <typename Work>
void for_each_unit_block(const std::vector<UnitBlock>& blocks, Work&& work) {
  std::atomic<size_t> next = 0;
  at::parallel_for(0, at::get_num_threads(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      for (size_t block = next++; block < blocks.size(); block = next++) work(block);
  });
}

void check_bits(const PackedMask& mask, const UnitMask& unit) {
  int64_t on = 0;
  for (const uint8_t byte : unit.bits) on += std::popcount(byte);
  if (xxh64(unit.bits) != mask.check || on != mask.on)
    fail(ErrorKind::corrupt_file, "expected the ", mask.on, " weights on in ", mask.name,
         " that were packed, got other bits");
}

}  // namespace

std::vector<at::Tensor> weights_of_units(const std::vector<UnitMask>& units,
                                         const Backbone& backbone) {
  const auto by_name = units_by_name(backbone);
  std::vector<at::Tensor> weights;
  for (const UnitMask& mask : units) {
    const MaskUnit& unit = *by_name.at(mask.name);
    weights.push_back(
        unit_rows(backbone.theta().at(unit.parameter), unit).to(at::kCPU, at::kFloat).contiguous());
  }
  return weights;
}

void pack_masks(const std::vector<UnitMask>& units, const std::vector<at::Tensor>& weights,
                const Task* parent, PackedTask& into) {
  const std::vector<UnitBlock> blocks = cut_into_blocks(units, weights, parent, into.coder);
  std::vector<std::vector<uint8_t>> coded(blocks.size());
  for_each_unit_block(blocks, [&](size_t i) {
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

int64_t blocks_of_mask(const std::vector<int64_t>& shape) {
  const MaskShape unit = mask_shape(shape);
  const int64_t block_outputs = outputs_per_block(unit);
  return (unit.outputs + block_outputs - 1) / block_outputs;
}

std::vector<UnitMask> units_without_bits(const PackedTask& packed) {
  std::vector<UnitMask> units;
  for (const PackedMask& mask : packed.masks) units.push_back({mask.name, mask.shape, mask.on, {}});
  return units;
}

void unpack_masks(const PackedTask& packed, const std::vector<at::Tensor>& weights,
                  const Task* parent, std::vector<UnitMask>& units) {
  for (UnitMask& unit : units) unit.bits.resize(static_cast<size_t>((unit.count() + 7) / 8));
  const std::vector<UnitBlock> blocks = cut_into_blocks(units, weights, parent, packed.coder);
  std::vector<Bits> coded;
  Bits left = packed.coded;
  for (const PackedMask& mask : packed.masks)
    for (const uint64_t bytes : mask.block_bytes) {
      if (bytes > left.size()) fail_argument("as many coded bytes as blocks name", "fewer");
      coded.push_back(left.first(bytes));
      left = left.subspan(bytes);
    }
  if (coded.size() != blocks.size())
    fail_argument(text(blocks.size(), " blocks of masks"), coded.size());
  std::atomic<bool> good = true;
  for_each_unit_block(blocks, [&](size_t i) {
    const UnitBlock& block = blocks[i];
    const std::span<uint8_t> bits =
        std::span(units[block.unit].bits).subspan(block.first_byte, block.bytes);
    if (!decode_mask(packed.profile, block.description, coded[i], bits)) good = false;
  });
  for (size_t i = 0; i < units.size(); ++i) check_bits(packed.masks[i], units[i]);
  if (!good)
    fail(ErrorKind::corrupt_file, "expected coded masks as a writer makes them, got others");
}

}  // namespace submask
