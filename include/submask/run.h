// A run from one end to the other: open network and data, learn or measure, write and record.
//
// A RunSpec is a run as a value: what a command line, a cell of a grid and a checkpoint are made
// of. Its settings bear the names of the command line's options (docs/options.md).
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
  std::string name;     // as backbone_list() has it, or torchscript:FILE; of a task file its own
  std::string weights;  // file or folder; "": the embedded ones
};

struct ComputeSettings {
  uint64_t seed = 0;                // of every random choice
  std::optional<int> threads = {};  // of the arithmetic; not set: one a core
  std::string device = "cpu";       // cpu | cuda[:N]
  Precision precision = Precision::float32;
};

// What makes a head of class names, for CLIP backbones.
struct TextSettings {
  std::string vocabulary;  // bpe_simple_vocab_16e6.txt.gz or merges.txt
  std::string prompts;     // file of templates, one a line; "": "This is a photo of a {label}"
  std::string weights;     // file of the text transformer; "": the backbone's
};

// What `submask train` does.
struct LearnSpec {
  Method method = Method::fs;
  std::string recipe = "default";  // recipe_settings()
  // Changes of what the recipe says: options of TrainSettings by their long names, each with its
  // values as words ("epochs": {"4"}). They are checked where they are set (change()).
  std::map<std::string, std::vector<std::string>> changes = {};
  TextSettings text = {};        // of a clip head
  std::string out = {};          // "": out.task, or weights.safetensors
  int64_t tune = 0;              // rates to try first
  bool keep_epochs = false;      // the task of every epoch too
  std::string log = {};          // CSV file of the epochs' numbers; "": none
  std::string tensorboard = {};  // folder of event files; "": none

  // Throws invalid_argument for an option that there is not, naming the nearest, or a value that it
  // may not have.
  LearnSpec& change(const std::string& option, const std::vector<std::string>& words);
  LearnSpec& change(const std::string& option, const std::string& word);
};

// What `submask cascade` does.
struct CascadeSpec {
  LearnSpec learn{.method = Method::ssl_fs};  // of its members
  CascadeSettings cascade;
  bool no_heads = false;  // leave the probes out of the file
};

enum class MeasureMethod {
  task,  // what the task file holds
  head,  // the backbone's own classifier
  zs,    // CLIP: class names as text
  knn,
  lp,
};
constexpr auto names_of(MeasureMethod) { return std::array{"task", "head", "zs", "knn", "lp"}; }

// What `submask evaluate` does.
struct MeasureSpec {
  std::vector<MeasureMethod>
      methods;       // the first gives `accuracy`; none: task, or head without one
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
  DataOptions data;           // its seed is compute's
  std::string feature_cache;  // a folder that keeps the features results are measured on; "": none
  std::variant<LearnSpec, CascadeSpec, MeasureSpec> work;

  // How it learns, also where it learns a cascade; null where it measures alone.
  const LearnSpec* learn() const;
  LearnSpec* learn();
};

struct RunResult {
  std::optional<double> accuracy;  // none of a cascade, which has several (json)
  std::optional<double> masked_fraction;
  std::string out;   // the file it wrote; "": none
  std::string json;  // all that is known of it, as the command line's --json prints it
};

// Runs specs one after another and keeps networks and data open for the next. One thread at a time.
class Runner {
 public:
  Runner();
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Throws invalid_argument, corrupt_file, io, unavailable, and interrupted after a checkpoint.
  RunResult run(const RunSpec& spec, const RunHooks& hooks = {});

 private:
  struct Opened;
  std::unique_ptr<Opened> opened_;
};

// "train --method=fft --backbone=resnet20 --data=fashion-mnist": the command that does the same.
std::string command_line(const RunSpec& spec);

}  // namespace submask
