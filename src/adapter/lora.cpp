#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "adapter/adapter_optimizer.h"
#include "mask/score_start.h"

namespace submask {
namespace {

// dL/dB = scale g A^T and dL/dA = scale B^T g with scale = alpha / rank and g = dL/dw.
class Lora : public AdapterOptimizer {
 public:
  Lora(std::vector<ParameterRows> tensors, const AdapterSettings& settings,
       const UpdateSettings& update, uint64_t seed) {
    const at::NoGradGuard no_grad;
    for (ParameterRows& rows : tensors) {
      const at::Tensor theta = rows.theta.flatten(1);
      const int64_t rank = std::min({settings.lora_rank, theta.size(0), theta.size(1)});
      const at::Tensor a =
          start_scores({.kind = ScoreStartKind::kaiming}, theta.narrow(0, 0, 1).expand({rank, -1}),
                       seed, pairs_.size())
              .to(theta.options());
      const at::Tensor b = at::zeros({theta.size(0), rank}, theta.options());
      const double alpha = settings.lora_alpha.value_or(static_cast<double>(settings.lora_rank));
      pairs_.push_back({std::move(rows), a, b, UpdateState(update, a), UpdateState(update, b),
                        alpha / static_cast<double>(settings.lora_rank)});
    }
  }

  void step(double rate) override {
    const at::NoGradGuard no_grad;
    for (Pair& pair : pairs_) {
      if (!pair.rows.parameter.grad().defined()) continue;
      const at::Tensor gradient = pair.rows.gradient().flatten(1) * pair.scale;
      const at::Tensor gradient_a = pair.b.t().mm(gradient);
      pair.b_state.apply(pair.b, gradient.mm(pair.a.t()), rate);
      pair.a_state.apply(pair.a, gradient_a, rate);
      pair.write();
    }
    for (Pair& pair : pairs_) pair.rows.parameter.mutable_grad().reset();
  }

  void save(const std::string& prefix, TensorMap& state) const override {
    for (const Pair& pair : pairs_) {
      const std::string a = prefix + pair.rows.name + ".a", b = prefix + pair.rows.name + ".b";
      state[a] = pair.a;
      state[b] = pair.b;
      pair.a_state.save(a, state);
      pair.b_state.save(b, state);
    }
  }

  void load(const std::string& prefix, const TensorMap& state) override {
    const at::NoGradGuard no_grad;
    for (Pair& pair : pairs_) {
      const std::string a = prefix + pair.rows.name + ".a", b = prefix + pair.rows.name + ".b";
      load_state(state, a, pair.a);
      load_state(state, b, pair.b);
      pair.a_state.load(a, state);
      pair.b_state.load(b, state);
      pair.write();
    }
  }

  void start_epoch(int64_t, int64_t) override {}
  bool has_its_form() const override { return true; }

  AdapterContent content() const override {
    AdapterContent content;
    for (const Pair& pair : pairs_) {
      content.values[pair.rows.name + ".a"] = pair.a;
      content.values[pair.rows.name + ".b"] = pair.b;
    }
    return content;
  }

 private:
  struct Pair {
    ParameterRows rows;
    at::Tensor a, b;
    UpdateState a_state, b_state;
    double scale;

    void write() const {
      const at::Tensor change = (b.mm(a) * scale).view(rows.theta.sizes());
      rows.weight().copy_(rows.theta + change);
    }
  };

  std::vector<Pair> pairs_;
};

}  // namespace

std::unique_ptr<AdapterOptimizer> make_lora(std::vector<ParameterRows> tensors,
                                            const AdapterSettings& settings,
                                            const UpdateSettings& update, uint64_t seed) {
  return std::make_unique<Lora>(std::move(tensors), settings, update, seed);
}

}  // namespace submask
