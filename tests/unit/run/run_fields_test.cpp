// Every field of every table in turn: another value of it changes the record of a run, its name as
// a cell and the fingerprint of its checkpoint exactly as the table says.
#include "run/run_fields.h"

#include <gtest/gtest.h>

#include <submask/grid.h>

#include "base/content_digest.h"
#include "learn/settings_record.h"
#include "learn/train_fields.h"
#include "run/run_check.h"
#include "run/run_record.h"
#include "run/run_settings.h"
#include "run/small_runs.h"

namespace submask {
namespace {

using Options = std::map<std::string, Words>;

// Runs of a kind that together give every field of it a meaning.
std::vector<Options> bases(RunKind kind) {
  if (kind == RunKind::measure)
    return {{{"method", {"knn", "lp"}}, {"weights", {plain_weights()}}, {"labels", {"75p"}}},
            {{"method", {"zs"}}, {"weights", {plain_weights()}}}};
  if (kind == RunKind::cascade)
    return {{{"rate", {"0.5"}}},  // which unit rates may have
            {{"objective", {"dino"}}, {"update-rule", {"adam"}}, {"head-update-rule", {"adam"}}}};
  return {{{"method", {"fs"}}, {"update-rule", {"adam"}}, {"head-update-rule", {"adam"}}},
          {{"method", {"fs"}}, {"criterion", {"topk"}}, {"score-start", {"normal"}}},
          {{"method", {"fs"}}, {"score-start", {"normal"}}},
          {{"method", {"lp"}}},
          {{"method", {"lora"}}},
          {{"method", {"sparse"}}},
          {{"method", {"ssl-fs"}}},
          {{"method", {"ssl-fs"}}, {"objective", {"dino"}}}};
}

RunSpec small_spec(RunKind kind, const Options& options) {
  RunSpec spec = new_spec(kind);
  assign(spec, {{"backbone", {"resnet20"}}, {"data", {"folder:" + small_images()}}});
  // For --patience.
  if (kind != RunKind::measure) assign(spec, {{"validation", {"25p"}}});
  assign(spec, {options.begin(), options.end()});
  return spec;
}

// Values of these are files or must fit what is there.
const Options& other_words() {
  static const Options words = {
      {"backbone", {"resnet32"}},
      {"weights", {other_weights()}},
      {"checkpoint-key", {"model"}},
      {"data", {"folder:" + small_images(2)}},
      {"labels", {"50p"}},
      {"validation", {"50p"}},
      {"test-limit", {"4"}},
      {"train-limit", {"6"}},
      {"pixel-limit", {"2000"}},
      {"class-order", {text_file("class-order", "light\ndark\n")}},
      {"device", {"cuda:0"}},
      {"precision", {"bfloat16"}},
      {"flip", {"false"}},
      {"knn-preset", {"dino"}},
      {"crop", {"count=1,size=16,crop=random"}},
      {"progressive", {"0.1", "0.2"}},
      {"mask-only", {"layer3.*"}},
      {"mask-exclude", {"layer3.*"}},
      {"method", {"fft"}},
      {"recipe", {"paper-rn18"}},
      {"crops-for-assign", {"0"}},
      {"from", {small_task(1)}},
      {"dispatcher", {small_task(1)}},
      {"task", {small_task(1)}},
      {"vocabulary", {text_file("vocabulary", "one")}},
      {"prompts", {text_file("prompts", "a {label}\n")}},
      {"text-weights", {text_file("text-weights", "one")}},
  };
  return words;
}

Words another_value(const Field<RunSpec>& field, const RunSpec& spec, const RunKind kind) {
  if (kind == RunKind::measure && field.name == "method") return {"knn"};
  // Learning without labels needs several crops of an image.
  if (kind == RunKind::cascade && field.name == "recipe") return {"paper-ssl"};
  if (kind == RunKind::cascade && field.name == "crop") return {"count=2,size=16,crop=random"};
  if (const auto found = other_words().find(field.name); found != other_words().end())
    return found->second;
  Words now = field.words(spec);
  if (const auto* of_learning = find_field(train_fields(), field.name);
      kind != RunKind::measure && of_learning) {
    now = of_learning->words(train_settings(spec, backbone_info("resnet20"), {}));
  }
  for (const std::string& choice : field.shape.choices)
    if (now != Words{choice}) return {choice};
  const std::string& type = field.shape.type_name;
  if (type == "INT") return {now == Words{"3"} ? "2" : "3"};
  if (type == "FLOAT") return {now == Words{"0.375"} ? "0.5" : "0.375"};
  return {"elsewhere"};
}

class RunFields : public testing::TestWithParam<RunKind> {
 protected:
  static std::string name_of_cell(const RunSpec& spec) {
    Grid grid;
    grid.cells.push_back({spec, {}, {}});
    return cell_names(grid).front();
  }

  // Not every value fits to the other options of a base.
  bool can_run(const RunSpec& spec) {
    try {
      check_run(spec, opened_);
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  // Of a run that learns by these options, or "".
  std::string fingerprint(const RunSpec& spec) {
    if (spec.learn() == nullptr) return "";
    const RunData data = open_run_data(spec, opened_);
    Backbone& backbone = opened_.backbone(spec.backbone, spec.compute);
    return run_fingerprint(train_settings(spec, backbone.info(), data.learned.train->class_names()),
                           data.learned, backbone);
  }

  Opened opened_;
};

TEST_P(RunFields, ChangeRecordsNamesAndFingerprintsAsTheTableSays) {
  const RunKind kind = GetParam();
  std::vector<RunSpec> specs;
  std::vector<std::string> names, fingerprints;
  std::vector<nlohmann::json> records;
  for (const Options& options : bases(kind)) {
    specs.push_back(small_spec(kind, options));
    records.push_back(run_record(specs.back(), "", opened_));
    names.push_back(name_of_cell(specs.back()));
    fingerprints.push_back(fingerprint(specs.back()));
  }
  for (const Section<RunSpec>& section : run_fields(kind))
    for (const Field<RunSpec>& field : section.fields) {
      SCOPED_TRACE("--" + field.name);
      bool recorded = false, named = false, told_apart = false;
      for (size_t i = 0; i < specs.size(); ++i) {
        RunSpec base = specs[i];
        const bool is_key = field.name == "checkpoint-key";  // it needs a file with two networks
        if (is_key) assign(base, {{"weights", {weights_with_average()}}});
        RunSpec changed = base;
        field.assign(changed, another_value(field, specs[i], kind));
        if (field.name == "backbone") assign(changed, {{"weights", {weights_of("resnet32")}}});
        if (field.name == "device") {  // which this machine may not have
          EXPECT_EQ(record_of(run_fields(kind), changed), record_of(run_fields(kind), specs[i]));
          continue;
        }
        if (!can_run(changed)) continue;
        recorded |= run_record(changed, "", opened_) !=
                    (is_key ? run_record(base, "", opened_) : records[i]);
        named |= name_of_cell(changed) != (is_key ? name_of_cell(base) : names[i]);
        told_apart |= fingerprint(changed) != (is_key ? fingerprint(base) : fingerprints[i]);
      }
      const bool counts = field.effect == Effect::result || field.effect == Effect::content;
      const bool text_of_a_head =
          kind == RunKind::learn && section.title.starts_with("Class names");
      if (text_of_a_head) continue;  // TextOfAHeadCountsByContent
      EXPECT_EQ(recorded, counts || field.effect == Effect::files);
      EXPECT_EQ(named, recorded);
      // What a checkpoint has no part in: the test images, the probes of a cascade, other runs'
      // rates, and the cascade's own settings, which its stages are stored under (cascade_run.h).
      const bool of_checkpoints = kind != RunKind::measure && field.name != "test-limit" &&
                                  !(kind == RunKind::cascade && field.name == "probe-l2") &&
                                  field.name != "tune" &&
                                  find_field(run_fields(RunKind::learn), field.name) != nullptr;
      if (of_checkpoints) {
        EXPECT_EQ(told_apart, counts);
      }
    }
}

INSTANTIATE_TEST_SUITE_P(AllKinds, RunFields,
                         testing::Values(RunKind::learn, RunKind::cascade, RunKind::measure),
                         [](const auto& info) { return name_of(info.param); });

// The same content elsewhere is the same run, another content under the same name another.
TEST(RunRecord, FilesCountByTheirContent) {
  struct Case {
    RunKind kind;
    Options base;
    std::string option;
  };
  const std::vector<Case> cases = {
      {RunKind::learn, {}, "from"},
      {RunKind::learn, {{"method", {"fft"}}}, "from"},
      {RunKind::cascade, {}, "dispatcher"},
      {RunKind::measure, {}, "task"},
      {RunKind::measure, {{"method", {"zs"}}, {"weights", {plain_weights()}}}, "vocabulary"},
      {RunKind::measure, {{"method", {"zs"}}, {"weights", {plain_weights()}}}, "prompts"},
      {RunKind::measure, {{"method", {"zs"}}}, "text-weights"},
      {RunKind::learn, {}, "weights"},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE("--" + one.option);
    const auto folder = fresh_folder("content");
    const auto put = [&](const std::string& name, int content) {
      const std::string path = (folder / name).string();
      const std::string from =
          one.option == "prompts"   ? text_file("p", content == 1 ? "a {}" : "b {}")
          : one.option == "weights" ? (content == 1 ? plain_weights() : other_weights())
          : one.option == "vocabulary" || one.option == "text-weights"
              ? text_file("t", std::to_string(content))
              : small_task(static_cast<uint64_t>(content));
      std::filesystem::remove(path);
      std::filesystem::copy_file(from, path);
      return path;
    };
    const auto record = [&](const std::string& path) {
      RunSpec spec = small_spec(one.kind, one.base);
      assign(spec, {{one.option, {path}}});
      Opened opened;
      return run_record(spec, "", opened);
    };
    const nlohmann::json first = record(put("first", 1));
    EXPECT_EQ(record(put("copy", 1)), first);
    EXPECT_NE(record(put("first", 2)), first);
  }
}

// The text of a clip head, which needs a CLIP network to be resolved.
TEST(RunRecord, TextOfAHeadCountsByContent) {
  const auto& table = run_fields(RunKind::learn);
  const RunSpec plain = small_spec(RunKind::learn, {{"head", {"clip"}}});
  for (const char* option : {"vocabulary", "prompts", "text-weights"}) {
    RunSpec changed = plain;
    assign(changed, {{option, other_words().at(option)}});
    EXPECT_NE(record_of(table, changed), record_of(table, plain)) << option;
    RunSpec linear = changed;
    assign(linear, {{"head", {"linear"}}});
    EXPECT_EQ(record_of(table, linear), record_of(table, small_spec(RunKind::learn, {}))) << option;
  }
}

// What a result of `submask evaluate` is made of stands in it, by the names of the options.
TEST(RunRecord, AMeasurementSaysItsSettingsAndImages) {
  const RunSpec spec = small_spec(RunKind::measure, {{"method", {"knn"}},
                                                     {"precision", {"bfloat16"}},
                                                     {"input-size", {"28"}},
                                                     {"resize", {"squash"}},
                                                     {"interpolation", {"bilinear"}},
                                                     {"fast-decode", {"true"}},
                                                     {"batch-size", {"5"}},
                                                     {"validation", {"25p"}},
                                                     {"task", {small_task(1)}}});
  const auto result = nlohmann::json::parse(Runner().run(spec).json);
  EXPECT_EQ(result["settings"], record_of(run_fields(RunKind::measure), spec));
  for (const auto& [key, value] :
       std::map<std::string, nlohmann::json>{{"precision", "bfloat16"},
                                             {"input_size", 28},
                                             {"resize", "squash"},
                                             {"interpolation", "bilinear"},
                                             {"fast_decode", true},
                                             {"batch_size", 5},
                                             {"method", {"knn"}},
                                             {"task", content_digest(small_task(1))}})
    EXPECT_EQ(result["settings"][key], value) << key;
  const DataSplits data = open_data(spec.data, spec.compute);
  EXPECT_EQ(result["validation_digest"], data.validation->digest());
  EXPECT_EQ(result["test_digest"], data.test->digest());
}

// Weights that have one identity (theta) but other running statistics are other weights.
TEST(RunRecord, RunningStatisticsCount) {
  RunSpec one = small_spec(RunKind::measure, {{"weights", {plain_weights()}}, {"method", {"knn"}}});
  RunSpec other = one;
  other.backbone.weights = other_weights();
  Opened opened;
  EXPECT_EQ(opened.backbone(one.backbone, {}).identity(),
            opened.backbone(other.backbone, {}).identity());
  EXPECT_NE(run_record(one, "", opened), run_record(other, "", opened));
}

// A two-step run by every field that must not change a byte.
TEST(RunRecord, FieldsThatChangeNothingLeaveEveryByte) {
  const auto learned = [](const std::string& option, const Words& words) {
    const auto folder = fresh_folder("run_" + option);
    RunSpec spec = small_spec(RunKind::learn, {{"method", {"fs"}},
                                               {"epochs", {"1"}},
                                               {"batch-size", {"4"}},
                                               {"threads", {"1"}},
                                               {"out", {(folder / "out.task").string()}}});
    if (!option.empty()) assign(spec, {{option, words}});
    const RunResult result = Runner().run(spec);
    nlohmann::json facts = nlohmann::json::parse(result.json);
    for (const char* measured : {"seconds", "images_per_second", "waiting_share", "out"})
      facts.erase(measured);
    return std::pair{content_digest(result.out), facts.dump()};
  };
  const auto plain = learned("", {});
  int fields = 0;
  for (const Section<RunSpec>& section : run_fields(RunKind::learn))
    for (const Field<RunSpec>& field : section.fields) {
      if (field.effect != Effect::nothing) continue;
      SCOPED_TRACE("--" + field.name);
      Words words = another_value(field, small_spec(RunKind::learn, {}), RunKind::learn);
      if (words == Words{"elsewhere"})
        words = {(fresh_folder("elsewhere_" + field.name) / "there").string()};
      EXPECT_EQ(learned(field.name, words), plain);
      ++fields;
    }
  EXPECT_GE(fields, 8);
}

// A cell's command line gives the same spec again.
TEST(RunRecord, ACommandLineSaysTheSpec) {
  for (const RunKind kind : {RunKind::learn, RunKind::cascade, RunKind::measure})
    for (const Section<RunSpec>& section : run_fields(kind))
      for (const Field<RunSpec>& field : section.fields) {
        if (field.name == "knn-preset" || field.name == "flip") continue;
        SCOPED_TRACE("--" + field.name);
        const RunSpec usual = new_spec(kind);
        RunSpec spec = usual, again = usual;
        field.assign(spec, another_value(field, spec, kind));
        std::map<std::string, Words> said;
        for (const std::string& argument : arguments_of(run_fields(kind), spec, usual)) {
          const size_t equals = argument.find('=');
          said[argument.substr(2, equals - 2)].push_back(argument.substr(equals + 1));
        }
        assign(again, {said.begin(), said.end()});
        EXPECT_EQ(command_line(again), command_line(spec));
        EXPECT_EQ(said.contains(field.name), true);
      }
}

}  // namespace
}  // namespace submask
