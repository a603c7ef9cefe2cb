#include "learn/dino.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"
#include "learn/projection_head.h"
#include "learn/self_supervised_checks.h"
#include "mask/update_state.h"
#include "parallel/batch_norm.h"
#include "parallel/communicator.h"

namespace submask {
namespace {

constexpr const char* last_layer_name = "last_layer.weight_v";

// Makes a head with the names of the authors' code with batch norm. Here every head has batch norm:
// features of a pretrained network are so alike that without it all images begin at one output.
// Linear layers start as torch.nn.Linear does. The authors' normal weights of deviation .02 suit a
// width of 2048; the outputs of narrower layers would then vary too little to normalise.
TensorMap make_head(const DinoSettings& settings, int64_t in, Random& random,
                    at::TensorOptions options) {
  TensorMap head;
  const auto linear = [&](const std::string& name, int64_t inputs, int64_t outputs) {
    head[name + ".weight"] = uniform_start({outputs, inputs}, inputs, random, options);
    head[name + ".bias"] = uniform_start({outputs}, inputs, random, options);
  };
  const auto norm = [&](const std::string& name, int64_t width) {
    head[name + ".weight"] = at::ones({width}, options);
    head[name + ".bias"] = at::zeros({width}, options);
  };
  linear("mlp.0", in, settings.hidden_dim);
  norm("mlp.1", settings.hidden_dim);
  linear("mlp.3", settings.hidden_dim, settings.hidden_dim);
  norm("mlp.4", settings.hidden_dim);
  linear("mlp.6", settings.hidden_dim, settings.bottleneck_dim);
  head[last_layer_name] = uniform_start({settings.out_dim, settings.bottleneck_dim},
                                        settings.bottleneck_dim, random, options);
  for (auto& [name, parameter] : head) parameter.requires_grad_(true);
  return head;
}

// Features [M, D] -> projections [M, bottleneck_dim], of length 1. Batch norm uses the statistics
// of the batch that is passed, so student and teacher have separate ones.
at::Tensor project(const TensorMap& head, const at::Tensor& features) {
  constexpr double momentum = 0, epsilon = 1e-5;
  const auto linear = [&](const at::Tensor& x, const std::string& name) {
    return at::linear(x, head.at(name + ".weight"), head.at(name + ".bias"));
  };
  const auto hidden = [&](const at::Tensor& x, const std::string& layer, const std::string& norm) {
    return at::gelu(batch_norm(linear(x, layer),
                               {head.at(norm + ".weight"), head.at(norm + ".bias"), {}, {}},
                               /*training=*/true, momentum, epsilon));
  };
  const at::Tensor x = hidden(hidden(features, "mlp.0", "mlp.1"), "mlp.3", "mlp.4");
  return unit_length_rows(linear(x, "mlp.6"));
}

// Projections -> outputs [M, K] of the last layer. Its weights are normalised to length 1, so only
// the directions of its rows are learned.
at::Tensor apply_last_layer(const TensorMap& head, const at::Tensor& projections) {
  return projections.mm(unit_length_rows(head.at(last_layer_name)).t());
}

// The mean [1, K] over the rows of all processes.
at::Tensor mean_of_all_rows(const at::Tensor& rows) {
  if (communicator().is_alone()) return rows.mean(0, /*keepdim=*/true);
  at::Tensor sum = rows.sum(0, /*keepdim=*/true);
  communicator().all_reduce(sum);
  return sum.div_(communicator().sum(static_cast<double>(rows.size(0))));
}

}  // namespace

const DinoSettings& check_dino(const DinoSettings& s, int64_t crops) {
  check_at_least("a hidden_dim", s.hidden_dim, 1);
  check_at_least("a bottleneck_dim", s.bottleneck_dim, 1);
  check_at_least("an out_dim", s.out_dim, 2);
  check_at_least("warmup_teacher_temp_epochs", s.warmup_teacher_temp_epochs, 0);
  check_at_least("freeze_last_layer", s.freeze_last_layer, 0);
  check_above_zero("a student_temp", s.student_temp);
  check_above_zero("a teacher_temp", s.teacher_temp);
  check_above_zero("a warmup_teacher_temp", s.warmup_teacher_temp);
  check_share("a center_momentum", s.center_momentum);
  check_share("a momentum_teacher", s.momentum_teacher);
  check_crops(crops);
  return s;
}

Dino::Dino(const DinoSettings& settings, int64_t feature_width, int64_t crops,
           int64_t teacher_crops, Random& random, at::TensorOptions options)
    : settings_(check_dino(settings, crops)),
      crops_(crops),
      teacher_crops_(teacher_crops),
      head_(make_head(settings, feature_width, random, options)),
      teacher_head_(head_),
      centre_(at::zeros({1, settings.out_dim}, options)) {}

std::vector<at::Tensor> Dino::hidden_parameters() const {
  std::vector<at::Tensor> parameters;
  for (const auto& [name, parameter] : head_)
    if (name != last_layer_name) parameters.push_back(parameter);
  return parameters;
}

const at::Tensor& Dino::last_layer() const { return head_.at(last_layer_name); }

// The loss is the mean cross-entropy over all pairs of a crop of the teacher's and another crop of
// the student's. The student's log-probabilities are first summed over crops, so that each of the
// teacher's crops needs one product for any number of crops.
DinoLoss Dino::loss(const at::Tensor& student, const at::Tensor& teacher, double teacher_temp) {
  const int64_t images = student.size(0) / crops_, teacher_rows = teacher_crops_ * images;
  DinoLoss result;
  at::Tensor teacher_outputs;
  {
    const at::NoGradGuard no_grad;
    const TensorMap& head = teacher_head_.values();
    teacher_outputs = apply_last_layer(head, project(head, teacher));
    result.targets = ((teacher_outputs - centre_) / teacher_temp).softmax(1);
  }
  const at::Tensor projections = project(head_, student);
  const at::Tensor log_p = (apply_last_layer(head_, projections) / settings_.student_temp)
                               .log_softmax(1)
                               .view({crops_, images, -1});
  const at::Tensor others = log_p.sum(0, /*keepdim=*/true) - log_p.narrow(0, 0, teacher_crops_);
  const auto terms = static_cast<double>(teacher_rows * (crops_ - 1));
  result.loss = -(result.targets.view({teacher_crops_, images, -1}) * others).sum() / terms;
  result.projections = projections.detach().narrow(0, 0, teacher_rows);
  centre_.lerp_(mean_of_all_rows(teacher_outputs), 1 - settings_.center_momentum);
  return result;
}

void Dino::save(TensorMap& state) const {
  teacher_head_.save("dino.teacher_head.", state);
  state["dino.centre"] = centre_;
}

void Dino::load(const TensorMap& state) {
  teacher_head_.load("dino.teacher_head.", state);
  load_state(state, "dino.centre", centre_);
}

}  // namespace submask
