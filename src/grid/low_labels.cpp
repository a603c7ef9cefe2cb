// Cells share networks: all lp cells measure the frozen network, and the cells of an ssl method
// with the same seed measure one learned network. Each fs and fft cell learns a network of its own.
#include "grid/low_labels.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include <ATen/ATen.h>

#include <submask/evaluate.h>
#include <submask/head.h>
#include <submask/task_file.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/names.h"
#include "base/random.h"
#include "data/batch/image_cache.h"
#include "data/set/choose_images.h"
#include "learn/settings_record.h"
#include "mask/weight_set.h"

namespace submask {
namespace {

using Json = nlohmann::json;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string safe_name(std::string name) {
  for (char& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.') c = '_';
  return name;
}

Json to_json(const LowLabelCell& cell) {
  return {{"method", name_of(cell.method)},
          {"labels", cell.labels},
          {"seed", cell.seed},
          {"labelled_images", cell.labelled_images},
          {"epochs", cell.epochs},
          {"accuracy", cell.accuracy},
          {"masked_fraction", cell.masked_fraction},
          {"seconds", cell.seconds}};
}

LowLabelCell from_json(const Json& json) {
  return {value_named<Method>(json.at("method"), "a method"),
          json.at("labels"),
          json.at("seed"),
          json.at("labelled_images"),
          json.at("epochs"),
          json.at("accuracy"),
          json.at("masked_fraction"),
          json.at("seconds")};
}

class LowLabelRun {
 public:
  LowLabelRun(Backbone& backbone, const DataSplits& data, const SettingsForMethod& settings,
              const LowLabelOptions& options, const HooksForNetwork& hooks)
      : backbone_(backbone), data_(data), settings_(settings), options_(options), hooks_(hooks) {}

  std::vector<LowLabelCell> run() {
    for (const Method method : options_.methods)
      for (const uint64_t seed : options_.seeds) run_seed(method, seed);
    return cells_;
  }

 private:
  struct Network {
    Features train, test;
    int64_t epochs = 0;
    double masked_fraction = 0, seconds = 0;
  };

  void run_seed(Method method, uint64_t seed) {
    TrainSettings settings = settings_(method);
    settings.seed = seed;
    std::optional<Network> network;  // for probes; learned only where a cell has no result yet
    for (const std::string& labels : options_.labels) {
      const std::string fingerprint = cell_fingerprint(settings, labels);
      const auto path = options_.folder / "cells" /
                        safe_name(text(name_of(method), "-", labels, "-seed", seed, ".json"));
      if (auto done = read_cell(path, fingerprint)) {
        cells_.push_back(*std::move(done));
        continue;
      }
      const bool probes = method == Method::lp || learns_without_labels(settings.method);
      if (probes && !network) network = make_probed_network(settings);
      LowLabelCell cell = probes ? probe(*network, settings, labels) : learn(settings, labels);
      cell.method = method;
      cell.labels = labels;
      cell.seed = seed;
      write_cell(path, fingerprint, cell);
      cells_.push_back(std::move(cell));
    }
  }

  std::vector<int64_t> choose_labelled(const std::string& labels, uint64_t seed) const {
    return choose_images(*data_.train, labels, random_stream(seed, Stream::labels));
  }

  std::string cell_fingerprint(const TrainSettings& settings, const std::string& labels) const {
    return sha256_hex(as_bytes(text(run_fingerprint(settings, data_, backbone_), ' ',
                                    data_.test->digest(), ' ', labels, ' ', options_.most_epochs)));
  }

  std::optional<LowLabelCell> read_cell(const std::filesystem::path& path,
                                        const std::string& fingerprint) const {
    if (!std::filesystem::exists(path)) return std::nullopt;
    const Json stored = Json::parse(read_text_file(path), nullptr, /*allow_exceptions=*/false);
    if (!stored.is_object() || !stored.contains("fingerprint") || !stored.contains("cell"))
      fail_corrupt("a cell of low-label results",
                   stored.is_discarded() ? "text that is no JSON" : stored.dump(), path.string());
    if (stored["fingerprint"] != fingerprint)
      fail_argument("a result of these settings and data", "one of others, in " + path.string());
    return from_json(stored["cell"]);
  }

  static void write_cell(const std::filesystem::path& path, const std::string& fingerprint,
                         const LowLabelCell& cell) {
    std::filesystem::create_directories(path.parent_path());
    const Json stored = {{"fingerprint", fingerprint}, {"cell", to_json(cell)}};
    write_file_atomically(path, as_bytes(stored.dump(1) + "\n"));
  }

  std::filesystem::path checkpoint_folder(const std::string& name) const {
    return options_.folder / "checkpoints" / safe_name(name);
  }

  void forget_checkpoint(const std::string& name) const {
    std::filesystem::remove_all(checkpoint_folder(name));
    std::error_code not_empty;
    std::filesystem::remove(options_.folder / "checkpoints", not_empty);
  }

  Features extract(const std::shared_ptr<const Dataset>& images, const TrainSettings& settings) {
    LoaderOptions options = loader_options(settings.input);
    const Transform transform = test_transform(settings.input, backbone_.info().preprocessing);
    options.cache = open_image_cache(*images, transform, settings.input.cache);
    return extract_features(backbone_, images, transform, options);
  }

  TrainResult learn_network(const TrainSettings& settings, const DataSplits& data,
                            const std::string& name) {
    TrainSettings with_checkpoint = settings;
    with_checkpoint.checkpoint = checkpoint_folder(name).string();
    return train(backbone_, data, with_checkpoint, hooks_(name));
  }

  // Runs `measure` with the learned weights bound to the network.
  void with_learned(const TrainResult& learned, const TrainSettings& settings,
                    const std::function<void()>& measure) {
    WeightSet weights = learned.state_dict;
    if (!learns_weights(settings.method)) apply_task(learned.task, backbone_, weights);
    std::erase_if(weights, [&](const auto& item) {
      return item.first.starts_with(backbone_.info().head_name + ".");
    });
    const WeightBinding binding(backbone_, weights);
    measure();
  }

  Network make_probed_network(const TrainSettings& settings) {
    Network network;
    const auto measure = [&] {
      network.train = extract(data_.train, settings);
      network.test = extract(data_.test, settings);
    };
    if (settings.method == Method::lp) {
      if (!frozen_.train.values.defined()) {
        measure();
        frozen_ = network;
      }
      return frozen_;
    }
    const std::string name = text(name_of(settings.method), "-seed", settings.seed);
    const auto start = std::chrono::steady_clock::now();
    const TrainResult learned = learn_network(settings, data_, name);
    network.seconds = seconds_since(start);
    network.epochs = learned.epochs;
    network.masked_fraction = learned.task.masked_fraction();
    with_learned(learned, settings, measure);
    if (learns_weights(settings.method))
      write_safetensors(options_.folder / (name + ".safetensors"), learned.state_dict,
                        {{"format", "pt"}});
    else
      write_task(options_.folder / (name + ".task"), pack_task(learned.task, backbone_));
    forget_checkpoint(name);
    return network;
  }

  double accuracy_of(const Head& head, const Features& test) const {
    return measure_accuracy(head_scores(head, test.values).argmax(1), test.labels,
                            static_cast<int64_t>(data_.train->class_names().size()))
        .accuracy;
  }

  LowLabelCell probe(const Network& network, const TrainSettings& settings,
                     const std::string& labels) {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<int64_t> chosen = choose_labelled(labels, settings.seed);
    const Features bank = select_features(network.train, *data_.train, chosen);
    LinearProbeOptions probe_options;
    probe_options.l2 = settings.probe_l2;
    const LinearProbe probe = fit_linear_probe(
        bank, static_cast<int64_t>(data_.train->class_names().size()), probe_options);
    LowLabelCell cell;
    cell.labelled_images = std::ssize(chosen);
    cell.epochs = network.epochs;
    cell.masked_fraction = network.masked_fraction;
    cell.accuracy = accuracy_of(probe.head(), network.test);
    cell.seconds = network.seconds + seconds_since(start);
    return cell;
  }

  // Returns the epochs in which few images give as many steps as all images do, within the limit.
  int64_t epochs_for(int64_t images, int64_t epochs) const {
    const int64_t as_many_steps = (data_.train->size() * epochs + images / 2) / images;
    return std::max(epochs, std::min(options_.most_epochs, as_many_steps));
  }

  LowLabelCell learn(TrainSettings settings, const std::string& labels) {
    const auto start = std::chrono::steady_clock::now();
    const std::vector<int64_t> chosen = choose_labelled(labels, settings.seed);
    settings.epochs = epochs_for(std::ssize(chosen), settings.epochs);
    DataSplits labelled_data = data_;
    labelled_data.train = subset(data_.train, chosen);
    const std::string name = text(name_of(settings.method), "-", labels, "-seed", settings.seed);
    const TrainResult learned = learn_network(settings, labelled_data, name);
    LowLabelCell cell;
    cell.labelled_images = std::ssize(chosen);
    cell.epochs = learned.epochs;
    cell.masked_fraction = learned.task.masked_fraction();
    with_learned(learned, settings, [&] {
      cell.accuracy = accuracy_of(learned.task.head.value(), extract(data_.test, settings));
    });
    cell.seconds = seconds_since(start);
    forget_checkpoint(name);
    return cell;
  }

  Backbone& backbone_;
  const DataSplits& data_;
  const SettingsForMethod& settings_;
  const LowLabelOptions& options_;
  const HooksForNetwork& hooks_;
  Network frozen_;  // for lp; empty until it is needed
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
  std::filesystem::create_directories(options.folder);
  return LowLabelRun(backbone, data, settings, options, hooks).run();
}

}  // namespace submask
