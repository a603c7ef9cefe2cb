// An HTTP/1.1 server: one thread that never waits for anything but the network, TLS where it is
// wanted, requests one after another on each connection.
//
// A request is refused by its headers before its body is read. Everything a client does has an end:
// headers within a minute, bodies and answers at 50 kB a second at least, but for 30 seconds. Where
// the system has no file descriptors left, the connection that has been idle, or read from, the
// longest makes room.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "serve/http/http_message.h"

namespace submask {

struct HttpOptions {
  std::string host = "127.0.0.1";                            // an address, or a name that has one
  uint16_t port = 0;                                         // 0: any that is free
  bool shares_port = false;                                  // with other processes (SO_REUSEPORT)
  std::filesystem::path certificate = {}, private_key = {};  // PEM; both or neither
  size_t most_body_bytes = size_t{64} << 20;                 // of a request
  size_t most_bytes = size_t{256} << 20;                     // of all requests and answers
  size_t most_connections = 16'384;
};

// What a server does with requests.
class HttpHandler {
 public:
  using Reply = std::function<void(HttpResponse)>;

  virtual ~HttpHandler() = default;

  // Both are called by the thread of the network, and must not wait. `head` has no body yet, which
  // will have so many bytes, where that is known. A response refuses the request, unread. What it
  // sets as `head.admission` comes back in answer() and finish().
  virtual std::optional<HttpResponse> refuse(HttpRequest& head,
                                             std::optional<uint64_t> body_bytes) = 0;

  // `reply` may be called by any thread, once.
  virtual void answer(HttpRequest request, Reply reply) = 0;

  // A response goes out (or would, where the client has gone), so many seconds after the request's
  // headers came, also for one that came to no refuse(). May add headers.
  virtual void finish(const HttpRequest& request, HttpResponse& response, double seconds) = 0;
};

struct HttpState {
  size_t connections = 0;
  size_t body_bytes = 0;  // of requests that are read or answered, and of answers
  uint64_t requests = 0, refused_connections = 0;  // since the start
};

class HttpServer {
 public:
  // Listens from now on. `handler` must outlive it. Throws invalid_argument for a host, certificate
  // or key that is none, io where the port cannot be had, and as read_text_file().
  HttpServer(const HttpOptions& options, HttpHandler& handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;

  // Serves until drain() was called and the last response has gone, or 30 seconds have passed.
  void run();

  // These may be called by any thread. Connections end with their next response; then no new one is
  // taken, and those that are idle end.
  void stop_keeping_alive();
  void drain();

  // Calls it on the network's thread: at once, or some seconds from now unless the server drains.
  void post(std::function<void()> work, double seconds = 0);

  // Calls it on the network's thread for each of these signals.
  void on_signal(const std::vector<int>& signals, std::function<void(int)> hear);

  // Reads certificate and key again, for connections that come from now on. Throws as the
  // constructor; then the earlier ones stay.
  void reload_certificate();

  HttpState state() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace submask
