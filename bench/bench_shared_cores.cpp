// Question: what does a training step gain by SharedCores (run/shared_cores.h), on a quiet
// machine and beside other programs? Two children of this program take steps in turn: in one
// waiting threads sleep while others want the cores, in the other they spin as LibTorch's do.
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>

#include <ATen/Parallel.h>

#include "bench/child_process.h"
#include "bench/options.h"
#include "bench/paired_timing.h"
#include "bench/training_step.h"
#include "run/shared_cores.h"

namespace submask::bench {
namespace {

// A program that wants a core, in a session of its own, as the scheduler shares cores by sessions.
class BusyProgram {
 public:
  BusyProgram() : pid_(fork()) {
    if (pid_ != 0) return;
    setsid();
    for (volatile uint64_t rounds = 0;;) rounds = rounds + 1;
  }
  ~BusyProgram() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  BusyProgram(const BusyProgram&) = delete;
  BusyProgram& operator=(const BusyProgram&) = delete;

 private:
  pid_t pid_;
};

// Answers each line with the seconds that so many steps took.
void answer(const StepSettings& settings) {
  TrainingStep step(settings);
  for (int steps = 0; std::cin >> steps;)
    std::cout << seconds_of([&] { step.run(steps); }) << std::endl;
}

// `arguments`: this program's own, which each child is given too.
void measure(const std::vector<std::string>& arguments, const StepSettings& settings, int rounds,
             int steps, const std::string& name) {
  const auto child = [&](const char* waiting) {
    std::vector<std::string> all = {"/proc/self/exe", "--child", waiting};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  };
  ChildProcess watches(child("watches")), spins(child("spins"));
  const std::string count = std::to_string(steps);
  const PairedTimes times = measure_in_turn(
      rounds, [&] { return std::stod(watches.ask(count)); },
      [&] { return std::stod(spins.ask(count)); });
  print_result({name, median(times.ours) / steps * 1e3, median(times.theirs) / steps * 1e3,
                times.ratios(), "ms a step"},
               settings.json());
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "A training step in a process whose waiting threads sleep while others want the cores (ours) "
      "and in one whose threads spin (theirs)");
  submask::bench::StepSettings settings;
  settings.backbone = "resnet20";
  settings.pixels = 32;
  settings.batch = 64;
  settings.add_to(options);
  int threads = 2, rounds = 5, steps = 4, busy = 0;
  options.add("--threads", threads);
  options.add_positive("--rounds", rounds);
  options.add_positive("--steps", steps, "In a row, in each round");
  options.add("--busy", busy, "Programs that each want a core");
  std::string child;
  options.add("--child", child, "Take steps as one of the two does (watches, spins)");
  options.parse(argc, argv);
  if (child.empty()) {
    std::vector<std::unique_ptr<submask::bench::BusyProgram>> others;
    others.reserve(static_cast<size_t>(busy));
    for (int i = 0; i < busy; ++i)
      others.push_back(std::make_unique<submask::bench::BusyProgram>());
    submask::bench::measure({argv + 1, argv + argc}, settings, rounds, steps,
                            "shared_cores, " + std::to_string(busy) + " busy");
    return 0;
  }
  at::set_num_threads(threads);
  std::optional<submask::SharedCores> shared_cores;
  if (child == "watches") shared_cores.emplace();
  submask::bench::answer(settings);
}
