// Requests and responses between Boost.Beast and us. For http_connection.cpp alone, so that Beast
// is compiled once.
#pragma once

#include <algorithm>
#include <boost/beast/http.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "base/fail.h"
#include "base/lower_case.h"
#include "serve/http/http_message.h"

namespace submask {

using BeastRequest = boost::beast::http::request<boost::beast::http::string_body>;
using BeastResponse = boost::beast::http::response<boost::beast::http::string_body>;

// Whether a client's X-Request-Id may stand in our headers and logs.
inline bool is_id(std::string_view id) {
  constexpr size_t longest = 128;
  return !id.empty() && id.size() <= longest && std::ranges::all_of(id, [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\\';
  });
}

// What another server in the way may understand otherwise (RFC 9112, 6); "": nothing.
inline std::string contradiction_in(const BeastRequest& message) {
  if (message.count(boost::beast::http::field::host) > 1) return "several Host headers";
  if (message.count(boost::beast::http::field::content_encoding) > 1)
    return "several Content-Encoding headers";
  const auto coding = message.find(boost::beast::http::field::transfer_encoding);
  if (coding == message.end()) return "";
  const std::string value = lower_case({coding->value().data(), coding->value().size()});
  if (value != "chunked" || message.count(boost::beast::http::field::transfer_encoding) > 1)
    return "another Transfer-Encoding than chunked";
  return message.version() == 10 ? "Transfer-Encoding in HTTP/1.0" : "";
}

// "http://HOST/path", as for a proxy (RFC 9112, 3.2.2): the host, which counts before the header
// Host, is cut off from the path. "": the target is a path.
inline std::string cut_authority(std::string_view& target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (lower_case(target.substr(0, scheme.size())) != scheme) continue;
    target.remove_prefix(scheme.size());
    const std::string authority(target.substr(0, target.find_first_of("/?")));
    target.remove_prefix(authority.size());
    return authority;
  }
  return "";
}

inline HttpRequest head_of(const BeastRequest& message, std::string peer, uint64_t number) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  std::string_view target(message.target().data(), message.target().size());
  const std::string authority = cut_authority(target);
  request.path = std::string(target.substr(0, target.find('?')));
  if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
  if (!authority.empty() && request.path.empty()) request.path = "/";
  if (!authority.empty()) request.headers.emplace_back("host", authority);
  for (const auto& field : message)
    if (authority.empty() || field.name() != boost::beast::http::field::host)
      request.headers.emplace_back(
          lower_case({field.name_string().data(), field.name_string().size()}),
          std::string(field.value()));
  request.peer = std::move(peer);
  const std::string_view id = request.header("x-request-id");
  request.id = is_id(id) ? std::string(id) : text(number);
  return request;
}

// Without what says its length, and whether the connection stays.
inline BeastResponse message_of(HttpResponse response, unsigned version, const std::string& id) {
  namespace http = boost::beast::http;
  BeastResponse message(static_cast<http::status>(response.status), version == 10 ? 10U : 11U);
  message.set(http::field::server, "submask");
  message.set(http::field::date, http_date(std::chrono::system_clock::now()));
  if (response.status != 204) message.set(http::field::content_type, response.content_type);
  message.set("X-Request-Id", id);
  for (const auto& [name, value] : response.headers) message.set(name, value);
  message.body() = std::move(response.body);
  return message;
}

}  // namespace submask
