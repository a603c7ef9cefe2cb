#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/task_file.h>

#include "backbone/check_head.h"
#include "backbone/head_tensors.h"
#include "mask/aten_parallel.h"
#include "mask/task_arrays.h"
#include "mask/task_fit.h"
#include "mask/unit_rows.h"
#include "taskfile/task_family.h"

namespace submask {
namespace {

// The backbone's values that packing and unpacking need, and the tensors that own their memory.
class HeldValues {
 public:
  // `Units` is a vector of UnitMask or of PackedMask. The units must fit the backbone.
  template <typename Units>
  HeldValues(const Units& units, const Backbone& backbone) {
    const auto by_name = units_by_name(backbone);
    for (const auto& mask : units)
      values.weights.push_back(hold(unit_theta(backbone, *by_name.at(mask.name))));
    for (const auto& [name, buffer] : backbone.pretrained_buffers())
      if (buffer.is_floating_point())
        values.statistics[name] = hold(buffer.to(at::kCPU, at::kFloat).contiguous());
  }

  BackboneValues values;

 private:
  std::span<const float> hold(const at::Tensor& tensor) {
    tensors_.push_back(tensor);
    return {tensor.const_data_ptr<float>(), static_cast<size_t>(tensor.numel())};
  }

  std::vector<at::Tensor> tensors_;
};

UnpackedTask unpack_arrays(const PackedTask& packed, const Backbone& backbone,
                           const TaskMasks* parent) {
  const at::NoGradGuard no_grad;
  check_packed_fits(packed, backbone);
  const HeldValues held(packed.masks, backbone);
  return unpack(aten_parallel(), packed, &held.values, parent);
}

}  // namespace

PackedTask pack_task(const Task& task, const Backbone& backbone, const PackOptions& options) {
  const at::NoGradGuard no_grad;
  check_task_fits(task, backbone);
  const HeldValues held(task.units, backbone);
  return pack(aten_parallel(), arrays_of(task), &held.values, options);
}

PackedTask pack_task(const Task& task) {
  return pack(aten_parallel(), arrays_of(task), nullptr, plain_options);
}

Task unpack_task(const PackedTask& packed, const Backbone& backbone, const TaskMasks* parent) {
  return task_of(unpack_arrays(packed, backbone, parent));
}

Task unpack_task(const PackedTask& packed) {
  return task_of(unpack(aten_parallel(), packed, nullptr, nullptr));
}

void set_head(PackedTask& packed, const std::optional<Head>& head, HeadForm form) {
  if (head) check_head(*head);
  set_head(packed, arrays_of(head_tensors(head)), form);
}

std::optional<Head> packed_head(const PackedTask& packed) {
  return head_from_tensors(tensors_of(packed.head));
}

Task read_task(const std::filesystem::path& path, const Backbone& backbone) {
  return task_of(read_with_parents(path, [&](const PackedTask& packed, const TaskMasks* parent) {
    return unpack_arrays(packed, backbone, parent);
  }));
}

}  // namespace submask
