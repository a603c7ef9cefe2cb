// Question: how long do forward and backward of each architecture take, beside timm's on the same
// LibTorch? Evaluation mode, every weight learned, random weights and images; one line an
// architecture.
#include <exception>
#include <iostream>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <submask/backbone.h>

#include "backbone/network.h"
#include "bench/child_process.h"
#include "bench/options.h"
#include "bench/paired_timing.h"

namespace submask::bench {
namespace {

struct Pair {
  std::string ours, theirs;  // names
};

// "NAME" or "OURS=TIMM'S".
Pair parse_pair(const std::string& word) {
  const size_t equals = word.find('=');
  if (equals == std::string::npos) return {word, word};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

struct Settings {
  int64_t batch = 8;
  int rounds = 9;
  int steps = 1;
};

void measure(ChildProcess& timm, const Pair& names, const Settings& settings) {
  const auto backbone = Backbone::create(names.ours, 1);
  const int64_t pixels = backbone->info().preprocessing.input_size;
  // As the loader hands images over.
  const at::Tensor images =
      at::randn({settings.batch, 3, pixels, pixels}).contiguous(at::MemoryFormat::ChannelsLast);
  const auto pass = [&] {
    for (int step = 0; step < settings.steps; ++step) {
      network_of(*backbone).zero_grad();
      backbone->features(images).square().mean().backward();
    }
  };
  const std::string question = "pass " + names.theirs + " " + std::to_string(settings.batch) + " " +
                               std::to_string(pixels) + " " + std::to_string(settings.steps);
  const PairedTimes times = measure_in_turn(
      settings.rounds, [&] { return seconds_of(pass); },
      [&] { return std::stod(timm.ask(question)); });
  const double scale = 1e3 / settings.steps;
  print_result({"architectures", median(times.ours) * scale, median(times.theirs) * scale,
                times.ratios(), "ms a pass"},
               {{"backbone", names.ours},
                {"timm", names.theirs},
                {"batch", settings.batch},
                {"pixels", pixels}});
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "Forward and backward of each architecture: submask (ours), timm (theirs)");
  std::string python = "python3";
  std::vector<std::string> names{"resnet18",
                                 "resnet50",
                                 "resnet50d",
                                 "tf_efficientnet_lite0",
                                 "mobilenetv3_large_100",
                                 "convnext_tiny",
                                 "vit_small_patch16_224",
                                 "vit_small_patch14_dinov2",
                                 "vitb32-clip=vit_base_patch32_clip_quickgelu_224",
                                 "rn50-clip=resnet50_clip_gap"};
  submask::bench::Settings settings;
  int threads = 2;
  options.add("NAMES", names, "Backbones, as NAME or OURS=TIMMS");
  options.add("--python", python, "A Python with torch and timm");
  options.add_positive("--batch", settings.batch);
  options.add("--threads", threads, "Of both");
  options.add_positive("--rounds", settings.rounds);
  options.add_positive("--steps", settings.steps, "In a row, in each round");
  options.parse(argc, argv);
  at::set_num_threads(threads);
  try {
    submask::bench::ChildProcess timm(
        {python, SUBMASK_TIMM_MODELS, "--threads", std::to_string(threads)});
    for (const std::string& name : names)
      submask::bench::measure(timm, submask::bench::parse_pair(name), settings);
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
