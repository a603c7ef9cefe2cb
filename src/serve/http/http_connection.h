// Connections of an HTTP server, over TCP or TLS, and what they share.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "serve/http/http_server.h"

namespace submask {

// What all connections share. Only the network's thread uses it, but for what is atomic.
struct HttpConnections {
  HttpHandler& handler;
  const HttpOptions options;
  std::atomic<size_t> connections = 0, body_bytes = 0;
  std::atomic<uint64_t> requests = 0, refused_connections = 0;
  bool keeps_alive = true;
  bool is_draining = false;
  uint64_t next_reading = 0;
  // What closes a connection of which nothing is being answered, the longest so first. It may spare
  // one that has asked nothing yet.
  std::map<uint64_t, std::function<void(bool spares_new)>> reading = {};
  boost::asio::io_context io{1};  // last: connections that are left in it use the others
};

// Answers what comes through the socket until one of both sides ends it. The connection lives as
// long as one of its operations is under way. With `tls` it begins with a handshake.
void serve_connection(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context* tls,
                      std::string peer, HttpConnections& shared);

}  // namespace submask
