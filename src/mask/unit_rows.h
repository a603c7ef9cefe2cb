// Finds a mask unit's weights in the network's parameters.
#pragma once

#include <map>
#include <string>

#include <ATen/core/Tensor.h>

#include <submask/backbone.h>

namespace submask {

inline std::map<std::string, const MaskUnit*> units_by_name(const Backbone& backbone) {
  std::map<std::string, const MaskUnit*> units;
  for (const MaskUnit& unit : backbone.mask_units()) units[unit.name] = &unit;
  return units;
}

// Returns a view of the parameter's rows that belong to the unit.
inline at::Tensor unit_rows(const at::Tensor& parameter, const MaskUnit& unit) {
  return parameter.narrow(0, unit.row_begin, unit.row_end - unit.row_begin);
}

// Returns theta of a unit's weights: float32, contiguous, on the CPU.
inline at::Tensor unit_theta(const Backbone& backbone, const MaskUnit& unit) {
  return unit_rows(backbone.theta().at(unit.parameter), unit).to(at::kCPU, at::kFloat).contiguous();
}

}  // namespace submask
