// A client that sends what it is told, byte for byte, whether that is HTTP or not.
#pragma once

#include <arpa/inet.h>
#include <chrono>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace submask {

class HttpClient {
 public:
  explicit HttpClient(uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~HttpClient() { ::close(socket_); }
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  void send(std::string_view bytes) const {
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), std::ssize(bytes));
  }

  void end_sending() const { ::shutdown(socket_, SHUT_WR); }

  // What comes until `end` is in it, the connection ends, or ten seconds have passed.
  std::string read_until(std::string_view end) {
    constexpr int patience_ms = 10'000;
    while (read_.find(end) == std::string::npos) {
      pollfd state{socket_, POLLIN, 0};
      char buffer[4096];
      if (::poll(&state, 1, patience_ms) <= 0) break;
      const ssize_t size = ::recv(socket_, buffer, sizeof buffer, 0);
      if (size <= 0) break;
      read_.append(buffer, static_cast<size_t>(size));
    }
    const size_t at = std::min(read_.find(end), read_.size());
    std::string part = read_.substr(0, std::min(at + end.size(), read_.size()));
    read_.erase(0, part.size());
    return part;
  }

  // All that comes until the connection ends.
  std::string read_all() { return read_until("\x01 what no server sends"); }

 private:
  int socket_;
  std::string read_;
};

}  // namespace submask
