#include "learn/self_supervised_watch.h"

#include <cmath>

#include "base/fail.h"

namespace submask {

std::optional<std::string> SelfSupervisedWatch::look(double loss,
                                                     const SelfSupervisedProgress& progress) {
  constexpr int64_t patience = 300;       // steps
  constexpr double near_uniform = 0.005;  // of ln(prototypes)
  constexpr double collapsed = 0.05;      // spread
  ++batches_;
  const bool uniform =
      std::fabs(loss - progress.uniform_loss) < near_uniform * progress.uniform_loss;
  uniform_batches_ = uniform ? uniform_batches_ + 1 : 0;
  if (uniform_batches_ == patience && !warned_uniform_) {
    warned_uniform_ = true;
    return text("loss ", loss, " = ln(", std::llround(std::exp(progress.uniform_loss)), ") for ",
                patience,
                " steps: no crop predicts another's prototype better than chance. A higher "
                "--head-rate or --rate, a lower --temperature or larger crops may help");
  }
  if (batches_ > patience && progress.spread < collapsed && !warned_collapsed_) {
    warned_collapsed_ = true;
    return text("collapsed: the projections of different images are all but equal (spread ",
                progress.spread,
                " of 1), so that nothing is left to learn from. A lower --rate, or a longer "
                "--freeze-prototypes-niters, may help");
  }
  return std::nullopt;
}

}  // namespace submask
