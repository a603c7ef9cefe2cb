// One HTTP request by libcurl, and its reply. Internal to http_client.cpp.
#pragma once

#include <cstddef>
#include <curl/curl.h>
#include <exception>
#include <functional>
#include <string>
#include <string_view>

#include "fetch/http_reply.h"

namespace submask {

class HttpTransfer {
 public:
  HttpTransfer(const std::string& url, const std::string& token);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(curl_, option, value);
  }
  void add_header(const std::string& line);

  // Returns whether a whole reply came; throws what `write_body` threw.
  bool perform();

  // After a request that brought no whole reply: why, and whether another try may do better.
  std::string error() const;
  bool is_cut() const;

  // While the body comes; a redirect's own reply comes before the last one.
  long status() const;

  HttpReply reply;
  std::function<void(const char*, size_t)> write_body;  // empty: into the reply

 private:
  static size_t on_header(char* line, size_t one, size_t count, void* self);
  static int on_wait(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static size_t on_body(char* bytes, size_t one, size_t count, void* self);
  size_t guarded(size_t count, const auto& work);
  void take_header(std::string_view line);
  void take_body(const char* bytes, size_t count);

  std::string url_;
  CURL* curl_;
  curl_slist* request_headers_ = nullptr;
  CURLcode code_ = CURLE_OK;
  char error_[CURL_ERROR_SIZE]{};
  std::exception_ptr thrown_;
};

}  // namespace submask
