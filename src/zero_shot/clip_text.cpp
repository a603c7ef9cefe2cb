#include "zero_shot/clip_text.h"

#include <algorithm>
#include <cmath>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include "backbone/attention.h"
#include "backbone/clip_activation.h"
#include "backbone/tensor_text.h"
#include "base/fail.h"
#include "zero_shot/clip_text_layouts.h"

namespace submask {
namespace {

constexpr int64_t attention_head_width = 64;  // of every published CLIP
constexpr int64_t batch_limit = 64;           // texts at a time
constexpr double layer_norm_epsilon = 1e-5;   // torch's default
constexpr const char* tower_name = "CLIP's text transformer";

// Gives tensors by name. Throws corrupt_file that names a missing or misshapen tensor.
class TensorSource {
 public:
  TensorSource(const TensorMap& tensors, const std::string& path)
      : tensors_(tensors), path_(path) {}

  bool has(const std::string& name) const { return tensors_.contains(name); }

  // A size of -1 in `shape` allows any size.
  at::Tensor take(const std::string& name, std::vector<int64_t> shape) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) fail_corrupt(text(tower_name, " with ", name), "none", path_);
    const at::Tensor& tensor = found->second;
    bool fits = tensor.is_floating_point() && tensor.dim() == static_cast<int64_t>(shape.size());
    for (size_t i = 0; fits && i < shape.size(); ++i)
      fits = tensor.size(static_cast<int64_t>(i)) > 0 &&
             (shape[i] < 0 || tensor.size(static_cast<int64_t>(i)) == shape[i]);
    if (!fits)
      fail_corrupt(text(tower_name, " with ", name, " [", shape_text(shape), "]"),
                   tensor_text(tensor), path_);
    return tensor.detach().to(at::kCPU, at::kFloat).contiguous();
  }

  // Sets all parameters of a module, which then need no gradient.
  void fill(torch::nn::Module& module, const std::string& prefix) const {
    for (auto& item : module.named_parameters()) {
      item.value().set_requires_grad(false);
      item.value().set_data(take(prefix + item.key(), item.value().sizes().vec()));
    }
  }

 private:
  const TensorMap& tensors_;
  const std::string& path_;
};

}  // namespace

ClipText ClipText::load(const std::string& weights_path, Activation activation) {
  const WeightFile file = read_weight_file(weights_path);
  TensorMap tensors = find_clip_text(file.tensors);
  for (const StateDict& other : file.others)
    if (tensors.empty()) tensors = find_clip_text(other.tensors);
  if (tensors.empty()) fail_corrupt(tower_name, "a file without one", weights_path);
  return {tensors, clip_activations(file, weights_path).text.value_or(activation), weights_path};
}

ClipText::ClipText(const TensorMap& tensors, Activation activation, const std::string& path) {
  const TensorSource source(tensors, path);
  embedding_ = source.take("token_embedding", {-1, -1});
  const int64_t inner = embedding_.size(1);
  positions_ = source.take("positions", {-1, inner});
  projection_ = source.take("projection", {inner, -1});
  logit_scale_ = std::exp(source.take("logit_scale", {}).item<double>());
  if (inner % attention_head_width != 0)
    fail_corrupt(text(tower_name, " of a width of whole heads of ", attention_head_width), inner,
                 path);
  for (int64_t i = 0; i == 0 || source.has(text("blocks.", i, ".norm1.weight")); ++i) {
    TransformerBlock block(BlockShape{.width = inner,
                                      .heads = inner / attention_head_width,
                                      .activation = activation,
                                      .causal = true,
                                      .norm_epsilon = layer_norm_epsilon});
    source.fill(*block, text("blocks.", i, "."));
    blocks_->push_back(block);
  }
  norm_ = layer_norm(inner, layer_norm_epsilon);
  source.fill(*norm_, "norm.");
}

at::Tensor ClipText::features(const std::vector<std::vector<int64_t>>& texts) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> parts{at::zeros({0, width()})};
  for (size_t begin = 0; begin < texts.size(); begin += batch_limit) {
    const auto first = texts.begin() + static_cast<int64_t>(begin);
    const auto last =
        texts.begin() + static_cast<int64_t>(std::min(begin + batch_limit, texts.size()));
    parts.push_back(batch_features({first, last}));
  }
  return at::cat(parts);
}

// A token attends only to itself and to tokens before it, so tokens after the end token do not
// change a text's features. Texts are therefore padded to the longest of the batch, not to the
// context.
at::Tensor ClipText::batch_features(const std::vector<std::vector<int64_t>>& texts) {
  size_t longest = 0;
  for (const auto& tokens : texts) {
    longest = std::max(longest, tokens.size());
    if (tokens.empty()) fail_argument("texts of at least one token", "none");
    for (const int64_t token : tokens)
      if (token < 0 || token >= vocabulary())
        fail_argument(text("tokens of 0 to ", vocabulary() - 1), token);
  }
  if (static_cast<int64_t>(longest) > context())
    fail_argument(text("texts of at most ", context(), " tokens"), longest);
  const auto count = static_cast<int64_t>(texts.size()), length = static_cast<int64_t>(longest);
  at::Tensor tokens = at::zeros({count, length}, at::kLong);
  at::Tensor ends = at::zeros({count}, at::kLong);
  for (int64_t i = 0; i < count; ++i) {
    const std::vector<int64_t>& text_tokens = texts[static_cast<size_t>(i)];
    std::copy(text_tokens.begin(), text_tokens.end(), tokens[i].data_ptr<int64_t>());
    // The end token is the highest number of the vocabulary; a text ends at the first one.
    ends[i] = std::max_element(text_tokens.begin(), text_tokens.end()) - text_tokens.begin();
  }
  const at::Tensor embedded =
      embedding_.index_select(0, tokens.flatten()).view({count, length, -1});
  const at::Tensor x = blocks_->forward(embedded + positions_.narrow(0, 0, length));
  const at::Tensor rows = ends.view({-1, 1, 1}).expand({count, 1, x.size(2)});
  return norm_->forward(x.gather(1, rows).squeeze(1)).matmul(projection_);
}

}  // namespace submask
