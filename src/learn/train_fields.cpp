#include "learn/train_fields.h"

#include "base/content_digest.h"
#include "data/batch/input_fields.h"
#include "learn/mask_fields.h"
#include "learn/objective_registry.h"
#include "mask/update_fields.h"

namespace submask {
namespace {

using S = TrainSettings;

constexpr auto nothing = Effect::nothing;

bool has_training_loop(const S& s) { return s.method != Method::lp; }
bool learns_from_labels(const S& s) {
  return has_training_loop(s) && !learns_without_labels(s.method);
}

Section<S> run_length_fields() {
  return {"Learning",
          {
              {"epochs", &S::epochs, "Passes over the training set", {at_least(1)}},
              {"warmup",
               &S::warmup_epochs,
               "Epochs over which the rates rise from 0; default: none, of ssl-fs a quarter",
               {at_least(0)}},
              {"schedule", &S::schedule, "What the rates do after that: fall to 0, or stay"},
              {"accumulate", &S::accumulate, "Batches a step", {at_least(1)}},
              {"batch-norm", &S::batch_norm, "What its running statistics do"},
              {"sync-batch-norm",
               &S::sync_batch_norm,
               "Of several processes (mpirun): batch norm over the whole batch, not over each "
               "process's share",
               {.is_flag = true}},
              {"bucket-mib",
               &S::bucket_mib,
               "Of several processes: MiB of gradients that are summed together",
               {above(0), nothing}},
          },
          has_training_loop};
}

// Whether an option of the head's update is of use to it. A mask over a head has the rate of the
// other masks and no decay, and a head of text embeddings does not move.
bool head_uses(const S& s, const std::string& option) {
  if (learns_without_labels(s.method) || s.head == HeadKind::linear) return true;
  return s.head == HeadKind::masked && option != "rate" && option != "weight-decay";
}

// An option of the update rule sets weights and head alike, and the same option with "head-" before
// it sets the head alone. The few options whose usual values differ much set only the weights.
Fields<S> update_rule_fields() {
  const std::vector<std::string> separate_options = {"rate", "update-rule", "weight-decay"};
  Fields<S> table = lifted(&S::update, update_fields());
  Fields<S> head = lifted(&S::head_update, update_fields(), "head-");
  for (Fields<S>* sections : {&table, &head})
    for (Section<S>& section : *sections)
      section.applies = [rule = section.applies](const S& s) {
        return has_training_loop(s) && (!rule || rule(s));
      };
  for (size_t i = 0; i < table.size(); ++i)
    for (size_t j = 0; j < table[i].fields.size(); ++j) {
      Field<S>&weights_field = table[i].fields[j], &head_field = head[i].fields[j];
      const std::string name = weights_field.name;
      head_field.help[0] = static_cast<char>(std::tolower(head_field.help[0]));
      head_field.help = "Of the head: " + head_field.help;
      head_field.is_used = [name, applies = head[i].applies](const S& s) {
        return applies(s) && head_uses(s, name);
      };
      if (std::find(separate_options.begin(), separate_options.end(), name) !=
          separate_options.end())
        continue;
      weights_field.read = [weights = weights_field.read, head = head_field.read](
                               S& s, const std::string& option, const Words& words) {
        weights(s, option, words);
        head(s, option, words);
      };
      weights_field.is_used = [weights = table[i].applies, head = head_field.is_used](const S& s) {
        return weights(s) || head(s);
      };
    }
  append(table, head);
  return table;
}

Fields<S> head_fields() {
  return {
      {"Learning",
       {
           {"head", &S::head,
            "linear, masked (frozen random weights and a mask), or clip (frozen text embeddings of "
            "the class names)"},
           {"label-smoothing",
            &S::label_smoothing,
            "Share of a label spread over all classes",
            {share_below_one()}},
           {"class-weights", &S::class_weights, "What a class counts in the loss"},
       },
       learns_from_labels},
      {"Learning",
       {{"probe-l2",
         &S::probe_l2,
         "Lambda of the linear probe; default: .01 / images",
         {at_least(0)}}},
       [](const S& s) { return s.method == Method::lp; }},
  };
}

// A field that changes every kind of crops. It is not a setting by itself: the record has the
// changed crops.
template <typename T>
Field<S> crop_change(const std::string& name, void (*change)(CropRecipe&, T),
                     const std::string& help, const Range& range) {
  return {name,
          [](const S&) { return std::optional<T>(); },
          [change](S& s, std::optional<T> value) {
            if (!value) return;
            for (CropRecipe& crop : s.crops) change(crop, *value);
          },
          help,
          {range}};
}

Section<S> crop_fields() {
  return {
      "Training images",
      {
          {"crop", &S::crops,
           "A kind of crops by its fields, e.g. "
           "count=2,size=96,crop=random,scale-min=.05,jitter=.8 (again for a second kind; "
           "submask/recipe.h lists the fields)"},
          crop_change<double>(
              "crop-scale-min",
              [](CropRecipe& crop, double least) {
                crop.crop = "random";
                crop.scale_min = least;
              },
              "Random crops of this share of the area up to all of it", positive_share()),
          crop_change<int64_t>(
              "pad", [](CropRecipe& crop, int64_t pixels) { crop.pad = pixels; },
              "Zero pixels around an image before a random crop", within(0, 4096)),
          crop_change<bool>("flip", [](CropRecipe& crop, bool flip) { crop.flip = flip ? 0.5 : 0; },
                            "Mirror half of the training images", {}),
      },
      has_training_loop};
}

Section<S> start_fields() {
  return {"Learning",
          {Field<S>("from", &S::from_task,
                    "Start from this task file: fs from its mask, fft from its masked weights",
                    {.type_name = "TASK"})
               .recorded_as([](const S& s) { return content_record(s.from_task); })},
          [](const S& s) { return may_start_from_task(s.method); }};
}

Fields<S> adapter_fields() {
  const auto adapter = [](Method method) {
    return [method](const S& s) { return s.method == method; };
  };
  return {
      {"Adapter (lora)",
       {
           {"lora-rank",
            &S::adapter,
            &AdapterSettings::lora_rank,
            "Rank of the changes; default: 4",
            {at_least(1)}},
           {"lora-alpha",
            &S::adapter,
            &AdapterSettings::lora_alpha,
            "Changes are multiplied by alpha / rank; default: the rank",
            {above(0)}},
       },
       adapter(Method::lora)},
      {"Adapter (sparse)",
       {{"changed-share",
         &S::adapter,
         &AdapterSettings::changed_share,
         "Share of the weights that change; default: .01",
         {positive_share()}}},
       adapter(Method::sparse)},
  };
}

Fields<S> objective_fields() {
  Fields<S> table = {{"Learning",
                      {{"objective", &S::self_supervised, &SelfSupervisedSettings::objective,
                        "What ssl-fs and ssl-ft learn by"}},
                      [](const S& s) { return learns_without_labels(s.method); }}};
  for (const ObjectiveEntry& entry : objective_registry()) {
    Section<S> section = lifted(&S::self_supervised, entry.fields);
    section.applies = [kind = entry.kind](const S& s) {
      return learns_without_labels(s.method) && s.self_supervised.objective == kind;
    };
    table.push_back(section);
  }
  return table;
}

Fields<S> validation_and_checkpoint_fields() {
  return {
      {"Run",
       {
           {"validate-every",
            &S::validate_every,
            "Epochs between two looks at the validation part (without labels by kNN)",
            {at_least(1)}},
           {"patience",
            &S::patience,
            "Stop after N epochs without a better validation accuracy",
            {at_least(1)}},
       },
       has_training_loop},
      {"Run",
       {
           Field<S>("checkpoint", &S::checkpoint,
                    "Folder for the state of the run: the same command goes on from it",
                    {.effect = nothing, .type_name = "DIR"})
               .used_where(has_training_loop),
           Field<S>("checkpoint-seconds", &S::checkpoint_seconds,
                    "Also write it this often within an epoch", {at_least(0), nothing})
               .used_where(
                   [](const S& s) { return has_training_loop(s) && !s.checkpoint.empty(); }),
       }},
  };
}

Fields<S> make_train_fields() {
  Fields<S> table = {run_length_fields(), start_fields()};
  append(table, update_rule_fields());
  append(table, head_fields());
  append(table, {lifted(&S::input, input_fields()), crop_fields(), mask_fields(), unit_fields()});
  append(table, adapter_fields());
  append(table, objective_fields());
  append(table, validation_and_checkpoint_fields());
  return table;
}

}  // namespace

const Fields<TrainSettings>& train_fields() {
  static const Fields<TrainSettings> table = make_train_fields();
  return table;
}

}  // namespace submask
