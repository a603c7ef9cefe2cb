#include "taskfile/pack.h"

#include <set>

#include "base/fail.h"
#include "base/names.h"
#include "base/quoted_name.h"
#include "codec/packed_bits.h"
#include "taskfile/description_json.h"
#include "taskfile/head_form.h"
#include "taskfile/head_shape.h"

namespace submask {
namespace {

// A unit may come from a caller in another language.
void check_unit_bits(const UnitMask& unit) {
  if (const auto fault = unit_fault(unit.name, unit.shape, unit.on))
    fail_argument(fault->expected, fault->got);
  const int64_t count = unit.count(), on = count_on(unit.bits);
  if (unit.bits.size() != packed_bytes(count))
    fail_argument(text(packed_bytes(count), " bytes of bits of ", unit.name), unit.bits.size());
  if (on != unit.on) fail_argument(text(unit.on, " weights on in ", unit.name), on);
  if ((unit.bits.back() & ~last_byte(static_cast<size_t>(count))) != 0)
    fail_argument("zeros after the last bit of " + unit.name, "ones");
}

void check_parent(const TaskMasks& parent, const TaskDescription& task) {
  if (parent.weights_identity != task.weights_identity)
    fail_argument("a parent over the weights " + task.weights_identity,
                  "one over " + parent.weights_identity);
}

void check_parent(const PackedTask& packed, const TaskMasks* parent) {
  if (packed.parent_masks.empty()) return;
  if (parent == nullptr)
    fail_argument("the task that this one is coded against (" + packed.parent_file + ")", "none");
  const std::string masks = masks_identity(*parent);
  if (masks != packed.parent_masks)
    fail_argument("the parent's masks " + packed.parent_masks, masks);
}

void check_classes(const UnpackedTask& task) {
  if (task.head.empty()) return;
  const int64_t head_classes = check_head(task.head).classes();
  if (head_classes != std::ssize(task.classes))
    fail_argument(text("a head for the ", task.classes.size(), " classes"), head_classes);
}

bool has_coded_masks(const PackedTask& packed) {
  return packed.profile != MaskProfile::plain && !packed.masks.empty();
}

}  // namespace

PackedTask pack(const kernels::ParallelFor& parallel_for, const UnpackedTask& task,
                const BackboneValues* backbone, const PackOptions& options) {
  PackedTask packed;
  static_cast<TaskDescription&>(packed) = static_cast<const TaskDescription&>(task);
  packed.profile = options.profile;
  std::set<std::string> names;
  for (const UnitMask& unit : task.units) {
    check_unit_bits(unit);
    if (!names.insert(unit.name).second) fail_argument("a mask of each unit once", unit.name);
  }
  check_classes(task);
  if (options.parent != nullptr) {
    check_parent(*options.parent, task);
    if (!options.parent_file.empty() && !is_file_name(options.parent_file))
      fail_argument("a parent's file name, without folders", quoted_name(options.parent_file));
    packed.parent_masks = masks_identity(*options.parent);
    packed.parent_file = options.parent_file;
  }
  const bool plain = options.profile == MaskProfile::plain;
  if (!plain && !task.units.empty() && (backbone == nullptr || backbone->weights.empty()))
    fail_argument("the backbone's weights, which masks of the profile " + name_of(options.profile) +
                      " are packed with",
                  "none");
  pack_masks(parallel_for, task.units, plain ? UnitWeights() : backbone->weights, options.parent,
             packed);
  pack_statistics(task.statistics, backbone == nullptr ? nullptr : &backbone->statistics,
                  options.statistics, packed);
  set_head(packed, task.head, options.head);
  return packed;
}

UnpackedTask unpack(const kernels::ParallelFor& parallel_for, const PackedTask& packed,
                    const BackboneValues* backbone, const TaskMasks* parent) {
  const bool coded = has_coded_masks(packed);
  if (coded && (backbone == nullptr || backbone->weights.empty()))
    fail_argument("the backbone's weights (--weights), which masks of the profile " +
                      name_of(packed.profile) + " are unpacked with",
                  "none");
  check_parent(packed, parent);
  UnpackedTask task;
  static_cast<TaskDescription&>(task) = static_cast<const TaskDescription&>(packed);
  task.units = unpack_masks(parallel_for, packed, coded ? backbone->weights : UnitWeights(),
                            packed.parent_masks.empty() ? nullptr : parent);
  task.statistics =
      unpack_statistics(packed, backbone == nullptr ? nullptr : &backbone->statistics);
  task.head = packed.head;
  return task;
}

bool needs_backbone(const PackedTask& packed) {
  return has_coded_masks(packed) || packed.statistics.dtype == Dtype::f16;
}

void set_head(PackedTask& packed, const ArrayMap& head, HeadForm form) {
  packed.head = round_head(head, form);
  packed.head_form = form;
  packed.signature.clear();
}

}  // namespace submask
