#include <algorithm>
#include <cmath>

#include <submask/train.h>

#include "base/fail.h"
#include "base/names.h"

namespace submask {
namespace {

// The factors are 1, 1/3, 3, 1/9, 9, ...: the nearest come first, so that a few trials already show
// the better direction.
double candidate(double rate, int64_t trial) {
  const int64_t power = (trial + 1) / 2;
  return rate * std::pow(3.0, static_cast<double>(trial % 2 == 0 ? power : -power));
}

}  // namespace

std::vector<TuneTrial> tune_rate(Backbone& backbone, const DataSplits& data,
                                 TrainSettings& settings, int64_t trials, const TrainHooks& hooks) {
  if (!data.validation) fail_argument("a validation set (--validation) to tune on", "none");
  if (settings.method == Method::lp)
    fail_argument("a method with a rate to tune: fs or fft", name_of(settings.method));
  TrainSettings trial_settings = settings;
  trial_settings.epochs =
      std::clamp<int64_t>(settings.epochs / 4, least_epochs(settings.method), 5);
  trial_settings.patience.reset();
  const double quarter = 0.25 * static_cast<double>(trial_settings.epochs);
  trial_settings.warmup_epochs = std::min(settings.warmup_epochs.value_or(quarter), quarter);
  trial_settings.checkpoint.clear();
  TrainHooks quiet;
  quiet.should_stop = hooks.should_stop;

  std::vector<TuneTrial> tried;
  for (int64_t i = 0; i < trials; ++i) {
    TuneTrial trial{candidate(settings.update.rate, i), 0};
    trial_settings.update.rate = trial.rate;
    try {
      trial.validation_accuracy =
          train(backbone, data, trial_settings, quiet).best_validation_accuracy.value_or(0);
    } catch (const Error& error) {
      // With a rate that is too high the loss is not finite. The trial then counts as accuracy 0.
      if (error.kind() != ErrorKind::corrupt_file) throw;
    }
    if (hooks.note)
      hooks.note(
          text("tried rate ", trial.rate, ": validation accuracy ", trial.validation_accuracy));
    tried.push_back(trial);
  }
  const auto best =
      std::max_element(tried.begin(), tried.end(), [](const TuneTrial& a, const TuneTrial& b) {
        return a.validation_accuracy < b.validation_accuracy;
      });
  if (best != tried.end()) settings.update.rate = best->rate;
  settings.tuned_rates.clear();
  for (const TuneTrial& trial : tried) settings.tuned_rates.push_back(trial.rate);
  return tried;
}

}  // namespace submask
