// Which function answers which request, and who may ask: one table, which also gives openapi.json.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http/access_keys.h"
#include "serve/http/http_server.h"

namespace submask {

using Json = nlohmann::ordered_json;

struct Route;

// A request on its way.
struct Call {
  const Route* route = nullptr;
  HttpRequest request = {};
  std::map<std::string, std::string> path = {};  // the parts of the path that a route names
  std::map<std::string, std::string> query = {};
  AccessKey key = {};
  std::shared_ptr<void> room = nullptr;  // is given back with the call
  std::chrono::steady_clock::time_point arrived = std::chrono::steady_clock::now();

  // Of the query; `usual` where it is not there. Throws Refusal (400) for what is no number from
  // `least` to `most`.
  int64_t whole(const std::string& name, int64_t usual, int64_t least, int64_t most) const;
  std::string word(const std::string& name, const std::string& usual = "") const;

  // Throws Refusal (400) for what the route does not know in the query.
  void check_query() const;

  // Refuses a field of a form; one that belongs in the query is told so.
  [[noreturn]] void refuse_field(const std::string& expected, const std::string& name) const;
};

using CallPointer = std::shared_ptr<Call>;
using Reply = HttpHandler::Reply;

struct Route {
  std::string method;
  std::string pattern;  // "/v1/tasks/{task}/predict"
  AccessRole role = AccessRole::read;
  bool takes_images = false;  // is refused while the engine is full
  bool may_wait = false;      // runs in a pool, else on the network's thread
  std::function<void(const CallPointer&, const Reply&)> run;
  Json operation = {};  // as openapi.json has it, without parameters of the path

  // Images take many bytes, and what else is asked a few words.
  size_t most_body_bytes() const { return takes_images ? size_t{64} << 20 : size_t{64} << 10; }
};

// A route whose answer is there at once.
template <typename Answer>
Route simple_route(const std::string& method, const std::string& pattern, AccessRole role,
                   bool may_wait, const Json& operation, Answer answer) {
  return {.method = method,
          .pattern = pattern,
          .role = role,
          .may_wait = may_wait,
          .run = [answer](const CallPointer& call, const Reply& reply) { reply(answer(*call)); },
          .operation = operation};
}

HttpResponse json_response(const Json& body);

class RouteTable {
 public:
  void add(Route route);

  struct Match {
    const Route* route = nullptr;  // null: the path is no route's, or not with this method
    std::map<std::string, std::string> path = {};
    std::vector<std::string> methods = {};  // that the path has
  };
  Match find(std::string_view method, std::string_view path) const;

  Json openapi(const std::string& version) const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> parts;
  };
  std::vector<Entry> entries_;
};

}  // namespace submask
