// Cells share networks: all lp cells measure the frozen network, and the cells of one seed that
// begin without labels share what was learned so. It is always taken from its file, where its
// running statistics are rounded, so that a run that goes on later has the same results.
#include "grid/low_labels.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include <ATen/ATen.h>

#include <submask/evaluate.h>
#include <submask/head.h>
#include <submask/task_file.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/random.h"
#include "data/batch/image_cache.h"
#include "data/set/choose_images.h"
#include "grid/low_label_store.h"
#include "learn/settings_record.h"
#include "mask/weight_set.h"

namespace submask {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

class LowLabelRun {
 public:
  LowLabelRun(Backbone& backbone, const DataSplits& data, const SettingsForMethod& settings,
              const LowLabelOptions& options, const HooksForNetwork& hooks)
      : backbone_(backbone),
        data_(data),
        settings_(settings),
        options_(options),
        hooks_(hooks),
        store_(options.folder) {}

  std::vector<LowLabelCell> run() {
    for (const LowLabelMethod& method : options_.methods)
      for (const uint64_t seed : options_.seeds) run_seed(method, seed);
    return cells_;
  }

 private:
  // The settings of a method's stages with one seed.
  struct Stages {
    std::optional<TrainSettings> without_labels;
    TrainSettings from_labels;

    // Of the network that a probe is fitted over.
    const TrainSettings& probed() const { return without_labels ? *without_labels : from_labels; }
  };

  // The features of one network.
  struct NetworkFeatures {
    std::filesystem::path file;  // as LowLabelNetwork::file
    Features train, test;
  };

  void run_seed(const LowLabelMethod& method, uint64_t seed) {
    const Stages stages = stages_of(method, seed);
    std::optional<LowLabelNetwork> network;  // learned only where a cell has no result yet
    for (const std::string& labels : options_.labels) {
      const std::string name = text(name_of(method), "-", labels, "-seed", seed);
      const std::string fingerprint = cell_fingerprint(stages, labels);
      if (auto done = store_.find_cell(name, fingerprint)) {
        cells_.push_back(*std::move(done));
        continue;
      }
      if (!network) network = network_before_labels(stages);
      const std::vector<int64_t> chosen =
          choose_images(*data_.train, labels, random_stream(seed, Stream::labels));
      LowLabelCell cell;
      cell.method = method;
      cell.labels = labels;
      cell.seed = seed;
      cell.labelled_images = std::ssize(chosen);
      if (method.from_labels == Method::lp)
        probe(*network, stages, chosen, cell);
      else
        learn(*network, stages.from_labels, chosen, name, cell);
      store_.keep_cell(name, fingerprint, cell);
      store_.forget_checkpoint(name);
      cells_.push_back(std::move(cell));
    }
  }

  Stages stages_of(const LowLabelMethod& method, uint64_t seed) const {
    Stages stages{{}, settings_(method.from_labels)};
    stages.from_labels.seed = seed;
    if (method.without_labels) {
      stages.without_labels = settings_(*method.without_labels);
      stages.without_labels->seed = seed;
      stages.from_labels.from_task.clear();  // it starts from what the first stage learns
    }
    return stages;
  }

  std::string stage_fingerprint(const TrainSettings& settings) const {
    return run_fingerprint(settings, data_, backbone_);
  }

  std::string cell_fingerprint(const Stages& stages, const std::string& labels) const {
    std::string learning = stage_fingerprint(stages.from_labels);
    if (stages.without_labels) learning += stage_fingerprint(*stages.without_labels);
    return sha256_hex(as_bytes(
        text(learning, ' ', data_.test->digest(), ' ', labels, ' ', options_.most_epochs)));
  }

  LowLabelNetwork network_before_labels(const Stages& stages) {
    if (!stages.without_labels) return {};
    const TrainSettings& settings = *stages.without_labels;
    const std::string name = text(name_of(settings.method), "-seed", settings.seed);
    const std::string fingerprint = stage_fingerprint(settings);
    if (auto kept = store_.find_network(name, fingerprint)) return *std::move(kept);
    const auto start = std::chrono::steady_clock::now();
    const TrainResult learned = learn_network(settings, data_, name);
    LowLabelNetwork network =
        store_.keep_network(name, fingerprint, learned, seconds_since(start), backbone_);
    store_.forget_checkpoint(name);
    return network;
  }

  TrainResult learn_network(const TrainSettings& settings, const DataSplits& data,
                            const std::string& name) {
    TrainSettings with_checkpoint = settings;
    with_checkpoint.checkpoint = store_.checkpoint_folder(name).string();
    return train(backbone_, data, with_checkpoint, hooks_(name));
  }

  WeightSet masked_weights(const Task& task) const {
    WeightSet weights;
    apply_task(task, backbone_, weights);
    return weights;
  }

  WeightSet weights_in(const std::filesystem::path& file) const {
    if (file.empty()) return {};
    if (file.extension() == ".task") return masked_weights(read_task(file, backbone_));
    return network_weights(backbone_, read_weight_file(file).tensors);
  }

  Features extract(const std::shared_ptr<const Dataset>& images, const TrainSettings& settings) {
    LoaderOptions options = loader_options(settings.input);
    const Transform transform = test_transform(settings.input, backbone_.info().preprocessing);
    options.cache = open_image_cache(*images, transform, settings.input.cache);
    return extract_features(backbone_, images, transform, options);
  }

  // Those of the last network are kept.
  const NetworkFeatures& features_of(const LowLabelNetwork& network,
                                     const TrainSettings& settings) {
    if (!probed_ || probed_->file != network.file) {
      const WeightBinding binding(backbone_, weights_in(network.file));
      probed_ = {network.file, extract(data_.train, settings), extract(data_.test, settings)};
    }
    return *probed_;
  }

  double accuracy_of(const Head& head, const Features& test) const {
    return measure_accuracy(head_scores(head, test.values).argmax(1), test.labels,
                            static_cast<int64_t>(data_.train->class_names().size()))
        .accuracy;
  }

  void probe(const LowLabelNetwork& network, const Stages& stages,
             const std::vector<int64_t>& chosen, LowLabelCell& cell) {
    const NetworkFeatures& features = features_of(network, stages.probed());
    const auto start = std::chrono::steady_clock::now();
    LinearProbeOptions options;
    options.l2 = stages.from_labels.probe_l2;
    const LinearProbe probe =
        fit_linear_probe(select_features(features.train, *data_.train, chosen),
                         static_cast<int64_t>(data_.train->class_names().size()), options);
    cell.epochs = network.epochs;
    cell.masked_fraction = network.masked_fraction;
    cell.accuracy = accuracy_of(probe.head(), features.test);
    cell.seconds = network.seconds + seconds_since(start);
  }

  // Returns the epochs in which few images give as many steps as all images do, within the limit.
  int64_t epochs_for(int64_t images, int64_t epochs) const {
    const int64_t as_many_steps = (data_.train->size() * epochs + images / 2) / images;
    return std::max(epochs, std::min(options_.most_epochs, as_many_steps));
  }

  void learn(const LowLabelNetwork& network, TrainSettings settings,
             const std::vector<int64_t>& chosen, const std::string& name, LowLabelCell& cell) {
    const auto start = std::chrono::steady_clock::now();
    if (!network.file.empty()) settings.from_task = network.file.string();
    settings.epochs = epochs_for(std::ssize(chosen), settings.epochs);
    DataSplits labelled_data = data_;
    labelled_data.train = subset(data_.train, chosen);
    const TrainResult learned = learn_network(settings, labelled_data, name);
    const WeightBinding binding(backbone_, learned.state_dict.empty()
                                               ? masked_weights(learned.task)
                                               : network_weights(backbone_, learned.state_dict));
    cell.epochs = learned.epochs;
    cell.masked_fraction = learned.task.masked_fraction();
    cell.accuracy = accuracy_of(learned.task.head.value(), extract(data_.test, settings));
    cell.seconds = network.seconds + seconds_since(start);
  }

  Backbone& backbone_;
  const DataSplits& data_;
  const SettingsForMethod& settings_;
  const LowLabelOptions& options_;
  const HooksForNetwork& hooks_;
  LowLabelStore store_;
  std::optional<NetworkFeatures> probed_;
  std::vector<LowLabelCell> cells_;
};

}  // namespace

std::vector<LowLabelCell> run_low_labels(Backbone& backbone, const DataSplits& data,
                                         const SettingsForMethod& settings,
                                         const LowLabelOptions& options,
                                         const HooksForNetwork& hooks) {
  if (options.methods.empty() || options.labels.empty() || options.seeds.empty())
    fail_argument("at least one method, one number of labels and one seed", "none");
  if (options.most_epochs < 1) fail_argument("at least one epoch", options.most_epochs);
  for (const std::string& labels : options.labels)
    if (std::ranges::count(options.labels, labels) > 1)
      fail_argument("each number of labels once", labels + " twice");
  for (const LowLabelMethod& method : options.methods)
    if (std::ranges::count(options.methods, method) > 1)
      fail_argument("each method once", name_of(method) + " twice");
  return LowLabelRun(backbone, data, settings, options, hooks).run();
}

}  // namespace submask
