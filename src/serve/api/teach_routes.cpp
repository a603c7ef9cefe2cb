#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <functional>
#include <optional>
#include <unistd.h>
#include <utility>

#include <ATen/ATen.h>

#include <submask/evaluate.h>
#include <submask/task_file.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/names.h"
#include "base/quoted_name.h"
#include "evaluate/fitted_head.h"
#include "serve/api/asked_images.h"
#include "serve/api/model_of_task.h"
#include "serve/api/openapi_words.h"
#include "serve/api/refusal.h"
#include "serve/api/routes.h"
#include "serve/http/multipart_form.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr size_t most_lesson_images = 500, most_classes = 100, longest_label = 200,
                 longest_name = 200;
constexpr int64_t most_folds = 20;
constexpr const char* taught_ending = ".taught";  // of files that are being saved

// Images with their labels, as they were given.
struct Lesson {
  std::vector<AskedImage> images;
  std::vector<int64_t> labels;
  std::vector<std::string> classes;  // in the order in which they came
};

// "image:cat", or "image" with the parameter label=cat.
std::string label_of(const FormPart& part, const Call& call) {
  constexpr std::string_view prefix = "image:";
  if (part.name.starts_with(prefix)) return part.name.substr(prefix.size());
  const auto label = part.parameters.find("label");
  if (part.name != "image" || label == part.parameters.end())
    call.refuse_field("the fields image:LABEL", part.name);
  return label->second;
}

Lesson lesson_of(const Call& call) {
  Lesson lesson;
  const std::string_view type = call.request.header("content-type");
  if (!is_multipart_form(type))
    throw Refusal(415, "expected a form (multipart/form-data) with the fields image:LABEL, got " +
                           quoted_name(type));
  for (const FormPart& part : parse_multipart_form(type, call.request.body, most_lesson_images)) {
    const std::string label = label_of(part, call);
    if (label.empty() || label.size() > longest_label || in_one_line(label) != label)
      throw Refusal(400, text("expected a label of 1 to ", longest_label, " printable bytes, got ",
                              quoted_name(label)));
    const auto known = std::ranges::find(lesson.classes, label);
    lesson.labels.push_back(known - lesson.classes.begin());
    if (known == lesson.classes.end()) lesson.classes.push_back(label);
    lesson.images.push_back({name_of_file(part, lesson.images.size()), part.content});
  }
  if (lesson.classes.size() > most_classes)
    throw Refusal(400,
                  text("expected at most ", most_classes, " classes, got ", lesson.classes.size()));
  if (lesson.classes.size() < 2)
    throw Refusal(400, text("expected images of two classes or more, got ", lesson.classes.size()));
  return lesson;
}

ProbeKind probe_of(const Call& call) {
  const std::string word = call.word("probe", "knn");
  const auto probe = find_value<ProbeKind>(word);
  if (!probe) throw Refusal(400, "expected probe=lp or knn, got " + quoted_name(word));
  return *probe;
}

// With few examples as many neighbours as the smallest class has, so that it can win.
KnnOptions knn_for(const at::Tensor& labels) {
  constexpr int64_t most = 20;
  const at::Tensor counts = labels.bincount();
  KnnOptions options = knn_preset(KnnPreset::dino);
  options.k = std::clamp<int64_t>(counts.masked_select(counts > 0).min().item<int64_t>(), 1, most);
  return options;
}

Head fit(ProbeKind probe, const Features& features, int64_t classes, const KnnOptions& knn) {
  if (probe == ProbeKind::knn) return bank_head(features, classes, knn);
  LinearProbeOptions options;
  options.max_iterations = 300;  // somebody waits
  return fit_linear_probe(features, classes, options).head();
}

// The share of right answers by heads that were made without the images they are asked about: one
// image at a time where there are few, else in twenty parts. The only image of its class is not
// asked about, as nothing else could tell it. Nothing where no image is.
std::optional<double> accuracy_of(ProbeKind probe, const Features& features, int64_t classes,
                                  const KnnOptions& knn, int64_t folds,
                                  const std::function<void()>& check) {
  const int64_t count = features.labels.numel();
  const at::Tensor has_others = features.labels.bincount().index_select(0, features.labels) > 1;
  const auto judged = has_others.sum().item<int64_t>();
  if (judged == 0) return std::nullopt;
  int64_t right = 0;
  for (int64_t fold = 0; fold < folds; ++fold) {
    check();
    const at::Tensor is_asked =
        (at::arange(count).remainder(folds) == fold).logical_and(has_others);
    if (!is_asked.any().item<bool>()) continue;
    const at::Tensor known = is_asked.logical_not().nonzero().flatten(),
                     asked = is_asked.nonzero().flatten();
    const Features part{
        features.values.index_select(0, known), features.labels.index_select(0, known), {}};
    const Head head = fit(probe, part, classes, knn);
    const at::Tensor answers = head_scores(head, features.values.index_select(0, asked)).argmax(1);
    right += (answers == features.labels.index_select(0, asked)).sum().item<int64_t>();
  }
  return static_cast<double>(right) / static_cast<double>(judged);
}

Features features_of(const Lesson& lesson, const std::vector<JobAnswer>& answers) {
  std::vector<at::Tensor> rows;
  for (const JobAnswer& answer : answers) {
    if (const auto* error = std::get_if<std::exception_ptr>(&answer.outcome))
      std::rethrow_exception(*error);
    rows.push_back(std::get<Answer>(answer.outcome).features);
  }
  return {at::stack(rows), at::tensor(lesson.labels), {}};
}

// The plain backbone as a task: no mask, no head.
std::shared_ptr<const ServedFile> plain_backbone(const Backbone& backbone) {
  Task task;
  task.backbone = backbone.info().name;
  task.weights_identity = backbone.identity();
  task.preprocessing = backbone.info().preprocessing;
  return parse_served_file(packed_task_bytes(pack_task(task, backbone)), backbone.info().name,
                           backbone);
}

// The mask of the file, coded against nothing, and no head.
PackedTask base_of(const ServedFile& file, ServeParts& parts) {
  if (file.parent_file().empty()) return file.member(0);
  return pack_task(*parts.memory.bits(file, 0), parts.backbone);
}

struct Taught {
  std::vector<uint8_t> bytes;
  std::optional<double> accuracy;
  int64_t folds = 0;
};

void add_accuracy(const Taught& taught, Json& json) {
  if (!taught.accuracy) return;
  json["accuracy"] = *taught.accuracy;
  json["folds"] = taught.folds;
}

Taught teach(const Lesson& lesson, const Features& features, ProbeKind probe,
             const ServedFile& file, ServeParts& parts, const std::function<void()>& check) {
  const auto classes = std::ssize(lesson.classes);
  const KnnOptions knn = knn_for(features.labels);
  Taught taught;
  taught.folds = std::min(features.labels.numel(), most_folds);
  taught.accuracy = accuracy_of(probe, features, classes, knn, taught.folds, check);
  PackedTask task = base_of(file, parts);
  task.classes = lesson.classes;
  set_head(task, fit(probe, features, classes, knn));
  Json record = {{"probe", name_of(probe)},
                 {"data", "images given to submask serve"},
                 {"labelled_images", lesson.images.size()},
                 {"task", file.name}};
  add_accuracy(taught, record);
  record_fit(json_text(record), task);
  taught.bytes = packed_task_bytes(task);
  return taught;
}

HttpResponse file_response(const Taught& taught) {
  HttpResponse response{.content_type = "application/octet-stream",
                        .body = std::string(as_text(taught.bytes))};
  response.headers = {{"X-Submask-Version", version_of(taught.bytes)},
                      {"Content-Disposition", "attachment; filename=\"taught.task\""}};
  if (taught.accuracy) {
    response.headers.emplace_back("X-Submask-Accuracy", number_text(*taught.accuracy));
    response.headers.emplace_back("X-Submask-Folds", std::to_string(taught.folds));
  }
  return response;
}

// What servers that were killed in save() left an hour ago or earlier.
void remove_leftovers(const fs::path& folder) {
  const auto old = fs::file_time_type::clock::now() - std::chrono::hours(1);
  std::error_code error;
  for (fs::directory_iterator item(folder, error), end; !error && item != end;
       item.increment(error)) {
    const std::string name = item->path().filename().string();
    std::error_code ignored;
    if (name.starts_with('.') && name.find(taught_ending) != std::string::npos &&
        item->is_regular_file(ignored) && item->last_write_time(ignored) < old)
      fs::remove(item->path(), ignored);
  }
}

// Never in the place of another task's file, and not through a link of its name: the file is whole
// before it gets its name, which only one can take.
HttpResponse save(const Taught& taught, const std::string& name, ServeParts& parts) {
  static std::atomic<uint64_t> saved = 0;
  const auto& folder = parts.folder.folder();
  const auto path = folder / (name + ".task");
  const auto whole = folder / text(".", ::getpid(), "-", saved++, taught_ending);
  write_file_atomically(whole, taught.bytes);
  const int error = ::link(whole.c_str(), path.c_str()) == 0 ? 0 : errno;
  ::unlink(whole.c_str());
  if (error == EEXIST)
    throw Refusal(409, "expected the name of a new task, got " + quoted_name(name));
  if (error != 0)
    fail(ErrorKind::io, "expected to write ", path.string(), ", got ", std::strerror(error));
  parts.folder.load(name);
  Json json = {{"task", name}, {"model_version", version_of(taught.bytes)}};
  add_accuracy(taught, json);
  return json_response(json);
}

void answer_lesson(const CallPointer& call, const Reply& reply, ServeParts& parts,
                   const std::shared_ptr<const ServedFile>& plain) {
  const ProbeKind probe = probe_of(*call);
  const std::string name = call->word("name"), task = call->word("task");
  if (!name.empty() && call->key.role != AccessRole::admin)
    throw Refusal(403,
                  std::string("expected a key of the role admin (--keys) to save a task, got ") +
                      (parts.needs_key() ? "another" : "none"));
  if (!name.empty() && (name.size() > longest_name || !is_served_name(name + ".task")))
    throw Refusal(
        400, "expected a name of A-Za-z0-9._- without a dot in front, got " + quoted_name(name));
  const auto file = task.empty() ? plain : parts.folder.open(task);
  if (file->cascade() != nullptr)
    throw Refusal(400, "expected a task, got the cascade " + quoted_name(task));
  auto lesson = std::make_shared<Lesson>(lesson_of(*call));
  PredictJob job{.tasks = {file},
                 .images = lesson->images,
                 .rules = decode_rules(parts),
                 .wants_features = true,
                 .deadline = deadline_of(*call, parts),
                 .is_given_up = call->request.is_given_up};
  // A client that leaves, or whose time is over, is not taught for.
  const auto check = [deadline = job.deadline, given_up = job.is_given_up] {
    if (*given_up || ServeClock::now() > deadline)
      throw TooLate("expected to teach in time, got no time left");
  };
  const auto answer = [&parts, call, reply, lesson, file, probe, name, task,
                       check](const std::vector<JobAnswer>& answers) {
    HttpResponse response;
    try {
      for (const JobAnswer& each : answers)
        count_outcome(each.outcome, task.empty() ? "unserved" : file->name, parts.metrics);
      const Taught taught =
          teach(*lesson, features_of(*lesson, answers), probe, *file, parts, check);
      response = name.empty() ? file_response(taught) : save(taught, name, parts);
    } catch (...) {
      response = response_of(std::current_exception());
    }
    response.task = file->name;
    reply(std::move(response));
  };
  run_job(std::move(job), parts.folder, parts.engine, parts.pool,
          [&parts, answer](const PredictJob&, std::vector<JobAnswer> answers) {
            parts.teacher.post([answer, answers = std::move(answers)] { answer(answers); });
          });
}

}  // namespace

void add_teach_routes(RouteTable& table, ServeParts& parts) {
  const Json parameters = Json::array(
      {query_parameter("task", "whose mask gives the features; none: the plain backbone",
                       text_schema()),
       query_parameter("probe", "lp or knn",
                       {{"type", "string"}, {"enum", {"lp", "knn"}}, {"default", "knn"}}),
       query_parameter("name", "to save the task in the server's folder, which needs an admin key",
                       text_schema())});
  Json operation = image_operation("Learn a task of a few labelled images", parameters, {});
  Json& content = operation["requestBody"]["content"];
  content.erase("image/*");
  content["multipart/form-data"]["schema"] = {{"type", "object"},
                                              {"description", "a field image:LABEL for each class"},
                                              {"minProperties", 2},
                                              {"additionalProperties", files_schema()}};
  operation["responses"]["200"] = {
      {"description", "the task file; what was saved, where there is a name"},
      {"content",
       {{"application/octet-stream", {{"schema", {{"type", "string"}, {"format", "binary"}}}}},
        {"application/json", {{"schema", {{"type", "object"}}}}}}}};
  remove_leftovers(parts.folder.folder());
  table.add({.method = "POST",
             .pattern = "/v1/teach",
             .takes_images = true,
             .may_wait = true,
             .run = [&parts, plain = plain_backbone(parts.backbone)](
                        const CallPointer& call,
                        const Reply& reply) { answer_lesson(call, reply, parts, plain); },
             .operation = operation});
}

}  // namespace submask
