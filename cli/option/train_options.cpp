#include "cli/option/train_options.h"

namespace submask::cli {

void TrainOptions::add_to(CLI::App& command) {
  shared.add_to(command);
  backbone.add_to(command);
  input.add_to(command, true);
  text.add_to(command);
  command
      .add_option("--out", out,
                  "Where the result goes: a task file (fs, lp), a full state dict (fft)")
      ->type_name("FILE");
  command
      .add_option("--method", method,
                  "fs: mask + head; fft: all weights + head; lp: linear probe; ssl-fs, ssl-ft: a "
                  "mask or all weights without labels, without a head")
      ->check(CLI::IsMember({"fs", "fft", "lp", "ssl-fs", "ssl-ft"}));
  command.add_option("--recipe", recipe, "Named settings; every option below changes one of them")
      ->check(CLI::IsMember(recipe_names()));
  add_learning_options(command);
  add_crop_options(command);
  add_mask_options(command);
  add_self_supervised_options(command);
  add_run_options(command);
  log.add_to(command);
}

void TrainOptions::add_learning_options(CLI::App& command) {
  using S = TrainSettings;
  const auto group = "Learning";
  add<int64_t>(command, "--epochs", "Passes over the training set", [](S& s, auto v) {
    s.epochs = v;
  })->group(group);
  add<double>(command, "--rate", "Learning rate of the mask (fs) or of all weights (fft)",
              [](S& s, auto v) { s.rate = v; })
      ->group(group);
  add<double>(command, "--head-rate", "Learning rate of the head", [](S& s, auto v) {
    s.head_rate = v;
  })->group(group);
  add<std::string>(command, "--update-rule", "sgd or adam, for the mask or the weights",
                   [](S& s, const auto& v) { s.update_rule = v; })
      ->check(CLI::IsMember({"sgd", "adam"}))
      ->group(group);
  add<double>(command, "--momentum", "Of sgd", [](S& s, auto v) { s.momentum = v; })->group(group);
  add<bool>(command, "--nesterov", "true or false, for sgd", [](S& s, auto v) {
    s.nesterov = v;
  })->group(group);
  add<double>(command, "--weight-decay", "L2 on scores or weights", [](S& s, auto v) {
    s.weight_decay = v;
  })->group(group);
  add<double>(command, "--head-weight-decay", "L2 on the head", [](S& s, auto v) {
    s.head_weight_decay = v;
  })->group(group);
  add<double>(command, "--warmup", "Epochs over which the rates rise from 0", [](S& s, auto v) {
    s.warmup_epochs = v;
  })->group(group);
  add<std::string>(command, "--schedule", "cosine (to 0) or constant",
                   [](S& s, const auto& v) { s.schedule = v; })
      ->check(CLI::IsMember({"cosine", "constant"}))
      ->group(group);
  add<std::string>(command, "--batch-norm", "update or frozen running statistics",
                   [](S& s, const auto& v) { s.batch_norm = v; })
      ->check(CLI::IsMember({"update", "frozen"}))
      ->group(group);
  add<std::string>(command, "--head",
                   "linear, masked (frozen random weights and a mask), or clip (frozen text "
                   "embeddings of the class names)",
                   [](S& s, const auto& v) { s.head = v; })
      ->check(CLI::IsMember({"linear", "masked", "clip"}))
      ->group(group);
  add<int64_t>(command, "--accumulate", "Batches a step", [](S& s, auto v) {
    s.accumulate = v;
  })->group(group);
  add<double>(command, "--label-smoothing", "Share of a label spread over all classes",
              [](S& s, auto v) { s.label_smoothing = v; })
      ->group(group);
  add<std::string>(command, "--class-weights", "none or balanced",
                   [](S& s, const auto& v) { s.class_weights = v; })
      ->check(CLI::IsMember({"none", "balanced"}))
      ->group(group);
  add<double>(command, "--probe-l2", "Lambda of the linear probe; negative: .01 / images",
              [](S& s, auto v) { s.probe_l2 = v; })
      ->group(group);
}

// --crop replaces the recipe's crops; the others change every kind there is.
void TrainOptions::add_crop_options(CLI::App& command) {
  using S = TrainSettings;
  const auto group = "Training images";
  add<std::vector<std::string>>(
      command, "--crop",
      "A kind of crops by its fields, e.g. count=2,size=96,crop=random,scale-min=.05,jitter=.8 "
      "(again for a second kind; submask/recipe.h lists the fields)",
      [](S& s, const auto& texts) {
        s.crops.clear();
        for (const std::string& text : texts) s.crops.push_back(parse_crop(text));
      })
      ->allow_extra_args(false)
      ->group(group);
  add<double>(command, "--crop-scale-min", "Random crops of this share of the area up to all of it",
              [](S& s, auto v) {
                for (CropRecipe& crop : s.crops) {
                  crop.crop = "random";
                  crop.scale_min = v;
                }
              })
      ->group(group);
  add<int64_t>(command, "--pad", "Zero pixels around an image before a random crop",
               [](S& s, auto v) {
                 for (CropRecipe& crop : s.crops) crop.pad = v;
               })
      ->group(group);
  add<bool>(command, "--flip", "true or false: mirror half of the training images",
            [](S& s, auto v) {
              for (CropRecipe& crop : s.crops) crop.flip = v ? 0.5 : 0;
            })
      ->group(group);
}

void TrainOptions::add_mask_options(CLI::App& command) {
  using S = TrainSettings;
  const auto group = "Mask (fs)";
  add<std::string>(command, "--criterion", "threshold, topk or flip",
                   [](S& s, const auto& v) { s.criterion.kind = criterion_kind(v); })
      ->check(CLI::IsMember({"threshold", "topk", "flip"}))
      ->group(group);
  add<double>(command, "--mu", "Threshold of the scores", [](S& s, auto v) {
    s.criterion.mu = v;
  })->group(group);
  add<double>(command, "--keep", "topk: share of each unit's weights that stays on",
              [](S& s, auto v) { s.criterion.keep_share = v; })
      ->check(CLI::Range(0.0, 1.0))
      ->group(group);
  add<bool>(command, "--scale", "true or false: keep the output variance by 1 / sqrt(mean(mask))",
            [](S& s, auto v) { s.criterion.scale = v; })
      ->group(group);
  add<std::vector<double>>(command, "--progressive",
                           "Two numbers: mu (or the topk share) moves from the first to the second",
                           [](S& s, const auto& v) {
                             if (v.size() != 2)
                               throw CLI::ValidationError(
                                   "--progressive",
                                   "expected two numbers, got " + std::to_string(v.size()));
                             s.criterion_schedule = {true, v[0], v[1]};
                           })
      ->expected(2)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);
  add<std::string>(command, "--score-start", "constant, normal, magnitude, shuffled or kaiming",
                   [](S& s, const auto& v) { s.score_start.kind = v; })
      ->check(CLI::IsMember({"constant", "normal", "magnitude", "shuffled", "kaiming"}))
      ->group(group);
  add<double>(command, "--score-mean", "The constant, or the mean", [](S& s, auto v) {
    s.score_start.mean = v;
  })->group(group);
  add<double>(command, "--score-std", "Standard deviation of normal scores", [](S& s, auto v) {
    s.score_start.std = v;
  })->group(group);
  add<std::vector<std::string>>(command, "--mask-only",
                                "Patterns of the units to mask, as 'layer3.*'",
                                [](S& s, const auto& v) { s.selection.only = v; })
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);
  add<std::vector<std::string>>(command, "--mask-exclude", "Patterns of units to leave unmasked",
                                [](S& s, const auto& v) { s.selection.exclude = v; })
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->group(group);
  add<int64_t>(command, "--stages", "Mask the stem and the first N stages only", [](S& s, auto v) {
    s.selection.stages = v;
  })->group(group);
  add<double>(command, "--random-share", "Let only this random share of each tensor be masked",
              [](S& s, auto v) { s.selection.random_share = v; })
      ->group(group);
  add<double>(command, "--largest-share", "Let only this share of largest weights be masked",
              [](S& s, auto v) { s.selection.largest_share = v; })
      ->group(group);
  add<std::string>(command, "--from", "Start from the mask of this task file",
                   [](S& s, const auto& v) { s.from_task = v; })
      ->type_name("TASK")
      ->group(group);
}

void TrainOptions::add_run_options(CLI::App& command) {
  using S = TrainSettings;
  const auto group = "Run";
  add<std::string>(command, "--checkpoint",
                   "Folder for the state of the run: the same command goes on from it",
                   [](S& s, const auto& v) { s.checkpoint = v; })
      ->type_name("DIR")
      ->group(group);
  add<double>(command, "--checkpoint-seconds", "Also write it this often within an epoch",
              [](S& s, auto v) { s.checkpoint_seconds = v; })
      ->group(group);
  add<int64_t>(command, "--validate-every",
               "Epochs between two looks at the validation part (without labels by kNN)",
               [](S& s, auto v) { s.validate_every = v; })
      ->group(group);
  add<int64_t>(command, "--patience", "Stop after N epochs without a better validation accuracy",
               [](S& s, auto v) { s.patience = v; })
      ->group(group);
  command
      .add_flag("--keep-epochs", keep_epochs,
                "Also keep the task of every epoch (fs, ssl-fs), as OUT.epochs/0001.task")
      ->group(group);
  command.add_option("--tune", tune, "First try N rates on a validation part and take the best")
      ->check(CLI::Range(0, 100))
      ->group(group);
}

TrainSettings method_settings(const std::string& recipe, const std::string& method,
                              const BackboneInfo& info, const SharedOptions& shared,
                              const InputOptions& input) {
  TrainSettings settings = recipe_settings(recipe, method, info);
  settings.seed = shared.seed;
  settings.device = shared.device;
  settings.batch_size = input.batch_size;
  settings.workers = input.workers;
  settings.input_size = input.input_size;
  settings.skip_bad_images = input.skip_bad_images;
  settings.fast_decode = input.fast_decode;
  settings.cache = input.cache;
  return settings;
}

TrainSettings TrainOptions::settings(const BackboneInfo& info,
                                     const std::vector<std::string>& classes) const {
  TrainSettings settings = method_settings(recipe, method, info, shared, input);
  for (const Change& change : changes_) change(settings);
  if (settings.head == "clip") {
    const ZeroShotOptions zero_shot = text.zero_shot(backbone);
    settings.clip_head = zero_shot_head(info, classes, zero_shot);
    settings.prompts = zero_shot.prompts;
  }
  if (!settings.checkpoint.empty() && !checkpoint_part.empty())
    settings.checkpoint += "/" + checkpoint_part;
  return settings;
}

}  // namespace submask::cli
