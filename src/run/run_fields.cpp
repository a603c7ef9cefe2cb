#include "run/run_fields.h"

#include <algorithm>

#include "base/content_digest.h"
#include "base/nearest_name.h"
#include "base/option_error.h"
#include "data/batch/input_fields.h"
#include "data/set/data_fields.h"
#include "learn/cascade_fields.h"
#include "learn/train_fields.h"
#include "run/task_source.h"

namespace submask {
namespace {

constexpr auto nothing = Effect::nothing;

Fields<RunSpec> common_fields() {
  using S = RunSpec;
  Fields<S> table = {lifted(&S::compute, compute_fields()), lifted(&S::backbone, backbone_fields()),
                     lifted(&S::data, data_fields())};
  table.push_back({"Data",
                   {{"feature-cache",
                     &S::feature_cache,
                     "Folder that keeps the features which results are measured on, for the next "
                     "run with the same network, data and transform",
                     {.effect = nothing, .type_name = "DIR"}}}});
  return table;
}

// Makes the field of LearnSpec::changes for an option of TrainSettings. The field is not recorded,
// because the record has the settings that follow from recipe and changes.
Field<LearnSpec> change_field(const Field<TrainSettings>& field) {
  Field<LearnSpec> change{static_cast<const FieldDescription&>(field)};
  change.read = [field](LearnSpec& learn, const std::string& option, const Words& words) {
    TrainSettings checked;
    field.read(checked, option, words);  // throws for a value that the option may not have
    learn.changes[field.name] = words;
  };
  change.words = [name = field.name](const LearnSpec& learn) {
    const auto found = learn.changes.find(name);
    return found == learn.changes.end() ? Words() : found->second;
  };
  change.record = [](const LearnSpec&) { return RecordJson(); };
  return change;
}

RecordJson no_record(const LearnSpec&) { return {}; }
bool has_epochs(const LearnSpec& learn) { return learn.method != Method::lp; }

Fields<LearnSpec> learn_fields() {
  using S = LearnSpec;
  Fields<S> table = {lifted(&S::text, text_fields())};
  table.front().applies = has_clip_head;
  table.push_back(
      {"What is learned",
       {
           Field<S>("method", &S::method,
                    "fs: mask + head; fft: all weights + head; lp: linear probe; ssl-fs, ssl-ft: a "
                    "mask or all weights without labels, without a head; norm, bias, lora, sparse, "
                    "bitdelta: small adapters + head, to compare masks with")
               .recorded_as(no_record),
           Field<S>("recipe", &S::recipe, "Named settings; every option below changes one of them")
               .recorded_as(no_record)
               .used_where([](const LearnSpec& learn) {
                 return learn.recipe != "one-rate" || learns_masks(learn.method);
               }),
           {"out",
            &S::out,
            "Where the result goes: a task file (fs, ssl-fs, lp; none: out.task) or a full state "
            "dict (all others; none: weights.safetensors)",
            {.effect = nothing, .type_name = "FILE"}},
       }});
  for (const Section<TrainSettings>& section : train_fields()) {
    Section<S>& changes = table.emplace_back(Section<S>{section.title, {}, {}});
    for (const Field<TrainSettings>& field : section.fields)
      changes.fields.push_back(change_field(field));
  }
  table.push_back(
      {"Run",
       {
           {"keep-epochs",
            &S::keep_epochs,
            "Also keep the task of every epoch (fs, ssl-fs), as OUT.epochs/0001.task",
            {.effect = Effect::files, .is_flag = true}},
           {"tune",
            &S::tune,
            "First try N rates on a validation part and take the best",
            {within(0, 100)}},
           Field<S>("log", &S::log, "Write the numbers of each epoch to this CSV file",
                    {.effect = nothing, .type_name = "FILE"})
               .used_where(has_epochs),
           Field<S>("tensorboard", &S::tensorboard, "Write them to event files in this folder too",
                    {.effect = nothing, .type_name = "DIR"})
               .used_where(has_epochs),
       }});
  return table;
}

// Dispatcher and experts learn without labels, so the options of supervised learning are left out.
// --probe-l2 stays, because probes measure the cascade.
Fields<CascadeSpec> cascade_spec_fields() {
  using S = CascadeSpec;
  Fields<S> table =
      fields_without(lifted(&S::learn, learn_fields()),
                     {"method", "from", "tune", "bytes", "head", "label-smoothing", "class-weights",
                      "vocabulary", "prompts", "text-weights", "log", "out", "tensorboard",
                      "keep-epochs", "lora-rank", "lora-alpha", "changed-share"});
  Section<S> cascade = lifted(&S::cascade, cascade_fields());
  cascade.fields.push_back({"no-heads",
                            &S::no_heads,
                            "Leave the probes out of the file",
                            {.effect = Effect::files, .is_flag = true}});
  cascade.fields.push_back({"out",
                            [](const S& s) { return s.learn.out; },
                            [](S& s, std::string out) { s.learn.out = std::move(out); },
                            "Cascade file to write; none: out.cascade",
                            {.effect = nothing, .type_name = "FILE"}});
  table.push_back(cascade);
  return table;
}

Fields<MeasureSpec> measure_fields() {
  using S = MeasureSpec;
  Fields<S> table = {lifted(&S::input, input_fields())};
  table.push_back(
      {"Measuring",
       {
           {"method", &S::methods,
            "task (what the task file holds), head (the backbone's own classifier), zs (CLIP: "
            "class names as text), knn, lp; several by commas, the first gives `accuracy`"},
           Field<S>("task", &S::task, "Task or cascade file; none: the plain backbone",
                    {.type_name = "FILE"})
               .recorded_as([](const S& s) { return content_record(task_path(s.task)); }),
           {"cascade", &S::cascade,
            "Of a cascade file: conditional (the routed expert alone, two passes an image) or "
            "unconditional (all experts)"},
       }});
  Section<S> knn = lifted(&S::knn, knn_fields());
  knn.applies = [](const S& s) { return measures_by(s, MeasureMethod::knn); };
  Section<S> text = lifted(&S::text, text_fields());
  text.applies = [](const S& s) { return measures_by(s, MeasureMethod::zs); };
  table.push_back(knn);
  table.push_back({"Measuring",
                   {{"probe-l2",
                     &S::probe_l2,
                     "Lambda of the linear probe; default: .01 / images",
                     {at_least(0)}}},
                   [](const S& s) { return measures_by(s, MeasureMethod::lp); }});
  table.push_back(text);
  return table;
}

// The table of a kind of run: what all runs have, then the fields of its work.
template <typename Work>
Fields<RunSpec> make_table(const Fields<Work>& table) {
  Fields<RunSpec> run_table = common_fields();
  for (const Section<Work>& section : table)
    run_table.push_back(lifted<RunSpec, Work>(
        [](RunSpec& spec) -> Work& { return std::get<Work>(spec.work); }, section));
  return run_table;
}

Fields<RunSpec> make_measure_table() {
  Fields<RunSpec> table = make_table(measure_fields());
  // Measuring makes no random choice; the seed only splits the data.
  for (Section<RunSpec>& section : table)
    for (Field<RunSpec>& field : section.fields)
      if (field.name == "seed") field.effect = Effect::content;
  return table;
}

}  // namespace

bool measures_by(const MeasureSpec& spec, MeasureMethod method) {
  return std::find(spec.methods.begin(), spec.methods.end(), method) != spec.methods.end();
}

bool has_clip_head(const LearnSpec& spec) {
  const auto head = spec.changes.find("head");
  return head != spec.changes.end() && head->second.front() == name_of(HeadKind::clip);
}

RunSpec new_spec(RunKind kind) {
  RunSpec spec;
  if (kind == RunKind::cascade) spec.work.emplace<CascadeSpec>();
  if (kind == RunKind::measure) spec.work.emplace<MeasureSpec>();
  return spec;
}

const Fields<RunSpec>& run_fields(RunKind kind) {
  static const std::array<Fields<RunSpec>, 3> tables = {
      make_table(learn_fields()), make_table(cascade_spec_fields()), make_measure_table()};
  return tables.at(static_cast<size_t>(kind));
}

void assign(RunSpec& spec, const Assignments& options) {
  const Fields<RunSpec>& table = run_fields(kind_of(spec));
  for (const auto& [name, words] : options)
    if (find_field(table, name) == nullptr)
      with_option_in_errors(name, [&, &name = name] {
        fail_unknown("an option of submask " + name_of(kind_of(spec)), name, field_names(table),
                     "submask " + name_of(kind_of(spec)) + " --help lists them");
      });
  for (const Section<RunSpec>& section : table)
    for (const Field<RunSpec>& field : section.fields)
      for (const auto& [name, words] : options)
        if (name == field.name)
          with_option_in_errors(name, [&, &words = words] { field.assign(spec, words); });
}

LearnSpec& LearnSpec::change(const std::string& option, const std::vector<std::string>& words) {
  const Field<TrainSettings>* field = find_field(train_fields(), option);
  if (field == nullptr)
    fail_unknown("an option of learning", option, field_names(train_fields()),
                 "submask train --help lists them");
  change_field(*field).assign(*this, words);
  return *this;
}

LearnSpec& LearnSpec::change(const std::string& option, const std::string& word) {
  return change(option, std::vector{word});
}

}  // namespace submask
