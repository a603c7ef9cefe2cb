#include "learn/learned_norms.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/nn/modules/batchnorm.h>

#include "backbone/network.h"

namespace submask {
namespace {

// The batch norms of a network and their epsilons, by module name.
std::vector<std::pair<std::string, double>> batch_norms(const Backbone& backbone) {
  std::vector<std::pair<std::string, double>> norms;
  for (const auto& item : network_of(backbone).named_modules("", /*include_self=*/false)) {
    const auto* norm = item.value()->as<torch::nn::BatchNorm2dImpl>();
    if (norm != nullptr && norm->weight.defined() && norm->running_var.defined())
      norms.emplace_back(item.key(), norm->options.eps());
  }
  return norms;
}

}  // namespace

std::vector<std::string> batch_norm_parameters(const Backbone& backbone) {
  std::vector<std::string> names;
  for (const auto& [norm, epsilon] : batch_norms(backbone)) {
    names.push_back(norm + ".weight");
    names.push_back(norm + ".bias");
  }
  return names;
}

std::vector<LearnedNorms::Norm> LearnedNorms::norms_of(const Backbone& backbone) {
  const at::NoGradGuard no_grad;
  constexpr double least_weight = 1e-3;
  const TensorMap parameters = backbone.parameters(), buffers = backbone.buffers();
  std::vector<Norm> norms;
  for (const auto& [name, epsilon] : batch_norms(backbone)) {
    const at::Tensor& first_weight = backbone.theta().at(name + ".weight");
    norms.push_back({name, parameters.at(name + ".weight"), parameters.at(name + ".bias"),
                     first_weight, backbone.theta().at(name + ".bias"),
                     first_weight.abs() >= least_weight, buffers.at(name + ".running_var"),
                     epsilon});
  }
  return norms;
}

std::vector<at::Tensor> LearnedNorms::parameters_of(const std::vector<Norm>& norms) {
  std::vector<at::Tensor> parameters;
  for (const Norm& norm : norms) {
    parameters.push_back(norm.weight);
    parameters.push_back(norm.bias);
  }
  return parameters;
}

LearnedNorms::LearnedNorms(const Backbone& backbone, double rate)
    : norms_(norms_of(backbone)),
      rate_(rate),
      optimizer_(parameters_of(norms_), UpdateSettings{.rate = rate}) {}

void LearnedNorms::step(double rate_share) {
  const at::NoGradGuard no_grad;
  optimizer_.step(rate_ * rate_share);
  constexpr double most = 4;  // of weight / w0, and of w0 / weight
  for (const Norm& norm : norms_) {
    const at::Tensor largest =
        ((norm.variance.clamp_min(0) + norm.epsilon) / norm.epsilon).sqrt().clamp_max(most);
    const at::Tensor ratio =
        at::minimum((norm.weight.detach() / norm.first_weight).clamp_min(1 / most), largest);
    norm.weight.detach().copy_(
        at::where(norm.learns, norm.first_weight * ratio, norm.first_weight));
    norm.bias.detach().copy_(at::where(norm.learns, norm.bias.detach(), norm.first_bias));
  }
}

void LearnedNorms::fold(TensorMap& statistics) const {
  const at::NoGradGuard no_grad;
  const auto exact = [](const at::Tensor& values) { return values.to(at::kCPU, at::kDouble); };
  for (const Norm& norm : norms_) {
    at::Tensor& mean = statistics.at(norm.name + ".running_mean");
    at::Tensor& variance = statistics.at(norm.name + ".running_var");
    const at::Tensor learns = norm.learns.to(at::kCPU);
    const at::Tensor weight = at::where(learns, exact(norm.weight.detach()), 1);
    const at::Tensor shift = exact(norm.first_bias) - exact(norm.bias.detach());
    const at::Tensor spread = exact(variance) + norm.epsilon;
    const at::Tensor folded_mean = exact(mean) + shift * spread.sqrt() / weight;
    const at::Tensor folded_variance =
        (spread * (exact(norm.first_weight) / weight).square() - norm.epsilon).clamp_min(0);
    mean = at::where(learns, folded_mean, exact(mean)).to(mean.scalar_type());
    variance = at::where(learns, folded_variance, exact(variance)).to(variance.scalar_type());
  }
}

void LearnedNorms::save(const std::string& prefix, TensorMap& state) const {
  optimizer_.save(prefix, state);
}

void LearnedNorms::load(const std::string& prefix, const TensorMap& state) {
  optimizer_.load(prefix, state);
}

}  // namespace submask
