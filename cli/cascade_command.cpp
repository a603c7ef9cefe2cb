#include <chrono>
#include <deque>
#include <filesystem>
#include <iostream>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/output_file.h>
#include <submask/predictor.h>
#include <submask/train_cascade.h>

#include "cli/adaptation.h"
#include "cli/commands.h"
#include "cli/measure.h"
#include "cli/progress_line.h"
#include "cli/train_options.h"

namespace submask::cli {
namespace {

const KnnOptions knn = knn_preset("paper");

struct CascadeOptions {
  TrainOptions train;
  CascadeSettings cascade;
  bool no_heads = false;
};

// Training of each stage, features and notes on stderr.
class CascadeProgress {
 public:
  explicit CascadeProgress(const SharedOptions& shared) : shared_(shared) {}

  CascadeHooks hooks() {
    CascadeHooks hooks;
    hooks.training = [this](const std::string& stage) {
      line_.reset();
      return training_.emplace_back(shared_, stage).hooks();
    };
    hooks.images = [this](const std::string& stage, int64_t done, int64_t total) {
      if (!line_ || stage_ != stage) line_.emplace(shared_, stage_ = stage);
      line_->show(done, total);
    };
    hooks.note = [this](const std::string& line) { note(shared_, "cascade: " + line); };
    return hooks;
  }

 private:
  const SharedOptions& shared_;
  std::deque<ProgressLine> training_;  // hooks refer to them
  std::string stage_;
  std::optional<CountLine> line_;
};

// Labels enter here, and nowhere before: as the bank's, the probe's and the test set's.
class CascadeMeasurement {
 public:
  CascadeMeasurement(Backbone& backbone, const DataSplits& data, const CascadeOptions& options)
      : backbone_(backbone),
        data_(data),
        options_(options),
        classes_(std::ssize(data.train->class_names())) {}

  // As it is, and projected as joined features are: what the experts add shows against the second.
  void dispatcher(const TrainedCascade& trained, Json& result) {
    Predictor predictor(backbone_);
    predictor.select(unpack_task(trained.cascade.dispatcher, backbone_));
    Features test = test_features("dispatcher", trained, [&](auto&&... arguments) {
      return extract_features(backbone_, arguments...);
    });
    Features train = trained.dispatcher_features();
    TensorMap unused;
    result["dispatcher"] = measured(train, test, unused);
    result["dispatcher"]["masked_fraction"] = trained.cascade.dispatcher.masked_fraction();
    const Projection projection = trained.dispatcher_projection();
    test.values = projection.apply(test.values);
    train.values = projection.apply(train.values);
    result["dispatcher_projected"] = measured(train, test, unused);
  }

  // The probe's head goes to `head`.
  Json view(const TrainedCascade& trained, CascadeMode mode, const std::string& name,
            TensorMap& head) {
    CascadePredictor predictor(backbone_, trained.cascade, mode);
    const Features test = test_features(name, trained, [&](auto&&... arguments) {
      return extract_features(predictor, arguments...);
    });
    return measured(trained.features(mode), test, head);
  }

  int64_t test_images() const { return test_images_; }
  const std::vector<std::string>& bad_images() const { return bad_images_; }

 private:
  template <typename Extract>
  Features test_features(const std::string& name, const TrainedCascade& trained,
                         const Extract& extract) {
    const InputOptions& input = options_.train.input;
    const Transform transform = input.test(trained.cascade.dispatcher.preprocessing);
    CountLine line(options_.train.shared, "test set, " + name);
    Features features = extract(data_.test, transform, input.loader(),
                                [&](int64_t done, int64_t total) { line.show(done, total); });
    test_images_ = features.labels.numel();
    bad_images_ = features.skipped;
    if (test_images_ == 0)
      throw Error(ErrorKind::corrupt_file, "expected test images that decode, got none");
    return features;
  }

  Json measured(const Features& train, const Features& test, TensorMap& head) const {
    const at::Tensor votes = knn_scores(train, test.values, classes_, knn);
    LinearProbeOptions probe_options;
    probe_options.l2 = options_.cascade.training.probe_l2;
    const LinearProbe probe = fit_linear_probe(train, classes_, probe_options);
    head = probe.head();
    const auto accuracy = [&](const at::Tensor& scores) {
      return measure_accuracy(scores.argmax(1), test.labels, classes_).accuracy;
    };
    return {{"knn_accuracy", accuracy(votes)},
            {"lp_accuracy", accuracy(head_scores(head, test.values))}};
  }

  Backbone& backbone_;
  const DataSplits& data_;
  const CascadeOptions& options_;
  int64_t classes_;
  int64_t test_images_ = 0;
  std::vector<std::string> bad_images_;
};

Json expert_list(const TrainedCascade& trained) {
  Json experts = Json::array();
  for (size_t k = 0; k < trained.images.size(); ++k)
    experts.push_back({{"images", trained.images[k]},
                       {"epochs", trained.epochs[k]},
                       {"masked_fraction", trained.cascade.experts[k].masked_fraction()}});
  return experts;
}

void measure(Backbone& backbone, const DataSplits& data, const CascadeOptions& options,
             TrainedCascade& trained, Json& result) {
  Cascade& cascade = trained.cascade;
  CascadeMeasurement measurement(backbone, data, options);
  measurement.dispatcher(trained, result);
  TensorMap conditional, unconditional;
  result["conditional"] =
      measurement.view(trained, CascadeMode::conditional, "conditional", conditional);
  result["unconditional"] =
      measurement.view(trained, CascadeMode::unconditional, "unconditional", unconditional);
  result["n"] = measurement.test_images();
  result["k"] = knn.k;
  result["temperature"] = knn.temperature;
  if (!trained.joined.skipped.empty()) result["bad_training_images"] = trained.joined.skipped;
  if (!measurement.bad_images().empty()) result["bad_images"] = measurement.bad_images();
  if (options.no_heads) return;
  cascade.classes = data.train->class_names();
  cascade.conditional.head = std::move(conditional);
  cascade.unconditional.head = std::move(unconditional);
}

// What a file says of its making: nothing that differs between two runs of the same command.
void record_provenance(const Json& result, Cascade& cascade) {
  Json provenance = Json::parse(cascade.provenance);
  for (const char* key : {"method", "data", "seed", "commit", "epochs", "n", "dispatcher",
                          "conditional", "unconditional"})
    provenance[key] = result[key];
  cascade.provenance = provenance.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void print_tables(const Json& result) {
  std::printf("%-20s %9s %9s %8s\n", "", "knn", "lp", "passes");
  const auto experts = static_cast<long>(result["experts"].size());
  const auto row = [&](const char* name, long passes) {
    std::printf("%-20s %9.4f %9.4f %8ld\n", name, result[name]["knn_accuracy"].get<double>(),
                result[name]["lp_accuracy"].get<double>(), passes);
  };
  row("dispatcher", 1);
  row("dispatcher_projected", 1);
  row("conditional", 2);
  row("unconditional", 1 + experts);
  std::printf("\n%-20s %9s %9s %8s\n", "expert", "images", "epochs", "masked");
  for (long k = 0; k < experts; ++k) {
    const Json& expert = result["experts"][static_cast<size_t>(k)];
    std::printf("%-20ld %9ld %9ld %7.2f%%\n", k + 1, expert["images"].get<long>(),
                expert["epochs"].get<long>(), 100 * expert["masked_fraction"].get<double>());
  }
  std::fflush(stdout);
}

void learn(CascadeOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const SharedOptions& shared = options.train.shared;
  shared.apply();
  const std::string out = options.train.out.empty() ? "out.cascade" : options.train.out;
  check_writable(out);
  const auto backbone = options.train.backbone.load(shared);
  const DataSplits data = options.train.input.open(shared);
  options.cascade.training = options.train.settings(backbone->info(), data.train->class_names());
  Json result = result_header("cascade", *backbone, options.train.input, data, shared);
  result["epochs"] = options.cascade.training.epochs;
  result["router"] = options.cascade.router;

  CascadeProgress progress(shared);
  TrainedCascade trained = train_cascade(*backbone, data, options.cascade, progress.hooks());
  result["router_width"] = trained.cascade.router.projection.width();
  result["cluster_sizes"] = trained.images;
  result["experts"] = expert_list(trained);
  measure(*backbone, data, options, trained, result);
  record_provenance(result, trained.cascade);
  write_cascade(out, trained.cascade);
  result["masked_fraction"] = masked_fraction(trained.cascade);
  result["cascade_bytes"] = std::filesystem::file_size(out);
  result["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result["out"] = out;
  print_result(shared, result);
  if (!shared.json) print_tables(result);
}

// Those of `submask train` that a cascade has no use for.
void remove_options(CLI::App& command) {
  for (const char* name :
       {"--out", "--method", "--from", "--tune", "--head", "--log", "--tensorboard"})
    command.remove_option(command.get_option(name));
}

}  // namespace

void add_cascade_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "cascade",
      "Learn a cascade without labels: a dispatcher's mask, a router, experts, joined features. "
      "Labels are used for the accuracies and for the probes in the file alone");
  auto options = std::make_shared<CascadeOptions>();
  options->train.method = "ssl-fs";
  options->train.add_to(*command);
  remove_options(*command);
  const auto group = "Cascade";
  command->add_option("--out", options->train.out, "Cascade file to write; none: out.cascade")
      ->type_name("FILE");
  command
      ->add_option("--dispatcher", options->cascade.dispatcher,
                   "Task file whose mask is the dispatcher's (--epochs then says how long it would "
                   "have learned); none: it is learned first")
      ->type_name("TASK")
      ->group(group);
  command->add_option("--experts", options->cascade.experts, "Experts, one a cluster")
      ->check(CLI::Range(1, 1000))
      ->group(group);
  command
      ->add_option("--router", options->cascade.router,
                   "gmm (Gaussian mixture) or kmeans, on the dispatcher's features")
      ->check(CLI::IsMember({"gmm", "kmeans"}))
      ->group(group);
  command
      ->add_option("--router-width", options->cascade.router_width,
                   "Principal components that it looks at, whitened")
      ->check(CLI::PositiveNumber)
      ->group(group);
  command->add_flag("--no-heads", options->no_heads, "Leave the probes out of the file")
      ->group(group);
  command->callback([options] { learn(*options); });
}

}  // namespace submask::cli
