// The paper's settings (RECIPES: table "Training") and what each backbone learns well with by
// default.
#include <functional>
#include <utility>

#include <submask/train.h>

#include "base/fail.h"

namespace submask {
namespace {

using Change = std::function<void(TrainSettings&)>;

void paper_mask(TrainSettings& s, double rate, int64_t epochs, double warmup) {
  s.update_rule = "sgd";
  s.rate = rate;
  s.weight_decay = 0;
  s.head_rate = 7e-4;
  s.head_weight_decay = 1e-4;
  s.epochs = epochs;
  s.warmup_epochs = warmup;
}

void paper_fine_tune(TrainSettings& s, double rate, double weight_decay) {
  s.update_rule = "sgd";
  s.rate = s.head_rate = rate;
  s.weight_decay = s.head_weight_decay = weight_decay;
  s.epochs = 150;
  s.warmup_epochs = 0;
}

bool fine_tunes(const TrainSettings& s) { return s.method == "fft"; }

const std::vector<std::pair<std::string, Change>>& recipes() {
  static const std::vector<std::pair<std::string, Change>> list = {
      {"default", [](TrainSettings&) {}},
      {"paper-rn18",
       [](TrainSettings& s) {
         fine_tunes(s) ? paper_fine_tune(s, 1e-3, 5e-4) : paper_mask(s, 50, 150, 40);
       }},
      {"paper-rn50",
       [](TrainSettings& s) {
         fine_tunes(s) ? paper_fine_tune(s, .15, 1e-6) : paper_mask(s, 50, 150, 40);
       }},
      {"paper-vitb32",
       [](TrainSettings& s) {
         fine_tunes(s) ? paper_fine_tune(s, 1e-3, 5e-4) : paper_mask(s, 10, 32, 0);
       }},
  };
  return list;
}

}  // namespace

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const auto& [name, change] : recipes()) names.push_back(name);
  return names;
}

TrainSettings recipe_settings(const std::string& recipe, const std::string& method,
                              const BackboneInfo& backbone) {
  if (method != "fs" && method != "fft" && method != "lp")
    fail_argument("a method: fs, fft or lp", method);
  TrainSettings settings;
  settings.method = method;
  settings.update_rule = method == "fs" ? backbone.defaults.update_rule : "sgd";
  settings.rate = method == "fs" ? backbone.defaults.rate : backbone.defaults.fine_tune_rate;
  settings.head_rate =
      method == "fs" ? backbone.defaults.head_rate : backbone.defaults.fine_tune_rate;
  if (method == "fft") settings.weight_decay = settings.head_weight_decay = 5e-4;
  for (const auto& [name, change] : recipes()) {
    if (name != recipe) continue;
    change(settings);
    return settings;
  }
  std::string known;
  for (const auto& [name, change] : recipes()) known += (known.empty() ? "" : ", ") + name;
  fail_argument("a recipe: " + known, recipe);
}

}  // namespace submask
