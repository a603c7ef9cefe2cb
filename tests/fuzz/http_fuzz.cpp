// Any bytes as the replies of a server: texts, headers, files, the hub's lists. The first byte says
// what is asked for; a byte of 30 ends a reply, and the last one comes again and again.
#include <arpa/inet.h>
#include <array>
#include <cstdlib>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

#include "fetch/fetch_hooks.h"
#include "fetch/http_client.h"
#include "fetch/hub_files.h"
#include "memory_folder.h"
#include "reader_check.h"

namespace {

struct TriedAgain {};

// On a port of this machine, and the proxy for all others, so that nothing else is asked.
class Server {
 public:
  Server() : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, generic, length) != 0 || ::listen(socket_, 16) != 0 ||
        ::getsockname(socket_, generic, &length) != 0)
      std::abort();
    place_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy", "HF_ENDPOINT"})
      ::setenv(name, place_.c_str(), 1);
    ::setenv("no_proxy", "127.0.0.1", 1);
    ::setenv("HF_HUB_DOWNLOAD_TIMEOUT", "1", 1);
    ::setenv("HF_HUB_CACHE", (submask::memory_folder() / "hub").c_str(), 1);
    ::unsetenv("HF_HUB_OFFLINE");
    submask::fetch_hooks().note = [](const std::string& line) {
      if (line.find(", again in ") != std::string::npos) throw TriedAgain();
    };
    std::thread([this] { serve(); }).detach();
  }

  const std::string& place() const { return place_; }

  void answer(std::vector<std::string> replies) {
    const std::lock_guard guard(mutex_);
    replies_ = std::move(replies);
    next_ = 0;
  }

 private:
  void serve() {
    while (true) {
      const int connection = ::accept(socket_, nullptr, nullptr);
      if (connection < 0) continue;
      std::string request;
      std::array<char, 4096> part{};
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(connection, part.data(), part.size(), 0);
        if (got <= 0) break;
        request.append(part.data(), static_cast<size_t>(got));
      }
      const std::string reply = next_reply();
      // The client may have gone.
      [[maybe_unused]] const ssize_t sent =
          ::send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
      ::close(connection);
    }
  }

  std::string next_reply() {
    const std::lock_guard guard(mutex_);
    const std::string reply = replies_.at(next_);
    if (next_ + 1 < replies_.size()) ++next_;
    return reply;
  }

  int socket_;
  std::string place_;
  std::mutex mutex_;
  std::vector<std::string> replies_{""};
  size_t next_ = 0;
};

std::vector<std::string> split_replies(std::string_view text) {
  constexpr char end_of_reply = 30;
  std::vector<std::string> replies{""};
  for (const char c : text) {
    if (c == end_of_reply)
      replies.emplace_back();
    else
      replies.back() += c;
  }
  return replies;
}

void ask(uint8_t what, const std::string& place) {
  namespace fs = std::filesystem;
  submask::HttpClient client("token");
  const fs::path file = submask::memory_folder() / "file";
  fs::remove(file);
  fs::remove_all(submask::memory_folder() / "hub");
  switch (what % 6) {
    case 0:
      client.get(place + "/text");
      break;
    case 1:
      client.head(place + "/file");
      break;
    case 2:
      client.size(place + "/file");
      break;
    case 3:
      client.download("file", place + "/file", file, std::nullopt);
      break;
    case 4:
      client.download("file", place + "/file", file, 16);
      if (fs::file_size(file) != 16) std::abort();
      break;
    default:
      try {
        submask::fetch_hub_weights(submask::parse_hub_spec("hf:org/name"));
      } catch (const submask::Error& error) {
        if (error.kind() != submask::ErrorKind::invalid_argument) throw;  // a model without weights
      }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static auto* const server = new Server;  // its thread ends with the process
  if (size == 0) return 0;
  const submask::Bytes bytes(data, size);
  server->answer(split_replies(submask::as_text(bytes.subspan(1))));
  // libcurl's own memory is malloc's.
  try {
    submask::check_reader(
        bytes, /*factor=*/256, [&] { ask(data[0], server->place()); }, submask::ErrorKind::io);
  } catch (const TriedAgain&) {
  }
  return 0;
}
