// Question: how many images a second does a step of ssl-fs by SwAV learn from, and how much memory
// does it take, beside a plain PyTorch loop of the same step? The loop runs as a child
// (plain_pytorch_ssl.py) in rounds that alternate with ours.
#include <fstream>
#include <iostream>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <submask/loader.h>

#include "backbone/network.h"
#include "base/random.h"
#include "bench/child_process.h"
#include "bench/options.h"
#include "bench/paired_timing.h"
#include "learn/learned_weights.h"
#include "learn/objective_registry.h"

namespace submask::bench {
namespace {

constexpr uint64_t seed = 1;

struct Settings {
  std::string python = "python3", backbone = "resnet20", recipe = "small-ssl";
  std::vector<std::string> python_options;
  int64_t batch = 64;
  int threads = 2, rounds = 9, steps = 2;
};

double status_mib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kib = 0;
  while (status >> word)
    if (word == key) status >> kib;
  return kib / 1024;
}

// Of the recipe's crops, at a rate at which nothing diverges in the few steps of a benchmark.
TrainSettings train_settings(const Settings& settings) {
  const BackboneInfo& info = backbone_info(settings.backbone);
  TrainSettings train = recipe_settings(settings.recipe, Method::ssl_fs, info);
  train.update.rule = UpdateRule::sgd;
  train.update.rate = 1;
  train.seed = seed;
  train.input.batch_size = settings.batch;
  SwavSettings& swav = train.self_supervised.swav;
  swav.epoch_queue_starts = swav.freeze_prototypes_niters = 0;
  for (CropRecipe& kind : train.crops)
    if (kind.size == 0) kind.size = info.preprocessing.input_size;
  return train;
}

// One step as train() takes it (uint8 crops, normalise, forward, backward, both updates), with a
// full queue.
class SelfSupervisedStep {
 public:
  explicit SelfSupervisedStep(const TrainSettings& settings, const std::string& name)
      : backbone_(Backbone::create(name, seed)),
        weights_(*backbone_, settings),
        objective_(objective_entry(SelfSupervised::swav).make(*backbone_, settings, at::kCPU)) {
    network_of(*backbone_).train();
    Random random({seed});
    for (const CropRecipe& kind : settings.crops) {
      crops_.push_back(
          at::empty({kind.count * settings.input.batch_size, 3, kind.size, kind.size}, at::kByte));
      uint8_t* pixels = crops_.back().data_ptr<uint8_t>();
      for (int64_t i = 0; i < crops_.back().numel(); ++i)
        pixels[i] = static_cast<uint8_t>(random.below(256));
    }
    TensorMap state;
    objective_->save(state);
    state["swav.queued"] = at::scalar_tensor(settings.self_supervised.swav.queue_length, at::kLong);
    at::manual_seed(seed);
    const at::Tensor queue = at::randn_like(state.at("swav.queue"));
    state["swav.queue"] = queue / queue.norm(2, {2}, /*keepdim=*/true);
    objective_->load(state);
    objective_->start_epoch(1, /*resumed=*/false);
  }

  void run() {
    ObjectiveBatch batch;
    for (const at::Tensor& crops : crops_)
      batch.crops.push_back(normalise(crops, backbone_->info().preprocessing));
    const ObjectiveOutcome outcome = objective_->evaluate(*backbone_, batch);
    outcome.loss.item<double>();
    outcome.loss.backward();
    weights_.step({});
    objective_->step({});
  }

 private:
  std::unique_ptr<Backbone> backbone_;
  LearnedWeights weights_;
  std::unique_ptr<Objective> objective_;
  std::vector<at::Tensor> crops_;
};

std::vector<std::string> loop_arguments(const Settings& settings, const TrainSettings& train) {
  const SwavSettings& swav = train.self_supervised.swav;
  std::vector<std::string> arguments = {settings.python, SUBMASK_PLAIN_SSL, "--backbone",
                                        settings.backbone};
  for (const auto& [name, value] : {std::pair{"--batch", train.input.batch_size},
                                    {"--hidden-mlp", swav.hidden_mlp},
                                    {"--feat-dim", swav.feat_dim},
                                    {"--nmb-prototypes", swav.nmb_prototypes},
                                    {"--queue-length", swav.queue_length},
                                    {"--threads", static_cast<int64_t>(settings.threads)}}) {
    arguments.emplace_back(name);
    arguments.push_back(std::to_string(value));
  }
  arguments.emplace_back("--crops");
  for (const CropRecipe& kind : train.crops)
    arguments.push_back(std::to_string(kind.count) + "x" + std::to_string(kind.size));
  arguments.insert(arguments.end(), settings.python_options.begin(), settings.python_options.end());
  return arguments;
}

void measure(const Settings& settings) {
  const TrainSettings train = train_settings(settings);
  ChildProcess loop(loop_arguments(settings, train));
  const auto torch = nlohmann::json::parse(loop.ask("version")).get<std::string>();
  const double before = status_mib("VmRSS:");
  SelfSupervisedStep step(train, settings.backbone);
  const std::string count = std::to_string(settings.steps);
  const PairedTimes times = measure_in_turn(
      settings.rounds,
      [&] {
        return seconds_of([&] {
          for (int i = 0; i < settings.steps; ++i) step.run();
        });
      },
      [&] { return std::stod(loop.ask(count)); });

  // Images a second: the ratio of speeds is that of times upside down.
  const auto images = static_cast<double>(settings.batch * settings.steps);
  std::vector<double> ratios = times.ratios();
  for (double& ratio : ratios) ratio = 1 / ratio;
  const auto memory = nlohmann::json::parse(loop.ask("memory"));
  const double peak = status_mib("VmHWM:"), their_peak = memory[0];
  print_result(
      {"ssl_step", images / median(times.ours), images / median(times.theirs), ratios, "images/s"},
      {{"backbone", settings.backbone},
       {"recipe", settings.recipe},
       {"batch", settings.batch},
       {"threads", settings.threads},
       {"theirs_torch", torch},
       {"peak_mib", peak},
       {"theirs_peak_mib", their_peak},
       {"growth_mib", peak - before},
       {"theirs_growth_mib", their_peak - memory[1].get<double>()}});
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "Images/s of a self-supervised step (ours) and of a plain PyTorch loop (theirs)");
  submask::bench::Settings settings;
  options.add_choice("--backbone", settings.backbone, {"resnet20", "resnet18"},
                     "resnet20 or resnet18");
  options.add("--recipe", settings.recipe, "Whose crops: small-ssl or paper-ssl");
  options.add_positive("--batch", settings.batch);
  options.add("--python", settings.python, "A Python with torch");
  options.add("--python-option", settings.python_options,
              "Handed on to the loop, e.g. --channels-last");
  options.add("--threads", settings.threads, "Of both");
  options.add_positive("--rounds", settings.rounds);
  options.add_positive("--steps", settings.steps, "In a row, in each round");
  options.parse(argc, argv);
  at::set_num_threads(settings.threads);
  try {
    submask::bench::measure(settings);
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
