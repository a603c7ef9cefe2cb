#include <submask/backbone.h>

#include "backbone/autocast.h"
#include "backbone/backbone_registry.h"
#include "backbone/backbone_units.h"
#include "backbone/embedded_weights.h"
#include "backbone/state_dict.h"
#include "backbone/tensor_text.h"
#include "backbone/weight_init.h"
#include "base/fail.h"

namespace submask {
namespace {

std::string weights_file(const BackboneInfo& info, const std::string& chosen) {
  if (!chosen.empty()) return chosen;
  if (info.has_embedded_weights) return embedded_weights(info.name).string();
  fail_argument("a weights file for " + info.name + ", found at " + info.weights_source, "none");
}

}  // namespace

Backbone::Backbone(const std::string& name) {
  const BackboneEntry& entry = backbone_entry(name);
  info_ = entry.info;
  network_ = entry.make();
  network_->eval();
  mask_units_ = find_mask_units(*network_);
}

Backbone::~Backbone() = default;

std::unique_ptr<Backbone> Backbone::create(const std::string& name, uint64_t seed) {
  std::unique_ptr<Backbone> backbone(new Backbone(name));
  initialise_weights(*backbone->network_, seed);
  backbone->keep_theta();
  return backbone;
}

std::unique_ptr<Backbone> Backbone::load(const std::string& name, const std::string& weights_path) {
  std::unique_ptr<Backbone> backbone(new Backbone(name));
  const std::string path = weights_file(backbone->info_, weights_path);
  const WeightFile file = read_weight_file(path);
  backbone->head_ = load_state_dict(*backbone->network_, backbone->info_, file.tensors, path);
  backbone->keep_theta();
  return backbone;
}

// Aliases of the parameters' storages: binding other weights swaps what a parameter points to, not
// these.
void Backbone::keep_theta() {
  theta_ = parameters();
  for (auto& [name, tensor] : theta_) tensor = tensor.detach();
  if (identity_.empty()) identity_ = weights_identity(mask_units_, theta_);
}

at::Tensor Backbone::features(const at::Tensor& images) {
  if (images.dim() != 4 || images.size(1) != 3) {
    fail_argument("images of shape [N,3,H,W]", "[" + shape_text(images.sizes()) + "]");
  }
  const Autocast autocast(precision_, images.device());
  const at::Tensor features = network_->forward_features(images);
  return precision_ == "float32" ? features : features.to(at::kFloat);
}

void Backbone::set_precision(const std::string& precision) {
  if (precision != "float32" && precision != "bfloat16" && precision != "float16")
    fail_argument("a precision: float32, bfloat16 or float16", precision);
  precision_ = precision;
}

TensorMap Backbone::parameters() const { return parameters_of(*network_); }

TensorMap Backbone::buffers() const { return buffers_of(*network_); }

int64_t Backbone::stage_of(const std::string& parameter) const {
  return network_->stage_of(parameter);
}

void Backbone::to(const at::Device& device) {
  if (theta_.begin()->second.device() == device) return;
  network_->to(device);
  for (auto& [name, tensor] : head_) tensor = tensor.to(device);
  keep_theta();
}

}  // namespace submask
