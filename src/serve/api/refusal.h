// Errors of requests, and what HTTP calls them.
#pragma once

#include <exception>
#include <string>

#include <submask/error.h>

#include "serve/http/http_message.h"

namespace submask {

// A request that is answered by this status.
class Refusal : public Error {
 public:
  Refusal(int status, const std::string& message)
      : Error(ErrorKind::invalid_argument, message), status_(status) {}
  int status() const { return status_; }

 private:
  int status_;
};

// 400 for what is wrong with a request, 404 for a task that is not served, 415 for a coding of
// bodies, 503 and 504 where the engine is full or late, 500 for what should not happen.
HttpResponse response_of(const std::exception_ptr& error);

// The same as a status alone, and the line that goes with it.
struct StatusLine {
  int status;
  std::string line;
};
StatusLine status_of(const std::exception_ptr& error);

}  // namespace submask
