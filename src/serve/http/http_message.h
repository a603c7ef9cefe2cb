// Requests and responses of HTTP, whatever reads and writes them.
#pragma once

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace submask {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = {};
  std::string path = {};     // as it was sent, up to the question mark
  std::string query = {};    // behind it
  HttpHeaders headers = {};  // names in lower case, in their order
  std::string body = {};
  std::string peer = {};  // the client's address
  std::string id = {};    // X-Request-Id where the client gave one, else one of our own
  // Becomes true where the client leaves before its answer.
  std::shared_ptr<std::atomic<bool>> is_given_up = std::make_shared<std::atomic<bool>>(false);

  std::shared_ptr<const void> admission = nullptr;  // what the handler found out before the body

  // The first one of this name, which is in lower case; "": none.
  std::string_view header(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  HttpHeaders headers = {};  // beside Content-Type and those that any response has
  std::string task = {};     // for the access log: the tasks that answered
};

// {"error": line}
HttpResponse error_response(int status, const std::string& line);

// The same for what may be asked again after so many seconds, from one to those of a day
// (Retry-After).
HttpResponse later_response(int status, const std::string& line, double seconds = 1);

// The text that a part of a URL stands for; nothing where a percent sign is no code.
std::optional<std::string> percent_decoded(std::string_view part);

// "a=b&c": of a name that is given again the last value. Nothing where it does not decode.
std::optional<std::map<std::string, std::string>> parse_query(std::string_view query);

// A time as in the header Date (RFC 9110): "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(std::chrono::system_clock::time_point time);

// A header's list, as "gzip, br": its words without blanks, in lower case.
std::vector<std::string> header_words(std::string_view list);

}  // namespace submask
