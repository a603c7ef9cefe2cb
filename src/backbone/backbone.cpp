#include <algorithm>

#include <submask/backbone.h>

#include "backbone/autocast.h"
#include "backbone/backbone_registry.h"
#include "backbone/backbone_units.h"
#include "backbone/clip_activation.h"
#include "backbone/embedded_weights.h"
#include "backbone/head_classes.h"
#include "backbone/head_tensors.h"
#include "backbone/state_dict.h"
#include "backbone/tensor_text.h"
#include "backbone/timm_config.h"
#include "backbone/torchscript.h"
#include "backbone/weight_init.h"
#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "weights/tensor_hash.h"

namespace submask {
namespace {

bool is_torchscript(const std::string& name) { return name.starts_with(torchscript_prefix); }

at::ScalarType scalar_type_of(Precision precision) {
  constexpr std::array types{at::kFloat, at::kBFloat16, at::kHalf};
  return types.at(static_cast<size_t>(precision));
}

std::string weights_file(const BackboneInfo& info, const std::string& weights_path) {
  if (!weights_path.empty()) return weights_path;
  if (info.has_embedded_weights) return embedded_weights(info.name).string();
  const std::string automatic =
      info.published.empty() ? "" : " (--weights auto fetches " + info.published + ")";
  fail_argument(
      text("a weights file for ", info.name, ", found at ", info.weights_source, automatic),
      "none");
}

}  // namespace

Backbone::Backbone(const std::string& name) {
  const BackboneEntry entry = is_torchscript(name) ? torchscript_entry(name) : backbone_entry(name);
  if (is_torchscript(name)) program_ = name.substr(torchscript_prefix.size());
  info_ = entry.info;
  network_ = entry.make();
  network_->eval();
  mask_units_ = network_->mask_units();
}

Backbone::~Backbone() = default;

std::unique_ptr<Backbone> Backbone::create(const std::string& name, uint64_t seed) {
  if (is_torchscript(name)) fail_argument("a backbone to start from random weights", name);
  std::unique_ptr<Backbone> backbone(new Backbone(name));
  initialise_weights(*backbone->network_, seed);
  backbone->keep_theta();
  return backbone;
}

std::unique_ptr<Backbone> Backbone::load(const std::string& name, const std::string& weights_path,
                                         Precision precision, const std::string& checkpoint_key) {
  std::unique_ptr<Backbone> backbone(new Backbone(name));
  if (is_torchscript(name)) {
    if (!weights_path.empty()) fail_argument("no weight file beside " + name, weights_path);
    backbone->checkpoint_.format = "TorchScript";
    backbone->keep_theta();
    return backbone;
  }
  const std::string path = weights_file(backbone->info_, weights_path);
  const WeightFile file = read_weight_file(path);
  ChosenStateDict chosen =
      choose_state_dict(*backbone->network_, backbone->info_, file, checkpoint_key);
  if (const auto& usual = chosen.location.layout.preprocessing) {
    backbone->info_.preprocessing = *usual;
    chosen.notes.push_back("weights: images are prepared as " + chosen.location.layout.name +
                           " does for weights of these names");
  }
  if (std::string note = apply_config(backbone->info_, file, path); !note.empty())
    chosen.notes.push_back(std::move(note));
  LoadedState loaded = load_state_dict(*backbone->network_, backbone->info_, chosen, path,
                                       scalar_type_of(precision));
  backbone->head_ = std::move(loaded.head);
  backbone->checkpoint_ = std::move(loaded.report);
  check_clip_activation(backbone->info_, file, path, backbone->checkpoint_.notes);
  backbone->checkpoint_.format = file.format + ", " + chosen.location.dict->layout;
  if (backbone->head_)
    backbone->checkpoint_.head_classes = head_classes(file, head_size(*backbone->head_).classes);
  backbone->keep_theta();
  return backbone;
}

std::unique_ptr<Backbone> Backbone::share() const {
  std::unique_ptr<Backbone> other(
      new Backbone(program_.empty() ? info_.name : std::string(torchscript_prefix) + program_));
  const auto point_at = [](const TensorMap& from, const TensorMap& to) {
    for (auto [name, tensor] : to) tensor.set_data(from.at(name));
  };
  point_at(theta_, other->parameters());
  point_at(pretrained_buffers_, other->buffers());
  other->info_ = info_;
  other->checkpoint_ = checkpoint_;
  other->precision_ = precision_;
  other->head_ = head_;
  other->identity_ = identity();
  other->weights_digest_ = weights_digest_;
  other->keep_theta();
  return other;
}

// theta_ shares the network's storages. Binding other weights gives parameters and buffers other
// storages and leaves these as they are.
void Backbone::keep_theta() {
  theta_ = parameters();
  pretrained_buffers_ = buffers();
  for (TensorMap* map : {&theta_, &pretrained_buffers_})
    for (auto& [name, tensor] : *map) tensor = tensor.detach();
}

const std::string& Backbone::identity() const {
  if (identity_.empty()) identity_ = weights_identity(mask_units_, theta_);
  return identity_;
}

const std::string& Backbone::weights_digest() const {
  if (!weights_digest_.empty()) return weights_digest_;
  Sha256 hash;
  hash_tensors(theta_, hash);
  hash_tensors(pretrained_buffers_, hash);
  hash_tensors(head_tensors(head_), hash);
  // The code of a program counts too.
  if (is_torchscript(info_.name)) hash.update(MappedFile(program_).bytes());
  return weights_digest_ = hash.hex();
}

at::Tensor Backbone::features(const at::Tensor& images) {
  if (images.dim() != 4 || images.size(1) != 3) {
    fail_argument("images of shape [N,3,H,W]", "[" + shape_text(images.sizes()) + "]");
  }
  const Autocast autocast(precision_, images.device());
  const at::Tensor features = network_->forward_features(images);
  return precision_ == Precision::float32 ? features : features.to(at::kFloat);
}

void Backbone::set_precision(Precision precision) {
  const at::ScalarType type = scalar_type_of(precision);
  const auto has_other_type = [&](const auto& item) {
    return item.second.scalar_type() != at::kFloat && item.second.scalar_type() != type;
  };
  if (std::any_of(theta_.begin(), theta_.end(), has_other_type)) widen();
  precision_ = precision;
}

TensorMap Backbone::parameters() const { return network_->own_parameters(); }

TensorMap Backbone::buffers() const { return network_->own_buffers(); }

int64_t Backbone::stage_of(const std::string& parameter) const {
  return network_->stage_of(parameter);
}

void Backbone::widen() {
  bool widened = false;
  for (auto& [name, tensor] : parameters()) {
    if (tensor.scalar_type() != at::kHalf && tensor.scalar_type() != at::kBFloat16) continue;
    tensor.set_data(tensor.detach().to(at::kFloat));
    widened = true;
  }
  if (widened) keep_theta();
}

void Backbone::to(const at::Device& device) {
  if (theta_.begin()->second.device() == device) return;
  network_->to(device);
  if (head_)
    head_ = transform_head(*head_, [&](const at::Tensor& tensor) { return tensor.to(device); });
  keep_theta();
}

}  // namespace submask
