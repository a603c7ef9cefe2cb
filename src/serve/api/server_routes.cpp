#include <algorithm>
#include <filesystem>

#include <submask/version.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/lower_case.h"
#include "base/natural_order.h"
#include "base/quoted_name.h"
#include "image/image.h"
#include "serve/api/openapi_words.h"
#include "serve/api/refusal.h"
#include "serve/api/routes.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr size_t most_examples = 200;

std::string ending_of(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension.empty() ? "" : lower_case(extension.substr(1));
}

// Images right in the folder, but for hidden files.
std::vector<std::string> example_names(const std::string& folder) {
  std::vector<std::string> names;
  if (folder.empty()) return names;
  std::error_code error;
  for (fs::directory_iterator item(folder, error), end; !error && item != end;
       item.increment(error)) {
    const std::string name = item->path().filename().string();
    if (!name.starts_with('.') && is_image_ending(ending_of(item->path()))) names.push_back(name);
  }
  std::ranges::sort(names, NaturalOrder());
  names.resize(std::min(names.size(), most_examples));
  return names;
}

// A name of the list alone, so that no path leads elsewhere.
HttpResponse example(const Call& call, const ServeParts& parts) {
  const std::string& name = call.path.at("name");
  const auto names = example_names(parts.options.examples);
  if (std::ranges::find(names, name) == names.end())
    throw Refusal(404, "expected an example of /v1/server, got " + quoted_name(name));
  const fs::path path = fs::path(parts.options.examples) / name;
  const std::string ending = ending_of(path);
  return {.content_type = "image/" + (ending == "jpg" ? "jpeg" : ending),
          .body = read_text_file(path)};
}

HttpResponse server(const Call& call, ServeParts& parts) {
  Json json = {{"version", version()},
               {"backbone", parts.backbone.info().name},
               {"needs_key", parts.needs_key()}};
  const AccessRole role = call.key.role;
  json["role"] = role == AccessRole::admin ? "admin" : role == AccessRole::read ? "read" : "none";
  if (role == AccessRole::none) return json_response(json);
  const auto listings = parts.folder.list();
  const EngineState state = parts.engine.state();
  const auto& rest = parts.memory.rest();
  const auto& slots = parts.memory.slots();
  const uint64_t weights = slots.filled() * parts.memory.slot_bytes();
  const std::chrono::duration<double> uptime = std::chrono::steady_clock::now() - parts.began;
  json["backbone_bytes"] = parts.backbone_bytes();
  json["tasks"] = listings.size();
  json["unchecked"] = parts.folder.unchecked();
  json["refused"] =
      std::ranges::count_if(listings, [](const TaskListing& task) { return !task.error.empty(); });
  json["uptime_s"] = std::round(uptime.count() * 1000) / 1000;
  json["connections"] = parts.http_state().connections;
  json["queue"] = {{"images", state.waiting_images},
                   {"bytes", state.waiting_bytes},
                   {"most_images", parts.options.max_queue_images},
                   {"most_bytes", parts.options.max_queue_bytes}};
  json["memory"] = {
      {"bytes", rest.used_bytes() + weights},
      {"most_bytes", parts.options.memory},
      {"weights",
       {{"filled", slots.filled()},
        {"slots", slots.size()},
        {"slot_bytes", parts.memory.slot_bytes()}}},
      {"files_and_bits",
       {{"count", rest.count()}, {"bytes", rest.used_bytes()}, {"most_bytes", rest.most_bytes()}}}};
  const TaskCounts counts = parts.metrics.of_all();
  json["answers"] = {{"answered", counts.answered},
                     {"failed", counts.failed},
                     {"given_up", state.given_up},
                     {"batches", state.batches}};
  json["trouble"] = parts.folder.trouble();
  json["examples"] = example_names(parts.options.examples);
  return json_response(json);
}

HttpResponse metrics(ServeParts& parts) {
  const EngineState state = parts.engine.state();
  const HttpState http = parts.http_state();
  const auto& memory = parts.memory;
  const auto gauge = [](const std::string& name, const std::string& help, auto value) {
    return metric_line(name, "gauge", help, static_cast<double>(value));
  };
  std::string all = parts.metrics.lines();
  all += text("# HELP submask_build_info The program\n# TYPE submask_build_info gauge\n",
              "submask_build_info{version=\"", version(), "\"} 1\n");
  all += gauge("submask_queue_images", "Images that wait", state.waiting_images);
  all += gauge("submask_queue_bytes", "Bytes of images that wait", state.waiting_bytes);
  all += gauge("submask_queue_tasks", "Tasks that somebody waits for", state.waiting_tasks);
  all += gauge("submask_memory_bytes", "Bytes of files, bits and expanded weights",
               memory.rest().used_bytes() + memory.slots().filled() * memory.slot_bytes());
  all += gauge("submask_memory_limit_bytes", "Most of them (--memory)", parts.options.memory);
  all += gauge("submask_weights", "Tasks whose weights are expanded", memory.slots().filled());
  all += gauge("submask_tasks", "Tasks in the folder", parts.folder.list().size());
  all += gauge("submask_connections", "Connections", http.connections);
  all += gauge("submask_request_bytes", "Bytes of requests that are read or answered",
               http.body_bytes);
  all += metric_line("submask_batches_total", "counter", "Batches computed",
                     static_cast<double>(state.batches));
  all += metric_line("submask_given_up_total", "counter",
                     "Images whose client left, or whose time was over",
                     static_cast<double>(state.given_up));
  return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = std::move(all)};
}

}  // namespace

void add_server_routes(RouteTable& table, ServeParts& parts) {
  table.add(
      simple_route("GET", "/v1/server", AccessRole::none, /*may_wait=*/true,
                   json_operation("What the server is and does; without a key only what it is"),
                   [&parts](const Call& call) { return server(call, parts); }));
  table.add(simple_route(
      "GET", "/v1/examples/{name}", AccessRole::read, /*may_wait=*/true,
      {{"summary", "An example image"}, {"responses", {{"200", {{"description", "its file"}}}}}},
      [&parts](const Call& call) { return example(call, parts); }));
  table.add(simple_route("GET", "/metrics", AccessRole::read, /*may_wait=*/true,
                         {{"summary", "Counters as Prometheus reads them"},
                          {"responses", {{"200", {{"description", "text"}}}}}},
                         [&parts](const Call&) { return metrics(parts); }));
}

}  // namespace submask
