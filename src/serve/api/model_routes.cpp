#include "base/fail.h"
#include "base/json_text.h"
#include "serve/api/asked_images.h"
#include "serve/api/model_of_task.h"
#include "serve/api/openapi_words.h"
#include "serve/api/refusal.h"
#include "serve/api/routes.h"

namespace submask {
namespace {

// A part of statistics: how often, and nanoseconds altogether.
Json duration_json(uint64_t count, double seconds) {
  constexpr double ns = 1e9;
  return {{"count", count}, {"ns", static_cast<uint64_t>(ns * seconds)}};
}

HttpResponse metadata(const Call& call, ServeParts& parts) {
  const auto file = model_of(call, parts);
  const int64_t side = file->description().preprocessing.input_size;
  Json outputs = Json::array();
  if (has_head(*file)) {
    outputs.push_back(
        {{"name", "scores"}, {"datatype", "FP32"}, {"shape", {-1, std::ssize(file->classes())}}});
    outputs.push_back({{"name", "labels"}, {"datatype", "BYTES"}, {"shape", {-1}}});
  }
  outputs.push_back({{"name", "features"}, {"datatype", "FP32"}, {"shape", {-1, -1}}});
  return json_response(
      {{"name", file->name},
       {"versions", {file->version}},
       {"platform", "submask"},
       {"inputs",
        {{{"name", "image"}, {"datatype", "BYTES"}, {"shape", {-1}}, {"optional", true}},
         {{"name", "pixels"},
          {"datatype", "UINT8"},
          {"shape", {-1, -1, -1, 3}},
          {"optional", true}}}},
       {"outputs", outputs},
       {"parameters", {{"input_size", side}, {"classes", file->classes()}}}});
}

HttpResponse model_ready(const Call& call, ServeParts& parts) {
  const auto file = model_of(call, parts);
  const std::string unready = parts.unready();
  HttpResponse response = json_response({{"name", file->name}, {"ready", unready.empty()}});
  if (!unready.empty()) response.status = 503;
  return response;
}

Json statistics_of(const std::string& name, const std::string& version, ServeParts& parts) {
  const TaskCounts counts = parts.metrics.of_task(name);
  const Json stats = {
      {"success", duration_json(counts.answered, counts.waited_s + counts.computed_s)},
      {"fail", duration_json(counts.failed, 0)},
      {"queue", duration_json(counts.answered, counts.waited_s)},
      {"compute_input", duration_json(0, 0)},
      {"compute_infer", duration_json(counts.answered, counts.computed_s)},
      {"compute_output", duration_json(0, 0)}};
  return {{"name", name},
          {"version", version},
          {"inference_count", counts.answered},
          {"execution_count", counts.answered},
          {"inference_stats", stats}};
}

HttpResponse statistics(const Call& call, ServeParts& parts) {
  const auto file = model_of(call, parts);
  return json_response({{"model_stats", {statistics_of(file->name, file->version, parts)}}});
}

HttpResponse all_statistics(const Call&, ServeParts& parts) {
  Json all = Json::array();
  for (const TaskListing& listing : parts.folder.list())
    if (listing.error.empty() && !listing.is_unloaded)
      all.push_back(statistics_of(listing.name, listing.version, parts));
  return json_response({{"model_stats", all}});
}

// What Triton's clients ask before they choose a batch.
HttpResponse configuration(const Call& call, ServeParts& parts) {
  const auto file = model_of(call, parts);
  return json_response({{"name", file->name},
                        {"platform", "submask"},
                        {"backend", "submask"},
                        {"max_batch_size", most_request_images}});
}

HttpResponse repository_index(const Call& call, ServeParts& parts) {
  bool only_ready = false;
  if (!call.request.body.empty()) {
    const auto asked = try_json<nlohmann::json>(call.request.body);
    if (!asked.is_object()) throw Refusal(400, "expected a JSON object, got another body");
    const auto ready = asked.find("ready");
    if (ready != asked.end() && !ready->is_boolean())
      throw Refusal(400, "expected true or false as \"ready\", got another value");
    only_ready = ready != asked.end() && ready->get<bool>();
  }
  Json index = Json::array();
  for (const TaskListing& listing : parts.folder.list()) {
    const bool is_served = !listing.version.empty() && !listing.is_unloaded;
    if (only_ready && !is_served) continue;
    index.push_back({{"name", listing.name},
                     {"version", listing.version},
                     {"state", is_served ? "READY" : "UNAVAILABLE"},
                     {"reason", listing.is_unloaded ? "unloaded" : listing.error}});
  }
  return json_response(index);
}

HttpResponse load_model(const Call& call, ServeParts& parts) {
  parts.folder.load(call.path.at("model"));
  return json_response(Json::object());
}

HttpResponse unload_model(const Call& call, ServeParts& parts) {
  parts.folder.unload(call.path.at("model"));
  return json_response(Json::object());
}

}  // namespace

void add_model_routes(RouteTable& table, ServeParts& parts) {
  const auto add = [&](const char* method, const std::string& pattern, AccessRole role,
                       const char* summary, HttpResponse (*answer)(const Call&, ServeParts&)) {
    table.add(simple_route(method, pattern, role, /*may_wait=*/true, json_operation(summary),
                           [&parts, answer](const Call& call) { return answer(call, parts); }));
  };
  add("GET", "/v2/models/stats", AccessRole::read, "What all models have answered",
      all_statistics);  // before a model of this name
  for (const std::string model : {"/v2/models/{model}", "/v2/models/{model}/versions/{version}"}) {
    add("GET", model, AccessRole::read, "A model's inputs and outputs", metadata);
    add("GET", model + "/ready", AccessRole::read, "Whether a model is ready", model_ready);
    add("GET", model + "/config", AccessRole::read, "What a model takes at once", configuration);
    add("GET", model + "/stats", AccessRole::read, "What a model has answered", statistics);
  }
  Json index = json_operation("The models and their states");
  index["responses"]["200"]["content"]["application/json"]["schema"] = {
      {"type", "array"}, {"items", {{"type", "object"}}}};
  table.add(simple_route("POST", "/v2/repository/index", AccessRole::read, /*may_wait=*/true, index,
                         [&parts](const Call& call) { return repository_index(call, parts); }));
  add("POST", "/v2/repository/models/{model}/load", AccessRole::admin,
      "Look at a task's file and serve it", load_model);
  add("POST", "/v2/repository/models/{model}/unload", AccessRole::admin,
      "Serve a task no more, until it is loaded", unload_model);
}

}  // namespace submask
