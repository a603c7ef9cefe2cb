// Question: what does learning a mask cost over learning the weights? A training step of both, in
// turn; with
// --optimizer-only the update alone, and the memory traffic it sustains.
#include <ATen/Parallel.h>

#include "bench/options.h"
#include "bench/paired_timing.h"
#include "bench/training_step.h"

namespace submask::bench {
namespace {

// Bytes a weight that each update must read and write, sweep by sweep (mask/mask_optimizer.cpp): g,
// w; theta, g, s, v -> s, v, bit; theta, bit -> w. And g, w, v -> w, v.
constexpr double mask_bytes = 8 + 16 + 9 + 5 + 4;
constexpr double dense_bytes = 12 + 8;

void measure(StepSettings settings, int rounds, int steps, bool update_only) {
  TrainingStep mask(settings);
  settings.method = "fft";
  TrainingStep dense(settings);
  const auto work = [&](TrainingStep& step) {
    for (int i = 0; i < steps; ++i) update_only ? step.update_only() : step.run();
  };
  const PairedTimes times = time_in_turn(
      rounds, [&] { work(mask); }, [&] { work(dense); });
  const double ours = median(times.ours) / steps, theirs = median(times.theirs) / steps;
  nlohmann::ordered_json extra = settings.json();
  if (update_only) {
    const auto rate = [](const TrainingStep& step, double bytes, double seconds) {
      return std::round(static_cast<double>(step.learned_weights()) * bytes / seconds / 1e8) / 10;
    };
    extra = {{"backbone", settings.backbone},
             {"ours_gb_per_s", rate(mask, mask_bytes, ours)},
             {"theirs_gb_per_s", rate(dense, dense_bytes, theirs)}};
  }
  print_result({update_only ? "mask_update" : "mask_step", ours * 1e3, theirs * 1e3, times.ratios(),
                "ms a step"},
               extra);
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "A training step that learns a mask (ours) over one that learns the weights (theirs)");
  submask::bench::StepSettings settings;
  settings.add_to(options);
  int threads = 2, rounds = 15, steps = 1;
  bool update_only = false;
  options.add("--threads", threads);
  options.add_positive("--rounds", rounds);
  options.add_positive("--steps", steps, "In a row, in each round");
  options.add_flag("--optimizer-only", update_only, "The update alone, of whichever backbone");
  options.parse(argc, argv);
  at::set_num_threads(threads);
  if (update_only) settings.batch = 1;
  submask::bench::measure(settings, rounds, steps, update_only);
}
