// A cascade of two experts over features of width 4, and one over a network.
#pragma once

#include <ATen/ATen.h>

#include "cascade/cascade.h"

namespace submask {

inline PackedTask small_member(int64_t period) {
  Task task;
  task.backbone = "resnet20";
  task.weights_identity = std::string(64, 'a');
  const at::Tensor count = at::arange(36);
  task.units = {pack_mask("conv1.weight", count.remainder(period).ne(0).view({4, 1, 3, 3}))};
  task.statistics = {{"bn1.running_mean", at::arange(4).to(at::kFloat) / period}};
  task.preprocessing.input_size = 32;
  return pack_task(task);
}

inline at::Tensor counted(at::IntArrayRef shape, at::ScalarType type) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return (at::arange(count).to(type) / 8).reshape(shape);
}

inline Projection counted_projection(int64_t inputs, int64_t outputs, at::ScalarType type) {
  return {counted({inputs}, type), counted({outputs, inputs}, type), counted({outputs}, type)};
}

inline Cascade small_cascade(RouterKind router = RouterKind::gmm) {
  Cascade cascade;
  cascade.dispatcher = small_member(2);
  cascade.experts = {small_member(3), small_member(5)};
  cascade.router.kind = router;
  cascade.router.projection = counted_projection(4, 2, at::kDouble);
  if (router == RouterKind::gmm)
    cascade.router.parameters = {{"weights", at::tensor({0.25, 0.75}, at::kDouble)},
                                 {"means", counted({2, 2}, at::kDouble)},
                                 {"precision_factors", at::eye(2, at::kDouble).repeat({2, 1, 1})}};
  else
    cascade.router.parameters = {{"centres", counted({2, 2}, at::kDouble)}};
  cascade.conditional.projection = counted_projection(12, 3, at::kFloat);
  cascade.unconditional.projection = counted_projection(12, 4, at::kFloat);
  cascade.unconditional.head = LinearHead{counted({2, 4}, at::kFloat), counted({2}, at::kFloat)};
  cascade.classes = {"cat", "dog"};
  cascade.provenance = R"({"method":"cascade"})";
  return cascade;
}

}  // namespace submask
