#include <submask/version.h>

#include "serve/api/openapi_words.h"
#include "serve/api/routes.h"

namespace submask {
namespace {

// Both words in both answers: some clients look for the other one.
HttpResponse health(bool is_live, bool is_ready, bool is_good) {
  HttpResponse response = json_response({{"live", is_live}, {"ready", is_ready}});
  if (!is_good) response.status = 503;
  return response;
}

// A server that ends is alive; one whose worker is stuck is not.
bool is_live(const ServeParts& parts) {
  constexpr std::chrono::seconds longest_batch{120};
  return parts.engine.state().longest_busy < longest_batch;
}

}  // namespace

// These run on the network's thread, which waits for nobody: they tell the truth however long the
// queues are.
void add_health_routes(RouteTable& table, ServeParts& parts) {
  const Json about = {
      {"name", "submask"},
      {"version", version()},
      {"extensions", {"binary_tensor_data", "classification", "model_repository", "statistics"}}};
  table.add(simple_route("GET", "/v2", AccessRole::none, /*may_wait=*/false,
                         json_operation("The server"),
                         [about](const Call&) { return json_response(about); }));
  table.add(simple_route("GET", "/v2/health/live", AccessRole::none, /*may_wait=*/false,
                         json_operation("Whether the server is alive"), [&parts](const Call&) {
                           const bool live = is_live(parts);
                           return health(live, parts.unready().empty(), live);
                         }));
  table.add(simple_route("GET", "/v2/health/ready", AccessRole::none, /*may_wait=*/false,
                         json_operation("Whether requests should come"), [&parts](const Call&) {
                           const bool is_ready = parts.unready().empty();
                           return health(is_live(parts), is_ready, is_ready);
                         }));
}

}  // namespace submask
