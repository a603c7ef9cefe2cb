#include "fetch/http_client.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/parse_number.h"
#include "fetch/fetch_hooks.h"
#include "fetch/http_transfer.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr int most_tries = 5;
constexpr long longest_wait_s = 300;  // that a server may ask for

bool is_to_be_tried_again(long status) {
  return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

bool has_bytes(long status) { return status == 200 || status == 206; }

// A file that bytes are added to. A link, a pipe or a device in its place is refused.
class GrowingFile {
 public:
  explicit GrowingFile(const fs::path& path)
      : path_(path),
        descriptor_(::open(path.c_str(),
                           O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
                           0644)) {
    struct stat status {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0) fail_file();
    if (S_ISREG(status.st_mode)) return;
    ::close(descriptor_);
    fail(ErrorKind::io, "expected a file, got another thing, in ", path.string());
  }
  ~GrowingFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;

  uint64_t size() const {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail_file();
    return static_cast<uint64_t>(status.st_size);
  }
  void write(const char* bytes, size_t count) {
    while (count > 0) {
      const ssize_t written = ::write(descriptor_, bytes, count);
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail_file();
      bytes += written;
      count -= static_cast<size_t>(written);
    }
  }
  void clear() {
    if (::ftruncate(descriptor_, 0) != 0) fail_file();
  }

 private:
  [[noreturn]] void fail_file() const {
    fail(ErrorKind::io, "cannot write ", path_.string(), ": ", std::strerror(errno));
  }

  fs::path path_;
  int descriptor_;
};

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
    if (const auto seconds = parse_number<long>(retry_after); seconds && *seconds > 0) {
      if (*seconds > longest_wait_s)
        fail(ErrorKind::io, "expected a reply, got ", why, " and to come back in ", *seconds,
             " s, from ", url_);
      wait = std::max<std::chrono::milliseconds>(wait, std::chrono::seconds(*seconds));
    }
    tell_of_fetch(
        text(why, " from ", url_, ", again in ", static_cast<double>(wait.count()) / 1000, " s"));
    constexpr std::chrono::milliseconds step{100};
    for (; wait.count() > 0; wait -= step) {
      check_fetch();
      std::this_thread::sleep_for(std::min(wait, step));
    }
  }

 private:
  const std::string& url_;
  int tries_ = 0;
};

// Whether the reply is one to use. Waits where another try may do better, and throws otherwise.
bool is_usable(bool is_whole, const HttpTransfer& transfer, bool is_wanted, const char* expected,
               const std::string& url, Patience& patience) {
  const long status = transfer.reply.status;
  if (is_whole && is_wanted) return true;
  const bool may_do_better = is_whole ? is_to_be_tried_again(status) : transfer.is_cut();
  const std::string got = is_whole ? explain_status(status) : "'" + transfer.error() + "'";
  if (!may_do_better) fail(ErrorKind::io, "expected ", expected, ", got ", got, ", from ", url);
  patience.wait(is_whole ? "status " + got : got, transfer.reply.header("retry-after"));
  return false;
}

}  // namespace

HttpClient::HttpClient(std::string token) : token_(std::move(token)) {}

HttpReply HttpClient::get(const std::string& url) {
  Patience patience(url);
  while (true) {
    HttpTransfer transfer(url, token_);
    transfer.set(CURLOPT_FOLLOWLOCATION, 1L);
    const bool is_whole = transfer.perform();
    if (is_usable(is_whole, transfer, transfer.reply.status == 200, "a reply", url, patience))
      return std::move(transfer.reply);
  }
}

std::optional<uint64_t> HttpClient::size(const std::string& url) {
  Patience patience(url);
  while (true) {
    HttpTransfer transfer(url, token_);
    transfer.set(CURLOPT_FOLLOWLOCATION, 1L);
    transfer.set(CURLOPT_NOBODY, 1L);
    transfer.add_header("Accept-Encoding: identity");
    const bool is_whole = transfer.perform();
    const long status = transfer.reply.status;
    if (is_whole && (status == 403 || status == 405 || status == 501)) return std::nullopt;
    if (is_usable(is_whole, transfer, status < 400, "a file", url, patience))
      return parse_number<uint64_t>(transfer.reply.header("content-length"));
  }
}

// A redirect to another server leads to where the bytes are, which says less of them.
HttpReply HttpClient::head(const std::string& url) {
  std::string address = url;
  Patience patience(url);
  for (int redirects = 0; redirects < 10;) {
    HttpTransfer transfer(address, token_);
    transfer.set(CURLOPT_NOBODY, 1L);
    transfer.add_header("Accept-Encoding: identity");
    const bool is_whole = transfer.perform();
    const HttpReply& reply = transfer.reply;
    if (!is_usable(is_whole, transfer, reply.status < 400, "a file", url, patience)) continue;
    const std::string location = reply.header("location");
    if (reply.status < 300 || !location.starts_with('/')) return std::move(transfer.reply);
    const size_t host_end = address.find('/', address.find("://") + 3);
    address.erase(std::min(host_end, address.size())) += location;
    ++redirects;
  }
  fail(ErrorKind::io, "expected a file, got 10 redirects, from ", url);
}

HttpReply HttpClient::send(const std::string& url, const HttpUpload& upload) {
  HttpTransfer transfer(url, token_);
  for (const std::string& header : upload.headers) transfer.add_header(header);
  if (upload.method != "GET") {
    transfer.set(CURLOPT_CUSTOMREQUEST, upload.method.c_str());
    transfer.set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(upload.body.size()));
    transfer.set(CURLOPT_POSTFIELDS, upload.body.data());
  }
  if (!transfer.perform())
    fail(ErrorKind::io, "expected a reply, got '", transfer.error(), "', from ", url);
  return std::move(transfer.reply);
}

void HttpClient::download(const std::string& name, const std::string& url, const fs::path& to,
                          std::optional<uint64_t> size) {
  GrowingFile file(to);
  Patience patience(url);
  uint64_t furthest = file.size();  // only what is new is worth another try
  while (true) {
    uint64_t done = file.size();
    if (size && done > *size) file.clear(), done = 0;
    if (size && done == *size) return;
    HttpTransfer transfer(url, token_);
    transfer.set(CURLOPT_FOLLOWLOCATION, 1L);
    transfer.add_header("Accept-Encoding: identity");
    const std::string range = text(done, "-");
    if (done > 0) transfer.set(CURLOPT_RANGE, range.c_str());
    bool is_first = true;
    uint64_t total = size.value_or(0);
    transfer.write_body = [&](const char* bytes, size_t count) {
      if (!has_bytes(transfer.status())) return;  // the text of an error
      if (is_first) {
        const std::string sent = transfer.reply.header("content-range");
        const bool goes_on =
            transfer.status() == 206 && sent.starts_with(text("bytes ", done, "-"));
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
    const bool is_whole = transfer.perform();
    const long status = transfer.reply.status;
    if (is_whole && status == 416) {  // nothing is behind what is there: begin anew
      file.clear();
      patience.wait("status 416", "");
    } else if (is_usable(is_whole, transfer, has_bytes(status), "a file", url, patience)) {
      if (!size || done == *size) return;
      patience.wait(text(done, " of ", *size, " bytes"), "");
    }
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
