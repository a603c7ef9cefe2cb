#include "serve/api/route_table.h"

#include <algorithm>
#include <optional>

#include "base/fail.h"
#include "base/joined.h"
#include "base/json_text.h"
#include "base/lower_case.h"
#include "base/parse_number.h"
#include "base/quoted_name.h"
#include "serve/api/refusal.h"

namespace submask {
namespace {

// The parts between slashes; a slash at the end makes no difference.
std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    if (!part.empty() || !path.empty()) parts.emplace_back(part);
  }
  return parts;
}

bool is_name(const std::string& part) { return part.starts_with('{'); }
std::string name_in(const std::string& part) { return part.substr(1, part.size() - 2); }

// "post_v1_tasks_task_predict"
std::string operation_id(const std::string& method, const std::vector<std::string>& parts) {
  std::string id = lower_case(method);
  for (const std::string& part : parts) id += "_" + (is_name(part) ? name_in(part) : part);
  return id;
}

// The parts that have names, decoded; nothing where the path is another.
std::optional<std::map<std::string, std::string>> match(const std::vector<std::string>& pattern,
                                                        const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  std::map<std::string, std::string> named;
  for (size_t i = 0; i < path.size(); ++i) {
    const auto part = percent_decoded(path[i]);
    if (!part || part->empty() || (!is_name(pattern[i]) && *part != pattern[i]))
      return std::nullopt;
    if (is_name(pattern[i])) named[name_in(pattern[i])] = *part;
  }
  return named;
}

std::vector<std::string> names_of_query(const Route& route) {
  std::vector<std::string> names;
  const auto parameters = route.operation.find("parameters");
  if (parameters != route.operation.end())
    for (const Json& parameter : *parameters) names.push_back(parameter.at("name"));
  return names;
}

}  // namespace

int64_t Call::whole(const std::string& name, int64_t usual, int64_t least, int64_t most) const {
  const auto found = query.find(name);
  if (found == query.end()) return usual;
  const auto number = parse_number<int64_t>(found->second);
  if (!number || *number < least || *number > most)
    throw Refusal(400, text("expected ", name, " of ", least, " to ", most, ", got ",
                            quoted_name(found->second)));
  return *number;
}

std::string Call::word(const std::string& name, const std::string& usual) const {
  const auto found = query.find(name);
  return found == query.end() ? usual : found->second;
}

void Call::check_query() const {
  if (query.empty()) return;
  const auto known = names_of_query(*route);
  for (const auto& [name, value] : query)
    if (std::ranges::find(known, name) == known.end())
      throw Refusal(400, "expected " + (known.empty() ? "no query" : joined(known)) +
                             " in the query, got " + quoted_name(name));
}

void Call::refuse_field(const std::string& expected, const std::string& name) const {
  const auto known = names_of_query(*route);
  const bool is_query = std::ranges::find(known, name) != known.end();
  throw Refusal(400, "expected " + expected + ", got " + quoted_name(name) +
                         (is_query ? ", which belongs in the query" : ""));
}

HttpResponse json_response(const Json& body) { return {.body = json_text(body) + "\n"}; }

void RouteTable::add(Route route) {
  auto parts = parts_of(route.pattern);
  entries_.push_back({std::move(route), std::move(parts)});
}

RouteTable::Match RouteTable::find(std::string_view method, std::string_view path) const {
  Match found;
  if (!path.starts_with('/')) return found;
  const auto parts = parts_of(path);
  for (const Entry& entry : entries_) {
    auto named = match(entry.parts, parts);
    if (!named) continue;
    found.methods.push_back(entry.route.method);
    const bool is_asked =
        entry.route.method == method || (method == "HEAD" && entry.route.method == "GET");
    if (!is_asked || found.route != nullptr) continue;
    found.route = &entry.route;
    found.path = std::move(*named);
  }
  return found;
}

Json RouteTable::openapi(const std::string& version) const {
  Json paths = Json::object();
  for (const auto& [route, parts] : entries_) {
    Json operation = route.operation;
    if (operation.is_null()) continue;
    Json parameters = Json::array();
    for (const std::string& part : parts)
      if (is_name(part))
        parameters.push_back({{"name", name_in(part)},
                              {"in", "path"},
                              {"required", true},
                              {"schema", {{"type", "string"}}}});
    if (operation.contains("parameters"))
      for (const Json& parameter : operation["parameters"]) parameters.push_back(parameter);
    if (!parameters.empty()) operation["parameters"] = parameters;
    operation["operationId"] = operation_id(route.method, parts);
    if (route.role != AccessRole::none)
      operation["security"] = Json::array({{{"key", Json::array()}}, Json::object()});
    operation["responses"]["default"] = {
        {"description", "what is wrong, in one line"},
        {"content",
         {{"application/json", {{"schema", {{"$ref", "#/components/schemas/Error"}}}}}}}};
    paths[route.pattern][lower_case(route.method)] = operation;
  }
  return {{"openapi", "3.0.3"},
          {"info", {{"title", "submask serve"}, {"version", version}}},
          {"paths", paths},
          {"components",
           {{"securitySchemes", {{"key", {{"type", "http"}, {"scheme", "bearer"}}}}},
            {"schemas",
             {{"Error",
               {{"type", "object"},
                {"required", {"error"}},
                {"properties", {{"error", {{"type", "string"}}}}}}}}}}}};
}

}  // namespace submask
