// Answers requests by the table of routes, once it is clear who asks and that there is room.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "serve/api/route_table.h"
#include "serve/api/serve_parts.h"
#include "serve/http/access_keys.h"
#include "serve/http/access_log.h"
#include "serve/http/http_server.h"
#include "serve/http/request_rate.h"

namespace submask {

class ServeApi : public HttpHandler {
 public:
  // `parts` must outlive it. Throws as AccessKeys::read() and AccessLog, and invalid_argument for
  // options that would let everybody in by accident.
  explicit ServeApi(ServeParts& parts);

  std::optional<HttpResponse> refuse(HttpRequest& head,
                                     std::optional<uint64_t> body_bytes) override;
  void answer(HttpRequest request, Reply reply) override;
  void finish(const HttpRequest& request, HttpResponse& response, double seconds) override;

  // By the network's thread. Keys that cannot be read leave the earlier ones.
  void use_keys(std::optional<AccessKeys> keys) { keys_ = std::move(keys); }
  void reopen_log() { log_.reopen(); }

 private:
  // Which route a request asks, and who does: looked up once.
  struct Admission {
    RouteTable::Match match;
    std::optional<AccessKey> key;  // nothing where a key is asked for and none that is known came
  };

  std::shared_ptr<const Admission> admission_of(const HttpRequest& request) const;
  std::optional<HttpResponse> refuse_stranger(const HttpRequest& head) const;
  std::optional<HttpResponse> answer_preflight(const HttpRequest& head) const;
  std::optional<AccessKey> key_of(const HttpRequest& head) const;
  bool is_allowed_origin(std::string_view origin) const;
  void undo_coding(Call& call);

  ServeParts& parts_;
  RouteTable routes_;
  std::optional<AccessKeys> keys_;
  RequestRate rate_;
  RequestRate guesses_{10};  // of keys, by address
  AccessLog log_;
  std::atomic<size_t> decoded_bytes_ = 0;  // of bodies that came compressed
};

}  // namespace submask
