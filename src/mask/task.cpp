#include <map>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/task.h>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "codec/packed_bits.h"
#include "mask/aten_parallel.h"
#include "mask/criterion.h"
#include "mask/unit_rows.h"
#include "mask/weight_set.h"

namespace submask {
namespace {

// Returns the tensor `name` of a weight set. Where it is missing, or has another shape, device or
// dtype than `like`, it is first replaced by an empty one.
at::Tensor& ensure_tensor(WeightSet& weights, const std::string& name, const at::Tensor& like) {
  at::Tensor& tensor = weights[name];
  const bool fits = tensor.defined() && tensor.sizes() == like.sizes() &&
                    tensor.device() == like.device() && tensor.scalar_type() == like.scalar_type();
  if (!fits) tensor = at::empty_like(like);
  return tensor;
}

void write_weights(const Task& task, const UnitMask& unit, const at::Tensor& theta,
                   at::Tensor weight) {
  Criterion criterion;
  criterion.kind = task.criterion;
  criterion.scale = task.scale;
  const double scale = mask_scale(criterion, unit.on, unit.count());
  const bool cpu_float = theta.is_cpu() && theta.scalar_type() == at::kFloat;
  if (cpu_float && theta.is_contiguous() && weight.is_contiguous()) {
    const auto c = static_cast<float>(scale);
    kernels::materialise_packed(
        aten_parallel(), c, criterion.kind == CriterionKind::flip ? -c : 0.0F,
        theta.data_ptr<float>(), unit.bits.data(), weight.data_ptr<float>(), unit.count());
  } else {
    materialise(criterion, theta, unpack_mask(unit).to(theta.device()), scale, weight);
  }
}

}  // namespace

UnitMask pack_mask(const std::string& name, const at::Tensor& mask) {
  const at::Tensor flat = mask.to(at::kCPU).contiguous();
  const bool* values = flat.data_ptr<bool>();
  UnitMask unit;
  unit.name = name;
  unit.shape = mask.sizes().vec();
  unit.bits.assign(packed_bytes(flat.numel()), 0);
  for (int64_t i = 0; i < flat.numel(); ++i) {
    unit.bits[i / 8] |= static_cast<uint8_t>(values[i] ? 1U << (i % 8) : 0U);
    unit.on += values[i] ? 1 : 0;
  }
  return unit;
}

at::Tensor unpack_mask(const UnitMask& unit) {
  at::Tensor mask = at::empty(unit.shape, at::kBool);
  bool* values = mask.data_ptr<bool>();
  for (int64_t i = 0; i < mask.numel(); ++i) values[i] = bit_at(unit.bits, static_cast<size_t>(i));
  return mask;
}

void apply_task(const Task& task, const Backbone& backbone, WeightSet& into) {
  const at::NoGradGuard no_grad;
  check_task_fits(task, backbone);
  const auto units = units_by_name(backbone);
  const TensorMap& theta = backbone.theta();
  std::map<std::string, int64_t> masked_rows;
  for (const UnitMask& stored : task.units)
    masked_rows[units.at(stored.name)->parameter] += stored.shape.at(0);
  for (const UnitMask& stored : task.units) {
    const MaskUnit& unit = *units.at(stored.name);
    const at::Tensor& parameter = theta.at(unit.parameter);
    at::Tensor& weight = ensure_tensor(into, unit.parameter, parameter);
    // Rows that belong to no unit of the task keep theta's values. They are copied only once for
    // each parameter, because its rows then count as masked.
    if (masked_rows[unit.parameter] != parameter.size(0)) {
      weight.copy_(parameter);
      masked_rows[unit.parameter] = parameter.size(0);
    }
    write_weights(task, stored, unit_rows(parameter, unit), unit_rows(weight, unit));
  }
  const TensorMap& buffers = backbone.pretrained_buffers();
  for (const auto& [name, tensor] : task.statistics)
    ensure_tensor(into, name, tensor.to(buffers.at(name).device())).copy_(tensor);
  // Tensors that only an earlier task changed are removed, so that the backbone's own are used.
  std::erase_if(into, [&](const auto& item) {
    return !task.statistics.contains(item.first) && !masked_rows.contains(item.first);
  });
}

TensorMap export_state_dict(const Task& task, Backbone& backbone) {
  if (task.head && std::holds_alternative<BankHead>(*task.head))
    fail_argument("a linear or cosine head to export (submask fit --probe lp)", "a bank");
  WeightSet weights;
  apply_task(task, backbone, weights);
  TensorMap state = backbone.theta();
  state.merge(TensorMap(backbone.pretrained_buffers()));
  for (const auto& [name, tensor] : weights) state[name] = tensor;
  for (auto& [name, tensor] : state) tensor = tensor.detach().to(at::kCPU).clone();
  for (const auto& [name, tensor] : head_tensors(task.head))
    state[backbone.info().head_name + "." + name] = tensor;
  return state;
}

}  // namespace submask
