// HTTP by libcurl: short texts, and files that are resumed.
//
// Proxies are those of the environment (https_proxy, no_proxy, ...). A reply that asks to come back
// later, a cut connection and a slow host are tried again, as long as bytes come. Errors are Error
// of kind io and name the address.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "fetch/http_reply.h"

namespace submask {

struct HttpUpload {
  std::string method = "POST";
  std::vector<std::string> headers = {};  // "Name: value"
  std::string body = {};
};

class HttpClient {
 public:
  // The token ("": none) goes to the host that is asked first, and to none that it redirects to.
  explicit HttpClient(std::string token);

  // A text of at most 16 MiB. Throws for any status but 200, saying which.
  HttpReply get(const std::string& url);

  // How many bytes the file at an address has, where the server says so; some do not answer that.
  // Throws for another status of 400 and above.
  std::optional<uint64_t> size(const std::string& url);

  // The headers of a file that is at this address or where the server sends one for it: of the last
  // reply by the same server. Throws for a status of 400 and above.
  HttpReply head(const std::string& url);

  // The reply, whatever its status.
  HttpReply send(const std::string& url, const HttpUpload& upload);

  // Appends what is missing to a file, or begins it anew where the server sends all of it. `size`
  // is that of the whole file, where it is known; fetch_hooks() are told of it as `name`.
  void download(const std::string& name, const std::string& url, const std::filesystem::path& to,
                std::optional<uint64_t> size);

 private:
  std::string token_;
};

// "404 (nothing is there, ...)"
std::string explain_status(long status);

// Reserved characters of an address as %XX, but for slashes.
std::string escaped_path(const std::string& path);

}  // namespace submask
