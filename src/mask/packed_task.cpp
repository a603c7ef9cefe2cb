#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/task_file.h>

#include "base/fail.h"
#include "base/names.h"
#include "mask/mask_packing.h"
#include "mask/packed_head.h"
#include "mask/packed_statistics.h"
#include "mask/unit_sums.h"

namespace submask {
namespace {

void check_parent(const Task& parent, const TaskDescription& task) {
  if (parent.weights_identity != task.weights_identity)
    fail_argument("a parent over the weights " + task.weights_identity,
                  "one over " + parent.weights_identity);
}

PackedTask copy_description(const TaskDescription& description) {
  PackedTask packed;
  static_cast<TaskDescription&>(packed) = description;
  return packed;
}

// Returns a task with everything but the masks' bits and the statistics.
Task unpack_description(const PackedTask& packed) {
  Task task;
  static_cast<TaskDescription&>(task) = static_cast<const TaskDescription&>(packed);
  task.units = units_without_bits(packed);
  task.head = packed.head;
  return task;
}

}  // namespace

int64_t PackedMask::count() const { return elements_of(shape); }

uint64_t PackedMask::bytes() const {
  uint64_t sum = 0;
  for (const uint64_t block : block_bytes) sum += block;
  return sum;
}

int64_t PackedTask::weights() const { return weights_of(masks); }

double PackedTask::masked_fraction() const { return masked_fraction_of(masks); }

PackedTask pack_task(const Task& task, const Backbone& backbone, const PackOptions& options) {
  const at::NoGradGuard no_grad;
  check_task_fits(task, backbone);
  PackedTask packed = copy_description(task);
  packed.profile = options.profile;
  if (options.parent != nullptr) {
    check_parent(*options.parent, task);
    packed.parent_masks = masks_identity(*options.parent);
    packed.parent_file = options.parent_file;
  }
  const bool plain = options.profile == MaskProfile::plain;
  pack_masks(task.units, plain ? std::vector<at::Tensor>() : weights_of_units(task.units, backbone),
             options.parent, packed);
  pack_statistics(task.statistics, &backbone, options.statistics, packed);
  set_head(packed, task.head, options.head);
  return packed;
}

PackedTask pack_task(const Task& task) {
  PackedTask packed = copy_description(task);
  pack_masks(task.units, {}, nullptr, packed);
  pack_statistics(task.statistics, nullptr, StatisticsForm::exact, packed);
  set_head(packed, task.head, HeadForm::exact);
  return packed;
}

Task unpack_task(const PackedTask& packed, const Backbone& backbone, const Task* parent) {
  const at::NoGradGuard no_grad;
  Task task = unpack_description(packed);
  task.statistics = statistics_shapes(packed);
  // This check comes before memory is allocated for the sizes that the file states.
  check_task_fits(task, backbone);
  if (!packed.parent_masks.empty()) {
    if (parent == nullptr)
      fail_argument("the task that this one is coded against (" + packed.parent_file + ")", "none");
    if (masks_identity(*parent) != packed.parent_masks)
      fail_argument("the parent's masks " + packed.parent_masks, masks_identity(*parent));
  }
  unpack_masks(packed, weights_of_units(task.units, backbone),
               packed.parent_masks.empty() ? nullptr : parent, task.units);
  task.statistics = unpack_statistics(packed, &backbone);
  return task;
}

void set_head(PackedTask& packed, const std::optional<Head>& head, HeadForm form) {
  packed.head = round_head(head, form);
  packed.head_form = form;
  packed.signature.clear();
}

int64_t packed_head_bytes(const PackedTask& packed) {
  int64_t bytes = 0;
  for (const auto& [name, tensor] : pack_head(packed.head, packed.head_form))
    bytes += static_cast<int64_t>(tensor.nbytes());
  return bytes;
}

Task unpack_task(const PackedTask& packed) {
  if (packed.profile != MaskProfile::plain && !packed.masks.empty())
    fail_argument("the backbone's weights (--weights), which masks of the profile " +
                      name_of(packed.profile) + " are unpacked with",
                  "none");
  Task task = unpack_description(packed);
  unpack_masks(packed, {}, nullptr, task.units);
  task.statistics = unpack_statistics(packed, nullptr);
  return task;
}

}  // namespace submask
