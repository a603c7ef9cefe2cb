#include "fetch/http_client.h"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <curl/curl.h>
#include <exception>
#include <functional>
#include <thread>

#include "base/fail.h"
#include "base/hash.h"
#include "base/lower_case.h"
#include "base/parse_number.h"
#include "base/quoted_name.h"
#include "fetch/fetch_environment.h"
#include "fetch/fetch_hooks.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr int most_tries = 5;
constexpr long longest_wait_s = 300;  // that a server may ask for
constexpr size_t longest_text = size_t{64} << 20;

void start_curl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) fail(ErrorKind::unavailable, "expected libcurl to start, got an error");
}

bool is_to_be_tried_again(long status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

// Whether another try may do better.
bool is_cut(CURLcode code) {
  switch (code) {
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

class OpenFile {
 public:
  explicit OpenFile(const fs::path& path) : path_(path), file_(std::fopen(path.c_str(), "ab")) {
    if (file_ == nullptr) fail_file();
  }
  ~OpenFile() {
    if (file_ != nullptr) std::fclose(file_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  uint64_t size() const { return fs::file_size(path_); }
  void write(const char* bytes, size_t count) {
    if (std::fwrite(bytes, 1, count, file_) != count || std::fflush(file_) != 0) fail_file();
  }
  void clear() {
    file_ = std::freopen(path_.c_str(), "wb", file_);
    if (file_ == nullptr) fail_file();
  }

 private:
  [[noreturn]] void fail_file() const {
    fail(ErrorKind::io, "cannot write ", path_.string(), ": ", std::strerror(errno));
  }

  fs::path path_;
  std::FILE* file_;
};

}  // namespace

// One request and its reply. What a callback throws is kept, as it must not pass through libcurl.
class HttpClient::Transfer {
 public:
  Transfer(const std::string& url, const std::string& token) : url_(url), curl_(curl_easy_init()) {
    if (curl_ == nullptr) throw std::bad_alloc();
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
  }
  ~Transfer() {
    curl_slist_free_all(request_headers_);
    curl_easy_cleanup(curl_);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(curl_, option, value);
  }

  void add_header(const std::string& line) {
    request_headers_ = curl_slist_append(request_headers_, line.c_str());
    set(CURLOPT_HTTPHEADER, request_headers_);
  }

  // Returns what libcurl says; throws what a callback threw.
  CURLcode perform() {
    const CURLcode code = curl_easy_perform(curl_);
    if (thrown_) std::rethrow_exception(thrown_);
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &reply.status);
    return code;
  }

  // The last reply of a server; a redirect's own reply comes before it.
  long status() const {
    long status = 0;
    curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  std::string error(CURLcode code) const {
    return error_[0] != '\0' ? in_one_line(error_) : curl_easy_strerror(code);
  }

  HttpReply reply;
  std::function<void(const char*, size_t)> write_body;  // empty: into the reply

 private:
  static size_t on_header(char* line, size_t one, size_t count, void* self) {
    return static_cast<Transfer*>(self)->guarded(one * count, [&](Transfer& transfer) {
      transfer.take_header({line, one * count});
    });
  }
  static size_t on_body(char* bytes, size_t one, size_t count, void* self) {
    return static_cast<Transfer*>(self)->guarded(
        one * count, [&](Transfer& transfer) { transfer.take_body(bytes, one * count); });
  }

  size_t guarded(size_t count, const auto& work) {
    try {
      work(*this);
      return count;
    } catch (...) {
      thrown_ = std::current_exception();
      return count + 1;  // ends the transfer
    }
  }

  void take_header(std::string_view line) {
    if (line.starts_with("HTTP/")) reply.headers.clear();
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    std::string_view value = line.substr(colon + 1);
    const auto is_blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
    while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
    while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
    reply.headers[lower_case(line.substr(0, colon))] = value;
  }

  void take_body(const char* bytes, size_t count) {
    if (write_body) return write_body(bytes, count);
    if (reply.body.size() + count > longest_text)
      fail(ErrorKind::io, "expected at most 64 MiB, got more, from ", url_);
    reply.body.append(bytes, count);
  }

  std::string url_;
  CURL* curl_;
  curl_slist* request_headers_ = nullptr;
  char error_[CURL_ERROR_SIZE]{};
  std::exception_ptr thrown_;
};

namespace {

// Counts tries that brought nothing, and waits before the next one.
class Patience {
 public:
  explicit Patience(const std::string& url) : url_(url) {}

  void bytes_came() { tries_ = 0; }

  // `why` it is tried again, and how long the server asks to wait ("" for nothing).
  void wait(const std::string& why, const std::string& retry_after) {
    if (++tries_ >= most_tries)
      fail(ErrorKind::io, "expected a reply, got ", why, " after ", most_tries, " tries, from ",
           url_);
    auto wait = std::chrono::milliseconds(250 << tries_);
    if (const auto seconds = parse_number<long>(retry_after)) {
      if (*seconds > longest_wait_s)
        fail(ErrorKind::io, "expected a reply, got ", why, " and to come back in ", *seconds,
             " s, from ", url_);
      wait = std::max<std::chrono::milliseconds>(wait, std::chrono::seconds(*seconds));
    }
    if (fetch_hooks().note)
      fetch_hooks().note(
          text(why, " from ", url_, ", again in ", static_cast<double>(wait.count()) / 1000, " s"));
    std::this_thread::sleep_for(wait);
  }

 private:
  const std::string& url_;
  int tries_ = 0;
};

}  // namespace

std::string HttpReply::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

HttpClient::HttpClient(std::string token) : token_(std::move(token)) { start_curl(); }
HttpClient::~HttpClient() = default;

HttpReply HttpClient::get(const std::string& url) {
  Patience patience(url);
  while (true) {
    Transfer transfer(url, token_);
    transfer.set(CURLOPT_FOLLOWLOCATION, 1L);
    const CURLcode code = transfer.perform();
    if (code == CURLE_OK && transfer.reply.status == 200) return std::move(transfer.reply);
    if (code != CURLE_OK && !is_cut(code))
      fail(ErrorKind::io, "expected a reply, got '", transfer.error(code), "', from ", url);
    if (code == CURLE_OK && !is_to_be_tried_again(transfer.reply.status))
      fail(ErrorKind::io, "expected status 200, got ", explain_status(transfer.reply.status),
           ", from ", url);
    patience.wait(code == CURLE_OK ? "status " + explain_status(transfer.reply.status)
                                   : "'" + transfer.error(code) + "'",
                  transfer.reply.header("retry-after"));
  }
}

// A redirect to another server leads to where the bytes are, which says less of them.
HttpReply HttpClient::head(const std::string& url) {
  std::string address = url;
  Patience patience(url);
  for (int redirects = 0; redirects < 10;) {
    Transfer transfer(address, token_);
    transfer.set(CURLOPT_NOBODY, 1L);
    transfer.add_header("Accept-Encoding: identity");
    const CURLcode code = transfer.perform();
    const HttpReply& reply = transfer.reply;
    if (code != CURLE_OK && !is_cut(code))
      fail(ErrorKind::io, "expected a reply, got '", transfer.error(code), "', from ", url);
    if (code != CURLE_OK || is_to_be_tried_again(reply.status)) {
      patience.wait(code == CURLE_OK ? "status " + explain_status(reply.status)
                                     : "'" + transfer.error(code) + "'",
                    reply.header("retry-after"));
      continue;
    }
    if (reply.status >= 400)
      fail(ErrorKind::io, "expected a file, got ", explain_status(reply.status), ", from ", url);
    const std::string location = reply.header("location");
    if (reply.status < 300 || !location.starts_with('/')) return std::move(transfer.reply);
    const size_t host_end = address.find('/', address.find("://") + 3);
    address.erase(std::min(host_end, address.size())) += location;
    ++redirects;
  }
  fail(ErrorKind::io, "expected a file, got 10 redirects, from ", url);
}

HttpReply HttpClient::send(const std::string& url, const HttpUpload& upload) {
  Transfer transfer(url, token_);
  for (const std::string& header : upload.headers) transfer.add_header(header);
  if (upload.method != "GET") {
    transfer.set(CURLOPT_CUSTOMREQUEST, upload.method.c_str());
    transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(upload.body.size()));
    transfer.set(CURLOPT_POSTFIELDS, upload.body.data());
  }
  const CURLcode code = transfer.perform();
  if (code != CURLE_OK)
    fail(ErrorKind::io, "expected a reply, got '", transfer.error(code), "', from ", url);
  return std::move(transfer.reply);
}

void HttpClient::download(const std::string& name, const std::string& url, const fs::path& to,
                          std::optional<uint64_t> size) {
  OpenFile file(to);
  Patience patience(url);
  uint64_t furthest = file.size();  // only what is new is worth another try
  while (true) {
    uint64_t done = file.size();
    if (size && done > *size) file.clear(), done = 0;
    if (size && done == *size) return;
    Transfer transfer(url, token_);
    transfer.set(CURLOPT_FOLLOWLOCATION, 1L);
    transfer.add_header("Accept-Encoding: identity");
    const std::string range = text(done, "-");
    if (done > 0) transfer.set(CURLOPT_RANGE, range.c_str());
    bool is_first = true;
    uint64_t total = size.value_or(0);
    transfer.write_body = [&](const char* bytes, size_t count) {
      const long status = transfer.status();
      if (status != 200 && status != 206) return;  // the text of an error
      if (is_first) {
        const std::string sent = transfer.reply.header("content-range");
        const bool goes_on = status == 206 && sent.starts_with(text("bytes ", done, "-"));
        if (done > 0 && !goes_on) file.clear(), done = 0;
        const auto length = parse_number<uint64_t>(transfer.reply.header("content-length"));
        if (!size && length) total = done + *length;
        is_first = false;
      }
      if (size && done + count > *size)
        fail(ErrorKind::io, "expected ", *size, " bytes, got more, from ", url);
      file.write(bytes, count);
      done += count;
      if (done > furthest) patience.bytes_came(), furthest = done;
      if (fetch_hooks().progress)
        fetch_hooks().progress(name, static_cast<int64_t>(done), static_cast<int64_t>(total));
    };
    const CURLcode code = transfer.perform();
    const long status = transfer.reply.status;
    const bool has_bytes = status == 200 || status == 206;
    if (code == CURLE_OK && has_bytes && (!size || done == *size)) return;
    if (code == CURLE_OK && status == 416) {  // nothing is behind what is there: begin anew
      file.clear();
      patience.wait("status 416", "");
      continue;
    }
    if (code != CURLE_OK && !is_cut(code))
      fail(ErrorKind::io, "expected a file, got '", transfer.error(code), "', from ", url);
    if (code == CURLE_OK && !has_bytes && !is_to_be_tried_again(status))
      fail(ErrorKind::io, "expected a file, got ", explain_status(status), ", from ", url);
    patience.wait(code != CURLE_OK ? "'" + transfer.error(code) + "'"
                  : has_bytes      ? text(done, " of ", *size, " bytes")
                                   : "status " + explain_status(status),
                  transfer.reply.header("retry-after"));
  }
}

std::string explain_status(long status) {
  switch (status) {
    case 401:
      return "401 (no access: HF_TOKEN is missing or wrong)";
    case 403:
      return "403 (no access: the token has no right to it, or its terms are not accepted)";
    case 404:
      return "404 (nothing is there, or it is private: HF_TOKEN)";
    case 429:
      return "429 (too many requests)";
    default:
      return std::to_string(status);
  }
}

std::string escaped_path(const std::string& path) {
  std::string escaped;
  for (const char c : path) {
    const auto byte = static_cast<uint8_t>(c);
    const bool is_plain =
        std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_' || c == '~' || c == '/';
    if (is_plain)
      escaped += c;
    else
      escaped += '%' + to_hex(Bytes(&byte, 1));
  }
  return escaped;
}

}  // namespace submask
