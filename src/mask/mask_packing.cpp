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

struct Place {
  size_t unit;
  MaskBlock block;
  size_t first_byte, bytes;  // of the unit's packed bits
};

// What both sides know of a unit, cut into blocks.
void add_blocks(size_t unit, const UnitMask& mask, const at::Tensor& weights, Bits parent,
                int coder, std::vector<Place>& places) {
  const MaskShape whole = mask_shape(mask.shape);
  const int64_t count = whole.count(), each = whole.inputs * whole.kernel,
                most = outputs_per_block(whole);
  for (int64_t output = 0; output < whole.outputs; output += most) {
    Place place{unit, {whole, {}, {}, 0, coder}, 0, 0};
    place.block.shape.outputs = std::min(most, whole.outputs - output);
    const auto first = static_cast<size_t>(output * each);
    const auto size = static_cast<size_t>(place.block.shape.count());
    place.first_byte = first / 8;
    place.bytes = (size + 7) / 8;
    if (weights.defined()) place.block.weights = {weights.const_data_ptr<float>() + first, size};
    if (!parent.empty()) place.block.parent = parent.subspan(place.first_byte, place.bytes);
    place.block.off_share = off_share(mask.on, count);
    places.push_back(place);
  }
}

std::vector<Place> blocks_of(const std::vector<UnitMask>& units,
                             const std::vector<at::Tensor>& weights, const Task* parent,
                             int coder) {
  std::map<std::string, const UnitMask*> parents;
  if (parent != nullptr)
    for (const UnitMask& unit : parent->units) parents[unit.name] = &unit;
  std::vector<Place> places;
  for (size_t i = 0; i < units.size(); ++i) {
    const auto found = parents.find(units[i].name);
    const bool same = found != parents.end() && found->second->shape == units[i].shape;
    add_blocks(i, units[i], weights.empty() ? at::Tensor() : weights[i],
               same ? Bits(found->second->bits) : Bits(), coder, places);
  }
  return places;
}

uint64_t check_of(Bits bits) {
  XxHash64 hash;
  hash.update(bits);
  return hash.value();
}

// On all threads, one block at a time: they differ much in size.
template <typename Work>
void each_block(const std::vector<Place>& places, Work&& work) {
  std::atomic<size_t> next = 0;
  at::parallel_for(0, at::get_num_threads(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      for (size_t place = next++; place < places.size(); place = next++) work(place);
  });
}

void check_bits(const PackedMask& mask, const UnitMask& unit) {
  int64_t on = 0;
  for (const uint8_t byte : unit.bits) on += std::popcount(byte);
  if (check_of(unit.bits) != mask.check || on != mask.on)
    fail(ErrorKind::corrupt_file, "expected the ", mask.on, " weights on in ", mask.name,
         " that were packed, got other bits");
}

}  // namespace

std::vector<at::Tensor> weights_of_units(const std::vector<UnitMask>& units,
                                         const Backbone& backbone) {
  const auto by_name = units_by_name(backbone);
  std::vector<at::Tensor> weights;
  for (const UnitMask& each : units) {
    const MaskUnit& unit = *by_name.at(each.name);
    weights.push_back(
        unit_rows(backbone.theta().at(unit.parameter), unit).to(at::kCPU, at::kFloat).contiguous());
  }
  return weights;
}

void pack_masks(const std::vector<UnitMask>& units, const std::vector<at::Tensor>& weights,
                const Task* parent, PackedTask& into) {
  const std::vector<Place> places = blocks_of(units, weights, parent, into.coder);
  std::vector<std::vector<uint8_t>> blocks(places.size());
  each_block(places, [&](size_t i) {
    const Place& place = places[i];
    blocks[i] = encode_mask(into.profile, place.block,
                            Bits(units[place.unit].bits).subspan(place.first_byte, place.bytes));
  });
  for (const UnitMask& unit : units)
    into.masks.push_back({unit.name, unit.shape, unit.on, {}, check_of(unit.bits)});
  for (size_t i = 0; i < places.size(); ++i) {
    into.masks[places[i].unit].block_bytes.push_back(blocks[i].size());
    into.coded.insert(into.coded.end(), blocks[i].begin(), blocks[i].end());
  }
}

int64_t blocks_of_mask(const std::vector<int64_t>& sizes) {
  const MaskShape shape = mask_shape(sizes);
  const int64_t most = outputs_per_block(shape);
  return (shape.outputs + most - 1) / most;
}

std::vector<UnitMask> units_without_bits(const PackedTask& packed) {
  std::vector<UnitMask> units;
  for (const PackedMask& mask : packed.masks) units.push_back({mask.name, mask.shape, mask.on, {}});
  return units;
}

void unpack_masks(const PackedTask& packed, const std::vector<at::Tensor>& weights,
                  const Task* parent, std::vector<UnitMask>& units) {
  for (UnitMask& unit : units) unit.bits.resize(static_cast<size_t>((unit.count() + 7) / 8));
  const std::vector<Place> places = blocks_of(units, weights, parent, packed.coder);
  std::vector<Bits> blocks;
  Bits left = packed.coded;
  for (const PackedMask& mask : packed.masks)
    for (const uint64_t bytes : mask.block_bytes) {
      if (bytes > left.size()) fail_argument("as many coded bytes as blocks name", "fewer");
      blocks.push_back(left.first(bytes));
      left = left.subspan(bytes);
    }
  if (blocks.size() != places.size())
    fail_argument(text(places.size(), " blocks of masks"), blocks.size());
  std::atomic<bool> good = true;
  each_block(places, [&](size_t i) {
    const Place& place = places[i];
    const std::span<uint8_t> bits =
        std::span(units[place.unit].bits).subspan(place.first_byte, place.bytes);
    if (!decode_mask(packed.profile, place.block, blocks[i], bits)) good = false;
  });
  for (size_t i = 0; i < units.size(); ++i) check_bits(packed.masks[i], units[i]);
  if (!good)
    fail(ErrorKind::corrupt_file, "expected coded masks as a writer makes them, got others");
}

}  // namespace submask
