// Question: how long from nothing to the features of a first image, beside PyTorch and timm? Both
// build the network, load the same safetensors file, which the page cache holds, and run one image;
// starting the program and importing modules does not count.
#include <exception>
#include <filesystem>
#include <iostream>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <submask/backbone.h>

#include "bench/child_process.h"
#include "bench/options.h"
#include "bench/paired_timing.h"

namespace submask::bench {
namespace {

// A whole state dict as timm saves it, classifier included.
std::string write_weights(const std::string& backbone) {
  const auto random = Backbone::create(backbone, 1);
  TensorMap state = random->parameters();
  state.merge(random->buffers());
  const BackboneInfo& info = random->info();
  state[info.head_name + ".weight"] = at::zeros({1000, info.feature_width});
  state[info.head_name + ".bias"] = at::zeros({1000});
  const auto path = std::filesystem::temp_directory_path() / ("submask_bench_" + backbone);
  write_safetensors(path, state, {});
  return path.string();
}

void measure(const std::string& python, const std::string& backbone, int rounds) {
  const std::string file = write_weights(backbone);
  ChildProcess timm(
      {python, SUBMASK_TIMM_MODELS, "--threads", std::to_string(at::get_num_threads())});
  const auto versions = nlohmann::json::parse(timm.ask("version")).get<std::string>();
  const auto first_image = [&] {
    const at::NoGradGuard no_grad;
    Backbone::load(backbone, file)->features(at::zeros({1, 3, 224, 224}));
  };
  const PairedTimes times = measure_in_turn(
      rounds, [&] { return seconds_of(first_image); },
      [&] { return std::stod(timm.ask("load " + backbone + " " + file)); });
  print_result(
      {"first_image", median(times.ours) * 1e3, median(times.theirs) * 1e3, times.ratios(), "ms"},
      {{"backbone", backbone},
       {"file_bytes", std::filesystem::file_size(file)},
       {"theirs_versions", versions}});
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "From nothing to a first image's features: submask (ours), PyTorch and timm (theirs)");
  std::string python = "python3", backbone = "resnet50";
  int threads = 2, rounds = 15;
  options.add("--python", python, "A Python with torch and timm");
  options.add("--backbone", backbone);
  options.add("--threads", threads, "Of both");
  options.add_positive("--rounds", rounds);
  options.parse(argc, argv);
  at::set_num_threads(threads);
  try {
    submask::bench::measure(python, backbone, rounds);
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
