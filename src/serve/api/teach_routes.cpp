#include <optional>
#include <utility>

#include <ATen/ATen.h>

#include "base/names.h"
#include "base/quoted_name.h"
#include "serve/api/asked_images.h"
#include "serve/api/lesson.h"
#include "serve/api/model_of_task.h"
#include "serve/api/openapi_words.h"
#include "serve/api/refusal.h"
#include "serve/api/routes.h"
#include "serve/api/task_saving.h"

namespace submask {
namespace {

ProbeKind probe_of(const Call& call) {
  const std::string word = call.word("probe", "knn");
  const auto probe = find_value<ProbeKind>(word);
  if (!probe) throw Refusal(400, "expected probe=lp or knn, got " + quoted_name(word));
  return *probe;
}

HttpResponse file_response(const TaughtTask& taught) {
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

HttpResponse saved_response(const TaughtTask& taught, const std::string& name) {
  Json json = {{"task", name}, {"model_version", version_of(taught.bytes)}};
  add_accuracy(taught, json);
  return json_response(json);
}

at::Tensor features_of(const std::vector<JobAnswer>& answers) {
  std::vector<at::Tensor> rows;
  for (const JobAnswer& answer : answers) {
    if (const auto* error = std::get_if<std::exception_ptr>(&answer.outcome))
      std::rethrow_exception(*error);
    rows.push_back(std::get<Answer>(answer.outcome).features);
  }
  return at::stack(rows);
}

void answer_lesson(const CallPointer& call, const Reply& reply, ServeParts& parts,
                   const std::shared_ptr<const ServedFile>& plain) {
  const ProbeKind probe = probe_of(*call);
  const std::string name = call->word("name"), task = call->word("task");
  if (!name.empty() && call->key.role != AccessRole::admin)
    throw Refusal(403,
                  std::string("expected a key of the role admin (--keys) to save a task, got ") +
                      (parts.needs_key() ? "another" : "none"));
  if (!name.empty()) check_new_name(name, parts);
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
      const TaughtTask taught = teach(*lesson, features_of(answers), probe, *file, parts, check);
      if (!name.empty()) save_task(taught.bytes, name, parts);
      response = name.empty() ? file_response(taught) : saved_response(taught, name);
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
                       text_schema()),
       query_parameter("timeout_ms", "when the task is of no use any more",
                       whole_schema(1, most_timeout_ms))});
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
