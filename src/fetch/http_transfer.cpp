#include "fetch/http_transfer.h"

#include <cctype>
#include <new>

#include "base/fail.h"
#include "base/lower_case.h"
#include "base/quoted_name.h"
#include "fetch/fetch_environment.h"
#include "fetch/fetch_hooks.h"

namespace submask {
namespace {

constexpr size_t longest_text = size_t{16} << 20;

void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) fail(ErrorKind::unavailable, "expected libcurl to start, got an error");
}

CURL* new_handle() {
  start_curl();
  CURL* handle = curl_easy_init();
  if (handle == nullptr) throw std::bad_alloc();
  return handle;
}

}  // namespace

HttpTransfer::HttpTransfer(const std::string& url, const std::string& token)
    : url_(url), curl_(new_handle()) {
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_ERRORBUFFER, error_);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, url.starts_with("https") ? "https" : "http,https");
  set(CURLOPT_MAXREDIRS, 10L);
  set(CURLOPT_USERAGENT, "submask");
  set(CURLOPT_CONNECTTIMEOUT, fetch_timeout_s());
  set(CURLOPT_LOW_SPEED_LIMIT, 1L);
  set(CURLOPT_LOW_SPEED_TIME, fetch_timeout_s());
  if (!token.empty()) {
    // libcurl sends it to no other host.
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
    set(CURLOPT_XOAUTH2_BEARER, token.c_str());
  }
  set(CURLOPT_HEADERFUNCTION, on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_XFERINFOFUNCTION, on_wait);
  set(CURLOPT_XFERINFODATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
}

HttpTransfer::~HttpTransfer() {
  curl_slist_free_all(request_headers_);
  curl_easy_cleanup(curl_);
}

void HttpTransfer::add_header(const std::string& line) {
  request_headers_ = curl_slist_append(request_headers_, line.c_str());
  set(CURLOPT_HTTPHEADER, request_headers_);
}

bool HttpTransfer::perform() {
  code_ = curl_easy_perform(curl_);
  if (thrown_) std::rethrow_exception(thrown_);
  reply.status = status();
  return code_ == CURLE_OK;
}

std::string HttpTransfer::error() const {
  return error_[0] != '\0' ? in_one_line(error_) : curl_easy_strerror(code_);
}

bool HttpTransfer::is_cut() const {
  switch (code_) {
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return true;
    default:
      return false;
  }
}

long HttpTransfer::status() const {
  long status = 0;
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  return status;
}

size_t HttpTransfer::on_header(char* line, size_t one, size_t count, void* self) {
  return static_cast<HttpTransfer*>(self)->guarded(one * count, [&](HttpTransfer& transfer) {
    transfer.take_header({line, one * count});
  });
}

size_t HttpTransfer::on_body(char* bytes, size_t one, size_t count, void* self) {
  return static_cast<HttpTransfer*>(self)->guarded(
      one * count, [&](HttpTransfer& transfer) { transfer.take_body(bytes, one * count); });
}

// Called about once a second, whether something comes or not.
int HttpTransfer::on_wait(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const size_t failed =
      static_cast<HttpTransfer*>(self)->guarded(0, [](HttpTransfer&) { check_fetch(); });
  return static_cast<int>(failed);
}

// What a callback throws is kept, as it must not pass through libcurl.
size_t HttpTransfer::guarded(size_t count, const auto& work) {
  try {
    work(*this);
    return count;
  } catch (...) {
    thrown_ = std::current_exception();
    return count + 1;  // ends the transfer
  }
}

void HttpTransfer::take_header(std::string_view line) {
  if (line.starts_with("HTTP/")) reply.headers.clear();
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string_view value = line.substr(colon + 1);
  const auto is_blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  reply.headers[lower_case(line.substr(0, colon))] = value;
}

void HttpTransfer::take_body(const char* bytes, size_t count) {
  if (write_body) return write_body(bytes, count);
  if (reply.body.size() + count > longest_text)
    fail(ErrorKind::io, "expected at most 16 MiB, got more, from ", url_);
  reply.body.append(bytes, count);
}

}  // namespace submask
