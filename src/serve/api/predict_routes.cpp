#include <algorithm>
#include <utility>

#include "base/fail.h"
#include "base/joined.h"
#include "base/quoted_name.h"
#include "serve/api/answer_json.h"
#include "serve/api/asked_images.h"
#include "serve/api/model_of_task.h"
#include "serve/api/openapi_words.h"
#include "serve/api/refusal.h"
#include "serve/api/routes.h"
#include "serve/http/header_text.h"

namespace submask {
namespace {

constexpr int64_t most_top = 100'000, most_neighbours = 1000;
constexpr size_t most_answers = 20'000, most_predictions = 100'000;  // of one request

struct Wanted {
  int64_t top, neighbours;
  bool is_list;  // results even for one answer
};

// Served with a head, or not checked yet, so that nobody knows.
bool may_answer(const TaskListing& listing) {
  if (listing.is_unloaded) return false;
  return listing.version.empty() ? listing.error.empty() : listing.classes > 0;
}

// "a, b, *": the names, and for a star all that may answer.
std::vector<AskedTask> tasks_named(const std::string& list, const ServeParts& parts) {
  std::vector<AskedTask> tasks;
  bool has_star = false;
  std::string_view rest = list;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(part.size() + 1, rest.size()));
    const std::string name(without_blanks(part));
    if (name == "*" && std::exchange(has_star, true))
      throw Refusal(400, "expected one * among tasks, got more");
    if (name != "*") {
      tasks.emplace_back(name);
      continue;
    }
    for (const TaskListing& listing : parts.folder.list())
      if (may_answer(listing)) tasks.emplace_back(listing.name);
  }
  return tasks;
}

void check_tasks(const PredictJob& job, const Call& call, const ServeParts& parts) {
  if (!job.tasks.empty()) return;
  if (call.word("tasks").empty())
    throw Refusal(400, "expected tasks=NAME,NAME or a task in the field task, got none");
  const size_t files = parts.folder.list().size();  // it was a star
  throw Refusal(400, "expected tasks in the folder that can answer tasks=*, got " +
                         (files == 0 ? "a folder without tasks"
                                     : text(files, " that are refused, unloaded or have no head")));
}

void check_sizes(const PredictJob& job, const Wanted& wanted) {
  const size_t answers = job.tasks.size() * job.images.size();
  const auto named = static_cast<size_t>(wanted.top + wanted.neighbours);
  if (answers > most_answers || answers * named > most_predictions)
    throw Refusal(400,
                  text("expected at most ", most_answers, " answers and ", most_predictions,
                       " predictions and neighbours of one request, got ", answers, " x ", named));
}

std::string name_of(const AskedTask& task) {
  const auto* name = std::get_if<std::string>(&task);
  return name != nullptr ? *name : std::get<std::shared_ptr<const ServedFile>>(task)->name;
}

// Uploaded tasks are counted together: their names are anybody's.
void count(const JobAnswer& answer, const AskedTask& task, ServeMetrics& metrics) {
  const bool is_served = answer.file != nullptr && std::holds_alternative<std::string>(task);
  count_outcome(answer.outcome, is_served ? answer.file->name : "unserved", metrics);
}

Json result_of(const PredictJob& job, const JobAnswer& answer, size_t number, const Wanted& wanted,
               NearestRows& nearest) {
  Json result;
  try {
    if (wanted.neighbours > 0) check_time(job);  // finding them takes long in a large bank
    result = answer_json(answer, wanted.top, wanted.neighbours, nearest);
  } catch (...) {
    const auto [status, line] = status_of(std::current_exception());
    result = {{"task", name_of(job.tasks[number / job.images.size()])},
              {"error", line},
              {"status", status}};
  }
  if (job.images.size() > 1) result["image"] = job.images[number % job.images.size()].name;
  return result;
}

HttpResponse response_to(const PredictJob& job, const std::vector<JobAnswer>& answers,
                         const Wanted& wanted) {
  NearestRows nearest;
  if (!wanted.is_list && answers.size() == 1)
    return json_response(answer_json(answers.front(), wanted.top, wanted.neighbours, nearest));
  Json results = Json::array();
  for (size_t i = 0; i < answers.size(); ++i)
    results.push_back(result_of(job, answers[i], i, wanted, nearest));
  return json_response({{"results", std::move(results)}});
}

std::string log_words(const PredictJob& job) {
  constexpr size_t most = 8;
  std::vector<std::string> names;
  for (size_t i = 0; i < std::min(most, job.tasks.size()); ++i)
    names.push_back(name_of(job.tasks[i]));
  if (job.tasks.size() > most) names.push_back(text("and ", job.tasks.size() - most, " more"));
  return joined(names);
}

void predict(const CallPointer& call, const Reply& reply, ServeParts& parts,
             std::vector<AskedTask> tasks, bool is_list) {
  const Wanted wanted{call->whole("top", 5, 1, most_top),
                      call->whole("neighbours", 0, 0, most_neighbours), is_list};
  PredictJob job;
  job.deadline = deadline_of(*call, parts);
  AskedForm form = asked_form(*call, parts);
  job.tasks = std::move(tasks);
  for (AskedTask& task : form.tasks) job.tasks.push_back(std::move(task));
  job.images = std::move(form.images);
  job.rules = decode_rules(parts);
  job.wants_features = wanted.neighbours > 0;
  job.is_given_up = call->request.is_given_up;
  check_tasks(job, *call, parts);
  check_sizes(job, wanted);
  run_job(
      std::move(job), parts.folder, parts.engine, parts.pool,
      [&parts, call, reply, wanted](const PredictJob& done, const std::vector<JobAnswer>& answers) {
        HttpResponse response;
        try {
          for (size_t i = 0; i < answers.size(); ++i)
            count(answers[i], done.tasks[i / done.images.size()], parts.metrics);
          response = response_to(done, answers, wanted);
        } catch (...) {
          response = response_of(std::current_exception());
        }
        response.task = log_words(done);
        reply(std::move(response));
      });
}

Json predict_parameters() {
  return Json::array(
      {query_parameter("top", "classes to name", whole_schema(1, most_top)),
       query_parameter("neighbours", "rows of a bank to name", whole_schema(0, most_neighbours)),
       query_parameter("timeout_ms", "when the answer is of no use any more",
                       whole_schema(1, most_timeout_ms))});
}

}  // namespace

void add_predict_routes(RouteTable& table, ServeParts& parts) {
  table.add({.method = "POST",
             .pattern = "/v1/tasks/{task}/predict",
             .takes_images = true,
             .may_wait = true,
             .run =
                 [&parts](const CallPointer& call, const Reply& reply) {
                   predict(call, reply, parts, {call->path.at("task")}, /*is_list=*/false);
                 },
             .operation = image_operation("Label images by a task", predict_parameters(),
                                          {{"image", files_schema()}})});
  Json parameters = predict_parameters();
  parameters.push_back(query_parameter(
      "tasks", "names with commas between (and blanks), or * for all", text_schema()));
  table.add({.method = "POST",
             .pattern = "/v1/predict",
             .takes_images = true,
             .may_wait = true,
             .run =
                 [&parts](const CallPointer& call, const Reply& reply) {
                   predict(call, reply, parts, tasks_named(call->word("tasks"), parts),
                           /*is_list=*/true);
                 },
             .operation = image_operation("Label images by several tasks", parameters,
                                          {{"image", files_schema()}, {"task", files_schema()}})});
}

}  // namespace submask
