// The task of the golden task files.
#pragma once

#include <ATen/ATen.h>

#include <submask/task.h>

namespace submask {

// What golden/mask/small.task holds. golden/mask/bank_FORM.task and cosine_FORM.task differ in
// their heads. Files of every version must stay readable.
inline Task golden_task() {
  Task task;
  task.backbone = "resnet20";
  task.weights_identity = std::string(64, 'a');
  const at::Tensor count = at::arange(36);
  task.units = {pack_mask("conv1.weight", count.remainder(3).ne(0).view({4, 1, 3, 3})),
                pack_mask("layer1.0.conv1.weight", count.narrow(0, 0, 10).lt(7).view({2, 5}))};
  const at::Tensor eighths = at::arange(8).to(at::kFloat) / 8;
  task.statistics = {{"bn1.running_mean", eighths.narrow(0, 0, 4)},
                     {"bn1.running_var", eighths.narrow(0, 4, 4)}};
  task.head = LinearHead{eighths.view({2, 4}), -eighths.narrow(0, 1, 2)};
  task.classes = {"cat", "dog"};
  task.preprocessing.input_size = 32;
  task.provenance = R"({"accuracy":0.5,"method":"fs"})";
  return task;
}

inline at::Tensor golden_sevenths(int64_t rows) {
  return at::arange(4 * rows).to(at::kFloat).view({rows, 4}) / 7;
}

inline BankHead golden_bank() {
  return {golden_sevenths(5), at::tensor({1, 0, 1, 0, 1}, at::kLong), 2, {3, 0.07F}};
}

inline CosineHead golden_cosine() { return {golden_sevenths(2)}; }

}  // namespace submask
