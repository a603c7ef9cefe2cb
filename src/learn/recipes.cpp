// The paper's settings (RECIPES: table "Training") and the default settings of each backbone.
#include <algorithm>
#include <functional>
#include <utility>

#include <submask/train.h>

#include "base/names.h"
#include "base/nearest_name.h"

namespace submask {
namespace {

using Change = std::function<void(TrainSettings&, const MaskDefaults&)>;

// A mask as the paper learns it, at one rate, and nothing beside it.
void use_one_rate(TrainSettings& s, double rate) {
  s.update.rate = rate;
  s.unit_rates = false;
  s.norm_rate = s.byte_price = 0;
}

void paper_mask(TrainSettings& s, double rate, int64_t epochs, double warmup) {
  use_one_rate(s, rate);
  s.update.rule = UpdateRule::sgd;
  s.update.weight_decay = 0;
  s.head_update.rate = 7e-4;
  s.head_update.weight_decay = 1e-4;
  s.epochs = epochs;
  s.warmup_epochs = warmup;
}

void paper_fine_tune(TrainSettings& s, double rate, double weight_decay) {
  s.update.rule = UpdateRule::sgd;
  s.update.rate = s.head_update.rate = rate;
  s.update.weight_decay = s.head_update.weight_decay = weight_decay;
  s.epochs = 150;
  s.warmup_epochs = 0;
}

bool fine_tunes(const TrainSettings& s) { return s.method == Method::fft; }

void use_image_recipe(TrainSettings& s, const ImageRecipe& recipe) {
  s.input.crop_share = recipe.crop_share;
  s.input.interpolation = recipe.interpolation;
  s.crops = recipe.crops;
}

const ImageRecipe& image_recipe(const std::string& name) {
  const auto& all = image_recipes();
  return *std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.name == name; });
}

// Sets the rows "self-supervised mask" and "self-supervised FFT" of that table. Small images get
// smaller layers and the crops of another recipe.
void set_self_supervised(TrainSettings& s, const BackboneInfo& backbone) {
  s.head_update.rate = .15;
  s.head_update.weight_decay = 0;
  s.warmup_epochs.reset();
  if (s.method == Method::ssl_ft) {
    s.update.rate = .15;
    s.update.weight_decay = s.head_update.weight_decay = 1e-6;
    s.warmup_epochs = 0;
  }
  constexpr int64_t small_input = 64;
  if (backbone.preprocessing.input_size > small_input)
    return use_image_recipe(s, image_recipe("paper-ssl"));
  SwavSettings& swav = s.self_supervised.swav;
  swav.hidden_mlp = 128;
  swav.feat_dim = 64;
  swav.nmb_prototypes = 100;
  DinoSettings& dino = s.self_supervised.dino;
  dino.hidden_dim = 128;
  dino.bottleneck_dim = 64;
  dino.out_dim = 256;
  dino.momentum_teacher = 0.99;
  use_image_recipe(s, image_recipe("small-ssl"));
}

// Sets how a network learns from random weights, as in He et al. 2015 for CIFAR: SGD with momentum,
// weight decay, padded random crops and mirror images, but with a short warm-up and a cosine
// instead of steps.
void pretrain(TrainSettings& s) {
  s.epochs = 60;
  s.input.batch_size = 128;
  s.update.rate = s.head_update.rate = 0.1;
  s.update.weight_decay = s.head_update.weight_decay = 5e-4;
  s.update.nesterov = s.head_update.nesterov = true;
  s.warmup_epochs = 1;
  s.crops = {CropRecipe()};
  s.crops.front().pad = 4;
}

// Returns the recipe of one of the paper's models, which learns by a mask or by fine-tuning. All
// models have the same crops.
std::pair<std::string, Change> paper(const std::string& name, Change mask, Change fine_tune) {
  return {name, [mask = std::move(mask), fine_tune = std::move(fine_tune)](
                    TrainSettings& s, const MaskDefaults& defaults) {
            (fine_tunes(s) ? fine_tune : mask)(s, defaults);
            use_image_recipe(s, image_recipe("paper-supervised"));
          }};
}

std::vector<std::pair<std::string, Change>> list_recipes() {
  const auto mask = [](double rate, int64_t epochs, double warmup) {
    return [=](TrainSettings& s, const MaskDefaults&) { paper_mask(s, rate, epochs, warmup); };
  };
  const auto fine_tune = [](double rate, double decay) {
    return [=](TrainSettings& s, const MaskDefaults&) { paper_fine_tune(s, rate, decay); };
  };
  std::vector<std::pair<std::string, Change>> list = {
      {"default", [](TrainSettings&, const MaskDefaults&) {}},
      {"one-rate",
       [](TrainSettings& s, const MaskDefaults& defaults) {
         if (learns_masks(s.method)) use_one_rate(s, defaults.rate);
       }},
      {"pretrain", [](TrainSettings& s, const MaskDefaults&) { pretrain(s); }},
      paper("paper-rn18", mask(50, 150, 40), fine_tune(1e-3, 5e-4)),
      paper("paper-rn50", mask(50, 150, 40), fine_tune(.15, 1e-6)),
      paper("paper-vitb32", mask(10, 32, 0), fine_tune(1e-3, 5e-4)),
  };
  for (const ImageRecipe& recipe : image_recipes())
    list.emplace_back(recipe.name, [&recipe](TrainSettings& s, const MaskDefaults&) {
      use_image_recipe(s, recipe);
    });
  return list;
}

const std::vector<std::pair<std::string, Change>>& recipes() {
  static const auto list = list_recipes();
  return list;
}

}  // namespace

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const auto& [name, change] : recipes()) names.push_back(name);
  return names;
}

double usual_mask_rate(const TrainSettings& settings, const MaskDefaults& defaults) {
  if (settings.has_unit_rates()) return defaults.unit_rate > 0 ? defaults.unit_rate : .02;
  if (settings.update.rule == defaults.update_rule) return defaults.rate;
  return settings.update.rule == UpdateRule::adam ? .01 : MaskDefaults().rate;
}

TrainSettings recipe_settings(const std::string& recipe, Method method,
                              const BackboneInfo& backbone) {
  TrainSettings settings;
  settings.method = method;
  const MaskDefaults& defaults = backbone.defaults;
  if (learns_masks(method)) {
    settings.update.rule = defaults.update_rule;
    settings.head_update.rate = defaults.head_rate;
    if (method == Method::fs && defaults.unit_rate > 0) {
      settings.unit_rates = true;
      settings.norm_rate = defaults.norm_rate;
      settings.byte_price = defaults.byte_price;
    }
    settings.update.rate = usual_mask_rate(settings, defaults);
  } else {
    settings.update.rate = settings.head_update.rate = defaults.fine_tune_rate;
  }
  if (method == Method::fft)
    settings.update.weight_decay = settings.head_update.weight_decay = 5e-4;
  if (learns_without_labels(method)) set_self_supervised(settings, backbone);
  for (const auto& [name, change] : recipes()) {
    if (name != recipe) continue;
    change(settings, defaults);
    return settings;
  }
  fail_unknown("a recipe", recipe, recipe_names(), "one of " + one_of(recipe_names()));
}

}  // namespace submask
