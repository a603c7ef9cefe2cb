#include "learn/self_supervised_watch.h"

#include <cmath>
#include <utility>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/names.h"

namespace submask {

std::vector<std::string> notes_without_labels(const Dataset& train, const TrainSettings& settings,
                                              const Objective& objective) {
  const int64_t images = train.size();
  std::vector<std::string> notes;
  if (const size_t classes = train.class_names().size(); classes > 1)
    notes.push_back(text("labels of ", classes, " classes are not learned from: ",
                         name_of(settings.method), " looks at the images alone"));
  if (images < settings.input.batch_size)
    notes.push_back(text(images, " images, fewer than a batch of ", settings.input.batch_size,
                         ": each step sees all of them"));
  for (const std::string& doubt : objective.doubts(images)) notes.push_back(doubt);
  return notes;
}

std::optional<std::string> SelfSupervisedWatch::check_first_crops(const at::Tensor& crops) {
  if (std::exchange(first_crops_checked_, true) || crops.numel() == 0) return std::nullopt;
  const at::Tensor pixels = crops.flatten(2);  // [M, 3, S * S]
  if (!pixels.eq(pixels.narrow(2, 0, 1)).all().item<bool>()) return std::nullopt;
  return text("the ", crops.size(0),
              " crops of the first batch show one colour each: there is nothing in such images "
              "to learn from");
}

std::optional<std::string> SelfSupervisedWatch::check_progress(
    double loss, const SelfSupervisedProgress& progress) {
  constexpr int64_t patience = 300;       // batches
  constexpr double near_uniform = 0.005;  // of ln(prototypes)
  constexpr double collapsed = 0.05;      // spread
  ++batches_;
  const bool uniform =
      std::fabs(loss - progress.uniform_loss) < near_uniform * progress.uniform_loss;
  uniform_batches_ = uniform ? uniform_batches_ + 1 : 0;
  if (uniform_batches_ == patience && !warned_uniform_) {
    warned_uniform_ = true;
    return text("loss ", loss, " = ln(", std::llround(std::exp(progress.uniform_loss)), ") for ",
                patience, " steps: no crop predicts another's prototype better than chance. ",
                advice_.uniform);
  }
  if (batches_ > patience && progress.spread < collapsed && !warned_collapsed_) {
    warned_collapsed_ = true;
    return text("collapsed: the projections of different images are all but equal (spread ",
                progress.spread, " of 1), so that nothing is left to learn from. ",
                advice_.collapsed);
  }
  return std::nullopt;
}

}  // namespace submask
