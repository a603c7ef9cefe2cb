// A whole run: it opens network and data, learns or measures, writes files and records the result.
//
// A RunSpec is a run as a value: command lines, cells of grids and checkpoints are made of it. Its
// settings have the names of the options of the command line (docs/options.md).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/evaluate.h>
#include <submask/train.h>

namespace submask {

struct BackboneSettings {
  // A name of backbone_list(), or torchscript:FILE. "": the backbone that the task file names.
  std::string name;
  std::string weights;         // file or folder; "": the embedded weights
  std::string checkpoint_key;  // state dict or prefix of the file to take; "": the best one
};

struct ComputeSettings {
  uint64_t seed = 0;                // of every random choice
  std::optional<int> threads = {};  // of the arithmetic; not set: one for each core
  std::string device = "cpu";       // cpu | cuda[:N]
  Precision precision = Precision::float32;
};

// How a CLIP backbone gets a head from the names of the classes.
struct TextSettings {
  std::string vocabulary;  // bpe_simple_vocab_16e6.txt.gz or merges.txt
  std::string prompts;     // file, one template a line; "": "This is a photo of a {label}"
  std::string weights;     // file of the text transformer; "": the weight file of the backbone
};

// What `submask train` does.
struct LearnSpec {
  Method method = Method::fs;
  std::string recipe = "default";  // recipe_settings()
  // Changes of the recipe's settings: options of TrainSettings by their long names, each with its
  // values as words ("epochs": {"4"}). change() checks them.
  std::map<std::string, std::vector<std::string>> changes = {};
  TextSettings text = {};        // for HeadKind::clip
  std::string out = {};          // "": out.task, or weights.safetensors
  int64_t tune = 0;              // number of rates to try first
  bool keep_epochs = false;      // also write the task of every epoch
  std::string log = {};          // CSV file for the numbers of each epoch; "": none
  std::string tensorboard = {};  // folder for event files; "": none

  // Throws invalid_argument for an unknown option, with the nearest name, and for a value that the
  // option may not have.
  LearnSpec& change(const std::string& option, const std::vector<std::string>& words);
  LearnSpec& change(const std::string& option, const std::string& word);
};

// What `submask cascade` does.
struct CascadeSpec {
  LearnSpec learn{.method = Method::ssl_fs};  // for the dispatcher and the experts
  CascadeSettings cascade;
  bool no_heads = false;  // leave the probes out of the file
};

enum class MeasureMethod {
  task,  // the head of the task file
  head,  // the classifier of the backbone's weight file
  zs,    // CLIP: class names as text
  knn,
  lp,
};
constexpr auto names_of(MeasureMethod) { return std::array{"task", "head", "zs", "knn", "lp"}; }

// What `submask evaluate` does.
struct MeasureSpec {
  // The first one gives RunResult::accuracy. Empty: task, or head where there is no task file.
  std::vector<MeasureMethod> methods;
  std::string task;  // task or cascade file; "": the plain backbone
  CascadeMode cascade = CascadeMode::unconditional;
  InputSettings input;
  KnnOptions knn;
  std::optional<double> probe_l2;
  TextSettings text;
};

struct RunSpec {
  BackboneSettings backbone;
  ComputeSettings compute;
  DataOptions data;  // compute.seed takes the place of its seed
  // A folder that keeps the features by which results are measured, for later runs; "": none.
  std::string feature_cache;
  std::variant<LearnSpec, CascadeSpec, MeasureSpec> work;

  // How it learns, also where it learns a cascade; null where it measures alone.
  const LearnSpec* learn() const;
  LearnSpec* learn();
};

struct RunResult {
  std::optional<double> accuracy;  // not set for CascadeSpec, which has several (json)
  std::optional<double> masked_fraction;
  std::string out;   // the file that the run wrote; "": none
  std::string json;  // the whole result, as the command line prints it with --json
};

// Runs specs one after another and keeps networks and data open for the next one. Only one thread
// may use it at a time.
class Runner {
 public:
  Runner();
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Throws invalid_argument, corrupt_file, io and unavailable, and interrupted where a hook stopped
  // the run, after a checkpoint.
  RunResult run(const RunSpec& spec, const RunHooks& hooks = {});

 private:
  struct Opened;
  std::unique_ptr<Opened> opened_;
};

// The command that does the same: "train --method=fft --backbone=resnet20 --data=fashion-mnist".
std::string command_line(const RunSpec& spec);

}  // namespace submask
