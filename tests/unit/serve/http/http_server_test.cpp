#include "serve/http/http_server.h"

#include <atomic>
#include <condition_variable>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <sys/stat.h>
#include <thread>

#include "base/file.h"
#include "error_of.h"
#include "scratch_folder.h"
#include "serve/http/http_client.h"

namespace submask {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// Answers with what was asked. /refused is refused by its headers, /later is answered by
// answer_later().
class EchoHandler : public HttpHandler {
 public:
  std::optional<HttpResponse> refuse(HttpRequest& head, std::optional<uint64_t>) override {
    if (head.path == "/refused") return error_response(403, "refused");
    return std::nullopt;
  }

  void answer(HttpRequest request, Reply reply) override {
    if (request.path == "/later") {
      const std::lock_guard guard(mutex_);
      waiting_ = {request.is_given_up, std::move(reply)};
      changed_.notify_all();
      return;
    }
    reply({.content_type = "text/plain",
           .body = request.method + " " + request.path + "?" + request.query + " " + request.body +
                   "."});
  }

  void finish(const HttpRequest&, HttpResponse&, double) override {}

  std::shared_ptr<std::atomic<bool>> wait_for_later() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.reply != nullptr; });
    return waiting_.is_given_up;
  }

  void answer_later() {
    const std::lock_guard guard(mutex_);
    waiting_.reply({.content_type = "text/plain", .body = "late."});
    waiting_ = {};
  }

 private:
  struct Waiting {
    std::shared_ptr<std::atomic<bool>> is_given_up;
    Reply reply;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  Waiting waiting_;
};

class HttpServerTest : public testing::Test {
 protected:
  void TearDown() override { stop(); }

  void start(const HttpOptions& options = {}) {
    server_ = std::make_unique<HttpServer>(options, handler_);
    thread_ = std::thread([this] { server_->run(); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    server_->drain();
    thread_.join();
  }

  // The response to this alone, on a connection of its own.
  std::string answer_to(std::string_view request) {
    HttpClient client(server_->port());
    client.send(request);
    client.end_sending();
    return client.read_all();
  }

  static void expect_true_soon(const std::atomic<bool>& flag) {
    for (int i = 0; i < 1000 && !flag; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    EXPECT_TRUE(flag);
  }

  EchoHandler handler_;
  std::unique_ptr<HttpServer> server_;
  std::thread thread_;
};

TEST_F(HttpServerTest, AnswersOneRequestAfterAnother) {
  start();
  HttpClient client(server_->port());
  for (const std::string body : {"one", "", "three"}) {
    client.send("POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_THAT(client.read_until(" " + body + "."),
                testing::AllOf(StartsWith("HTTP/1.1 200 OK"),
                               testing::EndsWith("\r\n\r\nPOST /a%20b?c=d " + body + ".")));
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  start();
  HttpClient client(server_->port());
  client.send(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string all = client.read_all();
  ASSERT_THAT(all, HasSubstr("GET /1? ."));
  EXPECT_THAT(all.substr(all.find("/1")), HasSubstr("GET /2? ."));
}

TEST_F(HttpServerTest, ReadsChunkedBodies) {
  start();
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3\r\nabc\r\n4;more=1\r\ndefg\r\n0\r\n\r\n"),
              HasSubstr("POST /? abcdefg."));
}

TEST_F(HttpServerTest, AsksForABodyThatWaitsToBeAskedFor) {
  start();
  HttpClient client(server_->port());
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  EXPECT_THAT(client.read_until("ab."), HasSubstr("200 OK"));
}

TEST_F(HttpServerTest, RefusesByTheHeadersAlone) {
  start();
  HttpClient client(server_->port());
  client.send(
      "POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.read_all(),
              testing::AllOf(StartsWith("HTTP/1.1 403"), HasSubstr("Connection: close"),
                             HasSubstr("{\"error\":\"refused\"}")));
}

// A refusal without a body to read leaves the connection as it is.
TEST_F(HttpServerTest, GoesOnAfterARefusalWithoutABody) {
  start();
  HttpClient client(server_->port());
  client.send("GET /refused HTTP/1.1\r\nHost: x\r\n\r\n");
  client.read_until("\"}\n");
  client.send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("/next? ."), HasSubstr("200 OK"));
}

TEST_F(HttpServerTest, SendsNoBodyInAnswerToHead) {
  start();
  const std::string answer =
      answer_to("HEAD /abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer,
              testing::AllOf(HasSubstr("Content-Length: 12\r\n"), testing::EndsWith("\r\n\r\n")));
}

// What two servers in a row would understand differently.
TEST_F(HttpServerTest, RefusesContradictoryLengths) {
  start();
  for (const std::string headers :
       {"Content-Length: 3\r\nContent-Length: 4\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "Content-Length: -1\r\n",
        "Content-Length: 3, 4\r\n", "Content-Length: 0x3\r\n",
        "Content-Length: 99999999999999999999\r\n", "Content Length: 3\r\n",
        "Content-Length : 3\r\n", "A: b\r\n folded: c\r\0n\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, gzip\r\n", "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Host: y\r\n",
        "Content-Length: 3\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n"})
    EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: x\r\n" + headers + "\r\nabc"),
                StartsWith("HTTP/1.1 400"))
        << headers;
}

TEST_F(HttpServerTest, RefusesWhatIsNoHttp) {
  start();
  for (const std::string request : {"\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n",
                                    "\x16\x03\x01\x02\r\n\r\n", "G\0T / HTTP/1.1\r\n\r\n"})
    EXPECT_THAT(answer_to(request), testing::AnyOf(StartsWith("HTTP/1.1 400"), IsEmpty()))
        << request;
  EXPECT_THAT(answer_to("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n"),
              StartsWith("HTTP/1.1 431"));
  std::string flood = "GET / HTTP/1.1\r\n";
  for (int i = 0; i < 1000; ++i)
    flood += "X-" + std::to_string(i) + ": " + std::string(20, 'b') + "\r\n";
  EXPECT_THAT(answer_to(flood), StartsWith("HTTP/1.1 431"));
}

TEST_F(HttpServerTest, RefusesBodiesThatAreTooLarge) {
  start({.most_body_bytes = 10, .most_bytes = 115});  // of which the two heads take 100
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n"),
              testing::AllOf(StartsWith("HTTP/1.1 413"),
                             HasSubstr("expected a body of at most 10 bytes, got 11")));
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "b\r\nabcdefghijk\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  HttpClient first(server_->port());
  first.send("POST /later HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789");
  handler_.wait_for_later();
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n012345"),
              testing::AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("Retry-After: 1")));
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n01234"),
              StartsWith("HTTP/1.1 200"));
  handler_.answer_later();
  EXPECT_THAT(first.read_until("late."), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\n012345"),
              StartsWith("HTTP/1.1 200"));
}

// Each field takes many times its bytes.
TEST_F(HttpServerTest, BoundsHeaders) {
  start();
  const auto with_fields = [&](int count) {
    std::string head = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    for (int i = 2; i < count; ++i) head += "a:b\r\n";
    return answer_to(head + "\r\n");
  };
  EXPECT_THAT(with_fields(100), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(with_fields(101),
              testing::AllOf(StartsWith("HTTP/1.1 431"),
                             HasSubstr("expected at most 100 header fields, got 101")));
  HttpClient client(server_->port());
  const std::string head =
      "GET /later HTTP/1.1\r\nHost: x\r\nX: " + std::string(1000, 'y') + "\r\n\r\n";
  client.send(head);
  handler_.wait_for_later();
  EXPECT_EQ(server_->state().body_bytes, head.size());
  handler_.answer_later();
}

// As clients ask proxies (RFC 9112, 3.2.2).
TEST_F(HttpServerTest, TakesTargetsWithAHost) {
  start();
  for (const auto& [target, path] :
       {std::pair("http://y:80/a/b?c=d", "/a/b?c=d"), {"HTTPS://y", "/?"}, {"http://y?c", "/?c"}})
    EXPECT_THAT(answer_to(std::string("GET ") + target +
                          " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                HasSubstr(std::string("GET ") + path + " ."));
}

// Neither is part of a body, whose size is bounded.
TEST_F(HttpServerTest, BoundsWhatLiesBetweenChunks) {
  start();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string trailers;
  while (trailers.size() < 200'000) trailers += "X: y\r\n";
  for (const std::string& body :
       {"0\r\n" + trailers, "5;" + std::string(200'000, 'a'), std::string(200'000, '0')})
    EXPECT_THAT(answer_to(head + body), StartsWith("HTTP/1.1 400")) << body.substr(0, 10);
}

TEST_F(HttpServerTest, AnswersABodyThatEndsTooEarly) {
  start();
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(answer_to("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
              StartsWith("HTTP/1.1 400"));
}

TEST_F(HttpServerTest, TellsThatTheClientHasGone) {
  start();
  auto client = std::make_unique<HttpClient>(server_->port());
  client->send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto is_given_up = handler_.wait_for_later();
  EXPECT_FALSE(*is_given_up);
  client.reset();
  expect_true_soon(*is_given_up);
  handler_.answer_later();
}

// It may yet read: where the answer is there all the same, it gets it.
TEST_F(HttpServerTest, AnswersAClientThatHasEndedSending) {
  start();
  HttpClient client(server_->port());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  client.end_sending();
  expect_true_soon(*handler_.wait_for_later());
  handler_.answer_later();
  EXPECT_THAT(client.read_all(), HasSubstr("late."));
}

TEST_F(HttpServerTest, ClosesTheOldestIdleConnectionWhereThereAreTooMany) {
  start({.most_connections = 2});
  HttpClient first(server_->port()), second(server_->port());
  for (HttpClient* client : {&first, &second}) {
    client->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    client->read_until("/? .");
  }
  EXPECT_THAT(answer_to("GET /third HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
              HasSubstr("GET /third"));
  EXPECT_THAT(first.read_all(), IsEmpty());
  second.send("GET /again HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(second.read_all(), HasSubstr("GET /again"));
}

TEST_F(HttpServerTest, DrainsWithWhatItHasBegun) {
  start();
  HttpClient idle(server_->port()), client(server_->port());
  idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  idle.read_until("/? .");
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  handler_.wait_for_later();
  server_->drain();
  EXPECT_THAT(idle.read_all(), IsEmpty());
  handler_.answer_later();
  EXPECT_THAT(client.read_all(),
              testing::AllOf(HasSubstr("late."), HasSubstr("Connection: close")));
  thread_.join();
}

// Bytes behind a request hide whether the client has gone; its answer is awaited all the same.
TEST_F(HttpServerTest, DrainsWithWhatWasPipelined) {
  start();
  HttpClient client(server_->port());
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\nG");
  handler_.wait_for_later();
  server_->drain();
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  handler_.answer_later();
  EXPECT_THAT(client.read_all(), HasSubstr("late."));
}

// Who has connected is heard, if it asks soon.
TEST_F(HttpServerTest, DrainsWithWhoHasJustCome) {
  start();
  HttpClient client(server_->port());
  server_->drain();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  client.send("GET /new HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_all(),
              testing::AllOf(HasSubstr("GET /new"), HasSubstr("Connection: close")));
}

TEST_F(HttpServerTest, EndsConnectionsBeforeItDrains) {
  start();
  HttpClient client(server_->port());
  client.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("/1? ."), Not(HasSubstr("Connection: close")));
  server_->stop_keeping_alive();
  client.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_all(),
              testing::AllOf(HasSubstr("GET /2"), HasSubstr("Connection: close")));
}

TEST_F(HttpServerTest, GivesBackAnIdOfTheClients) {
  start();
  EXPECT_THAT(answer_to("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: a-1\r\n\r\n"),
              HasSubstr("X-Request-Id: a-1\r\n"));
  EXPECT_THAT(answer_to("GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\"b\r\n\r\n"),
              Not(HasSubstr("a\"b")));
}

TEST_F(HttpServerTest, RefusesHostsAndCertificatesThatAreNone) {
  EXPECT_THAT(
      error_of(ErrorKind::invalid_argument, [&] { start({.host = "no host of this name"}); }),
      HasSubstr("expected a host to listen at, got 'no host of this name'"));
  const std::filesystem::path folder = fresh_folder("http_server"), empty = folder / "empty",
                              pipe = folder / "pipe";
  write_file_atomically(empty, {});
  EXPECT_THAT(error_of(ErrorKind::invalid_argument,
                       [&] { start({.certificate = empty, .private_key = empty}); }),
              HasSubstr("expected a certificate as PEM"));
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);  // is not waited for
  EXPECT_THAT(
      error_of(ErrorKind::corrupt_file, [&] { start({.certificate = pipe, .private_key = pipe}); }),
      HasSubstr("expected a regular file"));
  EXPECT_THAT(error_of(ErrorKind::invalid_argument, [&] { start({.certificate = "/dev/null"}); }),
              HasSubstr("expected a certificate and its private key, got one of them"));
  start();
  EXPECT_THAT(error_of(ErrorKind::io, [&] { HttpServer({.port = server_->port()}, handler_); }),
              HasSubstr("expected to listen at 127.0.0.1 port"));
}

}  // namespace
}  // namespace submask
