#include "mask/task_fit.h"

#include <optional>
#include <utility>

#include <submask/task.h>

#include "base/fail.h"
#include "mask/unit_rows.h"
#include "taskfile/head_shape.h"

namespace submask {
namespace {

using Shape = std::vector<int64_t>;

void check_identity(const TaskDescription& task, const Backbone& backbone) {
  if (task.weights_identity == backbone.identity()) return;
  fail_argument(text("a task for ", backbone.info().name, " with weights ", backbone.identity()),
                text("one for ", task.backbone, " with weights ", task.weights_identity));
}

// `Units` is a vector of UnitMask or of PackedMask.
template <typename Units>
void check_units(const Units& units, const Backbone& backbone) {
  const auto known = units_by_name(backbone);
  for (const auto& unit : units) {
    const auto found = known.find(unit.name);
    if (found == known.end()) fail_argument("mask units of " + backbone.info().name, unit.name);
    const at::Tensor rows =
        unit_rows(backbone.theta().at(found->second->parameter), *found->second);
    if (rows.sizes() != at::IntArrayRef(unit.shape))
      fail_argument(text(unit.name, " of shape ", rows.sizes()), at::IntArrayRef(unit.shape));
  }
}

void check_statistic(const std::string& buffer, const Shape& shape, const Backbone& backbone) {
  const TensorMap& buffers = backbone.pretrained_buffers();
  const auto found = buffers.find(buffer);
  if (found == buffers.end()) fail_argument("statistics of " + backbone.info().name, buffer);
  if (found->second.sizes() != at::IntArrayRef(shape))
    fail_argument(text(buffer, " of shape ", found->second.sizes()), at::IntArrayRef(shape));
}

void check_head_width(int64_t width, const Backbone& backbone) {
  if (width != backbone.info().feature_width)
    fail_argument(text("a head on ", backbone.info().feature_width, " features"), width);
}

}  // namespace

void check_task_fits(const Task& task, const Backbone& backbone) {
  check_identity(task, backbone);
  check_units(task.units, backbone);
  for (const auto& [buffer, tensor] : task.statistics)
    check_statistic(buffer, tensor.sizes().vec(), backbone);
  if (task.head) check_head_width(head_size(*task.head).width, backbone);
}

void check_packed_fits(const PackedTask& packed, const Backbone& backbone) {
  check_identity(packed, backbone);
  check_units(packed.masks, backbone);
  for (const PackedNorm& norm : packed.norms)
    for (const std::string& buffer : norm.buffers())
      check_statistic(buffer, {norm.channels}, backbone);
  if (!packed.head.empty())
    check_head_width(head_shape(packed.head, "head", packed.backbone).width(), backbone);
}

}  // namespace submask
