// What an HTTP server answered.
#pragma once

#include <map>
#include <string>

namespace submask {

struct HttpReply {
  long status = 0;
  std::map<std::string, std::string> headers;  // names in small letters
  std::string body;

  // "" where there is none of this name.
  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

}  // namespace submask
