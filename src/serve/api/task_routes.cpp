#include <algorithm>
#include <functional>

#include "base/lower_case.h"
#include "base/quoted_name.h"
#include "cascade/description.h"
#include "serve/api/openapi_words.h"
#include "serve/api/refusal.h"
#include "serve/api/routes.h"
#include "taskfile/describe.h"

namespace submask {
namespace {

constexpr int64_t most_listed = 1000;

// How near a task is to an answer.
std::string state_of(const TaskListing& listing, TaskMemory& memory) {
  if (listing.is_unloaded) return "unloaded";
  if (listing.version.empty()) return listing.error.empty() ? "unchecked" : "refused";
  switch (memory.tier_of(listing.file_name, listing.digest)) {
    case TaskTier::weights:
      return "weights";
    case TaskTier::bits:
      return "bits";
    case TaskTier::file:
      return "file";
    case TaskTier::none:
      break;
  }
  return "cold";
}

Json row_of(const TaskListing& listing, TaskMemory& memory) {
  Json row = {{"task", listing.name},
              {"model_version", listing.version},
              {"kind", listing.is_cascade ? "cascade" : "task"},
              {"task_bytes", listing.file_bytes},
              {"classes", listing.classes},
              {"masked_fraction", listing.masked_fraction}};
  if (listing.accuracy >= 0) row["accuracy"] = listing.accuracy;
  row["method"] = listing.method;
  row["data"] = listing.data;
  row["state"] = state_of(listing, memory);
  if (!listing.error.empty())
    row["error"] = listing.error;  // also of a file whose last version goes on
  return row;
}

bool is_found(const TaskListing& listing, const std::string& search) {
  return lower_case(listing.name).find(search) != std::string::npos ||
         lower_case(listing.data).find(search) != std::string::npos ||
         lower_case(listing.method).find(search) != std::string::npos;
}

constexpr std::array orders{"name", "task_bytes", "classes", "masked_fraction", "accuracy"};

Json order_schema() {
  Json words = Json::array();
  for (const std::string order : orders) words.insert(words.end(), {order, "-" + order});
  return {{"type", "string"}, {"enum", words}, {"default", "name"}};
}

void sort_listings(std::vector<TaskListing>& listings, std::string order) {
  const bool is_down = order.starts_with('-');
  if (is_down) order.erase(0, 1);
  const auto by = [&](auto member) {
    if (is_down)
      std::ranges::stable_sort(listings, std::greater(), member);
    else
      std::ranges::stable_sort(listings, {}, member);
  };
  if (order == "name") return by(&TaskListing::name);
  if (order == "task_bytes") return by(&TaskListing::file_bytes);
  if (order == "classes") return by(&TaskListing::classes);
  if (order == "masked_fraction") return by(&TaskListing::masked_fraction);
  if (order == "accuracy") return by(&TaskListing::accuracy);
  throw Refusal(400, "expected sort=name, task_bytes, classes, masked_fraction or accuracy, got " +
                         quoted_name(order));
}

HttpResponse list_tasks(const Call& call, ServeParts& parts) {
  const int64_t offset = call.whole("offset", 0, 0, INT64_MAX),
                limit = call.whole("limit", 50, 0, most_listed);
  const std::string search = lower_case(call.word("search"));
  auto listings = parts.folder.list();
  std::erase_if(listings, [&](const TaskListing& listing) { return !is_found(listing, search); });
  sort_listings(listings, call.word("sort").empty() ? "name" : call.word("sort"));
  const int64_t count = std::ssize(listings), first = std::min(offset, count);
  Json tasks = Json::array();
  for (int64_t i = first; i < first + std::min(limit, count - first); ++i)
    tasks.push_back(row_of(listings[static_cast<size_t>(i)], parts.memory));
  return json_response({{"matching", count}, {"offset", offset}, {"tasks", std::move(tasks)}});
}

HttpResponse show_task(const Call& call, ServeParts& parts) {
  const auto file = parts.folder.open(call.path.at("task"));
  const auto listing = parts.folder.find(file->name);
  if (!listing) throw Refusal(404, "expected a task that is served, got one that has just gone");
  Json task = row_of(*listing, parts.memory);
  const Json description =
      file->cascade() != nullptr
          ? describe(*file->cascade(), static_cast<int64_t>(listing->file_bytes))
          : describe(file->packed_task(), static_cast<int64_t>(listing->file_bytes));
  task.update(description);
  task["model_version"] = file->version;
  return json_response(task);
}

}  // namespace

void add_task_routes(RouteTable& table, ServeParts& parts) {
  const Json list_parameters = Json::array(
      {query_parameter("search", "a part of a task's name, data or method", text_schema()),
       query_parameter("offset", "tasks to pass over", whole_schema(0, INT64_MAX)),
       query_parameter("limit", "tasks to list", whole_schema(0, most_listed)),
       query_parameter("sort", "with - before it the largest first", order_schema())});
  table.add(simple_route("GET", "/v1/tasks", AccessRole::read, /*may_wait=*/true,
                         json_operation("The tasks that are served", list_parameters),
                         [&parts](const Call& call) { return list_tasks(call, parts); }));
  table.add(simple_route("GET", "/v1/tasks/{task}", AccessRole::read, /*may_wait=*/true,
                         json_operation("What a task is, as submask inspect --json says it"),
                         [&parts](const Call& call) { return show_task(call, parts); }));
}

}  // namespace submask
