#include "serve/api/serve_api.h"

#include <algorithm>
#include <cmath>
#include <ctime>

#include <submask/version.h>

#include "base/fail.h"
#include "base/joined.h"
#include "base/json_text.h"
#include "base/lower_case.h"
#include "base/quoted_name.h"
#include "serve/api/refusal.h"
#include "serve/api/routes.h"
#include "serve/http/content_coding.h"

namespace submask {
namespace {

// "[::1]:8080" -> "::1", "LOCALHOST:80" -> "localhost".
std::string host_name(std::string_view host) {
  if (std::ranges::count(host, ':') > 1 && !host.starts_with('[')) return lower_case(host);
  if (host.starts_with('['))
    return lower_case(host.substr(1, std::max<size_t>(host.find(']'), 1) - 1));
  return lower_case(host.substr(0, host.find(':')));
}

bool is_loopback(const std::string& host) {
  const bool is_number = host.find_first_not_of("0123456789.") == std::string::npos;
  return host == "localhost" || host.ends_with(".localhost") || host == "::1" ||
         (host.starts_with("127.") && is_number);
}

std::string host_of_origin(std::string_view origin) {
  const size_t scheme = origin.find("://");
  return lower_case(scheme == std::string_view::npos ? origin : origin.substr(scheme + 3));
}

std::string time_text() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> buffer{};
  const size_t size = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  const auto ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::string millis = std::to_string(1000 + ms);
  millis.front() = '.';
  return std::string(buffer.data(), size) + millis + "Z";
}

// The scheme's letters may be of either case, as for every server. What follows is no part of a
// line: it may be a key.
std::optional<std::string_view> bearer_of(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  if (lower_case(authorization.substr(0, scheme.size())) != scheme) return std::nullopt;
  return authorization.substr(scheme.size());
}

HttpResponse unauthorised(std::string_view authorization) {
  HttpResponse response =
      error_response(401, std::string("expected a key as Authorization: Bearer KEY, got ") +
                              (authorization.empty()       ? "none"
                               : !bearer_of(authorization) ? "a value that does not begin with "
                                                             "Bearer and a space"
                                                           : "one that is not known"));
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

HttpResponse too_large(const Route& route, uint64_t bytes) {
  return error_response(
      413, text("expected a body of at most ", route.most_body_bytes(), " bytes, got ", bytes));
}

constexpr const char* key_role_words(AccessRole role) {
  return role == AccessRole::admin ? "admin" : "read";
}

}  // namespace

ServeApi::ServeApi(ServeParts& parts)
    : parts_(parts), rate_(parts.options.rate), log_(parts.options.access_log) {
  if (parts.needs_key()) keys_ = AccessKeys::read(parts.options.keys);
  if (!parts.needs_key() && !parts.options.open && !is_loopback(host_name(parts.options.host)))
    fail_argument(
        "--keys FILE, or --open for everybody, to listen at other addresses than this machine's "
        "own",
        "--host " + parts.options.host);
  for (const std::string& origin : parts.options.cors)
    if (origin.find("://") == std::string::npos || origin.ends_with('/'))
      fail_argument("--cors as https://example.org", quoted_name(origin));
  add_page_routes(routes_);
  add_predict_routes(routes_, parts);
  add_task_routes(routes_, parts);
  add_server_routes(routes_, parts);
  add_health_routes(routes_, parts);
  add_model_routes(routes_, parts);
  add_infer_routes(routes_, parts);
  add_teach_routes(routes_, parts);
  routes_.add(simple_route(
      "GET", "/openapi.json", AccessRole::none, /*may_wait=*/false, Json(),
      [described = json_response(routes_.openapi(version()))](const Call&) { return described; }));
}

bool ServeApi::is_allowed_origin(std::string_view origin) const {
  return std::ranges::find(parts_.options.cors, origin) != parts_.options.cors.end();
}

// A browser sends what any page tells it to: a page of another place must not reach a server that
// asks for no key, neither by its own name (Origin) nor by one that it made point here (Host).
std::optional<HttpResponse> ServeApi::refuse_stranger(const HttpRequest& head) const {
  if (keys_ || head.path.starts_with("/v2/health/")) return std::nullopt;  // probes name no host
  const std::string_view host = head.header("host"), origin = head.header("origin");
  const std::string name = host_name(host);
  if (!parts_.options.open && !is_loopback(name) && name != lower_case(parts_.options.host))
    return error_response(403, "expected Host localhost, got " + quoted_name(host));
  const bool is_own = host_of_origin(origin) == lower_case(host);
  if (!origin.empty() && !is_own && !is_allowed_origin(origin))
    return error_response(
        403, "expected the page of this server or --cors, got Origin " + quoted_name(origin));
  return std::nullopt;
}

std::optional<HttpResponse> ServeApi::answer_preflight(const HttpRequest& head) const {
  if (head.method != "OPTIONS" || !is_allowed_origin(head.header("origin"))) return std::nullopt;
  HttpResponse response{.status = 204};
  response.headers = {{"Access-Control-Allow-Methods", "GET, POST"},
                      {"Access-Control-Allow-Headers",
                       "Authorization, Content-Type, Content-Encoding, "
                       "Inference-Header-Content-Length, X-Request-Id"},
                      {"Access-Control-Max-Age", "600"}};
  return response;
}

std::optional<AccessKey> ServeApi::key_of(const HttpRequest& head) const {
  if (!keys_) return AccessKey{AccessRole::read, head.peer, head.peer};
  const auto given = bearer_of(head.header("authorization"));
  return given ? keys_->find(*given) : std::nullopt;
}

std::shared_ptr<const ServeApi::Admission> ServeApi::admission_of(
    const HttpRequest& request) const {
  if (request.admission) return std::static_pointer_cast<const Admission>(request.admission);
  return std::make_shared<Admission>(
      Admission{routes_.find(request.method, request.path), key_of(request)});
}

std::optional<HttpResponse> ServeApi::refuse(HttpRequest& head,
                                             std::optional<uint64_t> body_bytes) {
  if (auto refusal = refuse_stranger(head)) return refusal;
  if (auto response = answer_preflight(head)) return response;
  const auto admission = admission_of(head);
  head.admission = admission;
  const auto& [match, key] = *admission;
  if (match.route == nullptr && match.methods.empty())
    return error_response(404, "expected a path of /openapi.json, got " + quoted_name(head.path));
  if (match.route == nullptr) {
    HttpResponse response = error_response(
        405, "expected " + joined(match.methods) + ", got " + quoted_name(head.method));
    response.headers.emplace_back("Allow", joined(match.methods));
    return response;
  }
  if (match.route->method == "GET" && body_bytes != uint64_t{0})
    return error_response(400, "expected no body with GET, got one");
  if (body_bytes > match.route->most_body_bytes()) return too_large(*match.route, *body_bytes);
  if (match.route->role == AccessRole::none) return std::nullopt;
  if (!key) {
    const double wait = guesses_.wait_of(head.peer, RequestRate::Clock::now());
    return wait > 0 ? later_response(429, "expected a key that is known, got many others", wait)
                    : unauthorised(head.header("authorization"));
  }
  if (key->role < match.route->role)
    return error_response(
        403, text("expected a key of the role ", key_role_words(match.route->role), ", got ",
                  keys_ ? key_role_words(key->role) : "none"));
  if (const double wait = rate_.wait_of(key->hash, RequestRate::Clock::now()); wait > 0)
    return later_response(
        429, text("expected at most ", parts_.options.rate, " requests a second, got more"), wait);
  if (match.route->takes_images && !parts_.engine.has_room(1, 0))
    return later_response(503, "expected room in the queue, got a full one: ask again later");
  return std::nullopt;
}

void ServeApi::answer(HttpRequest request, Reply reply) {
  const auto admission = admission_of(request);
  const Route& route = *admission->match.route;
  if (request.body.size() > route.most_body_bytes())  // it came without its length
    return reply(too_large(route, request.body.size()));
  auto call = std::make_shared<Call>();
  call->route = &route;
  call->path = admission->match.path;
  call->key = admission->key.value_or(AccessKey{});
  call->request = std::move(request);
  const auto run = [this, call, reply = std::move(reply)] {
    try {
      HttpRequest& asked = call->request;
      const auto query = parse_query(asked.query);
      if (!query)
        throw Refusal(400, "expected a query that decodes, got " + quoted_name(asked.query));
      call->query = *query;
      if (call->route->pattern.starts_with("/v1/")) call->check_query();
      undo_coding(*call);
      call->route->run(call, reply);
    } catch (...) {
      reply(response_of(std::current_exception()));
    }
  };
  if (!route.may_wait)
    run();
  else
    (route.takes_images ? parts_.pool : parts_.desk).post(run);
}

// What a body becomes takes room as bodies do, until its answer.
void ServeApi::undo_coding(Call& call) {
  const std::string_view coding = call.request.header("content-encoding");
  if (coding.empty() || call.request.body.empty()) return;
  const auto most = static_cast<size_t>(parts_.options.max_queue_bytes);
  const size_t room = most - std::min<size_t>(most, decoded_bytes_),
               most_decoded = std::min(most, call.route->most_body_bytes());
  try {
    call.request.body =
        undo_content_coding(std::move(call.request.body), coding, std::min(room, most_decoded));
  } catch (const TooMuchContent& error) {  // others' bodies may leave more room later
    throw Refusal(room < most_decoded ? 503 : 413, error.what());
  }
  const size_t bytes = call.request.body.size();
  decoded_bytes_ += bytes;
  call.room = std::shared_ptr<void>(nullptr, [this, bytes](void*) { decoded_bytes_ -= bytes; });
}

void ServeApi::finish(const HttpRequest& request, HttpResponse& response, double seconds) {
  const std::string_view origin = request.header("origin");
  if (is_allowed_origin(origin)) {
    response.headers.emplace_back("Access-Control-Allow-Origin", origin);
    response.headers.emplace_back(
        "Access-Control-Expose-Headers",
        "Inference-Header-Content-Length, X-Request-Id, X-Submask-Accuracy, "
        "X-Submask-Folds, X-Submask-Version");
    response.headers.emplace_back("Vary", "Origin");
  }
  const auto admission = admission_of(request);
  const Route* route = admission->match.route;
  parts_.metrics.count_request(route == nullptr ? "none" : route->pattern, response.status,
                               seconds);
  if (!log_.is_on()) return;
  Json line = {{"time", time_text()},
               {"id", request.id},
               {"peer", request.peer},
               {"method", request.method},
               {"path", request.path},
               {"status", response.status},
               {"ms", std::round(seconds * 1e6) / 1e3},
               {"bytes", response.body.size()}};
  if (keys_ && admission->key) line["key"] = admission->key->name;
  if (!response.task.empty()) line["task"] = response.task;
  log_.write(json_text(line));
}

}  // namespace submask
