#include "serve/http/http_connection.h"

#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <poll.h>
#include <utility>

#include "base/fail.h"
#include "base/lower_case.h"
#include "serve/http/beast_message.h"
#include "serve/http/patience.h"

namespace submask {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr uint32_t most_header_bytes = 16 << 10;
constexpr ptrdiff_t most_fields = 100;      // each takes some hundred bytes more than it has
constexpr size_t most_buffered = 96 << 10;  // also of what lies between chunks, and behind them
constexpr std::chrono::seconds header_time{60};  // and of a connection that is idle
constexpr std::chrono::seconds most_patience{30};
constexpr std::chrono::seconds handshake_time{10};
constexpr double lowest_rate = 50'000;  // bytes a second, on average
constexpr std::chrono::seconds linger_time{5};

template <typename Stream>
class Connection : public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, HttpConnections& shared, std::string peer)
      : stream_(std::move(stream)), shared_(shared), peer_(std::move(peer)) {
    ++shared_.connections;
  }

  ~Connection() {
    end_reading();
    shared_.body_bytes -= counted_bytes_;
    --shared_.connections;
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start() {
    if constexpr (is_tls) {
      begin_reading();
      tcp().expires_after(handshake_time);
      stream_.async_handshake(asio::ssl::stream_base::server,
                              [self = this->shared_from_this()](ErrorCode error) {
                                self->end_reading();
                                if (!error) self->read_head();
                              });
    } else {
      read_head();
    }
  }

 private:
  static constexpr bool is_tls = !std::is_same_v<Stream, beast::tcp_stream>;
  beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }

  void read_head() {
    if (shared_.is_draining && has_asked_) return close();
    parser_.emplace();
    parser_->header_limit(most_header_bytes);
    parser_->body_limit(boost::none);  // read_body() counts
    request_.peer = peer_;
    begin_reading();
    tcp().expires_after(header_time);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = this->shared_from_this()](ErrorCode error, size_t bytes) {
                              self->end_reading();
                              self->take_head(error, bytes);
                            });
  }

  void begin_reading() {
    reading_ = shared_.next_reading++;
    shared_.reading.emplace(*reading_, [this](bool spares_new) { stop_reading(spares_new); });
  }

  // While the server drains, a request that is there in part is still answered.
  void stop_reading(bool spares_new) {
    ErrorCode ignored;
    if (spares_new && !has_asked_) return;
    const bool has_begun =
        !request_.method.empty() || buffer_.size() > 0 || tcp().socket().available(ignored) > 0;
    if (!(shared_.is_draining && has_begun)) tcp().socket().close(ignored);
  }

  void end_reading() {
    if (const auto number = std::exchange(reading_, std::nullopt)) shared_.reading.erase(*number);
  }

  void take_head(ErrorCode error, size_t bytes) {
    began_ = Clock::now();
    patience_.begin(began_);
    if (error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
      return refuse_unread(
          error_response(error == http::error::header_limit ? 431 : 400,
                         "expected a request of HTTP/1.1, got " + error.message()));
    if (error) return;  // closed, or silent for too long
    has_asked_ = true;
    ++shared_.requests;
    const auto fields = std::distance(parser_->get().begin(), parser_->get().end());
    if (fields > most_fields)
      return refuse_unread(error_response(
          431, text("expected at most ", most_fields, " header fields, got ", fields)));
    count_bytes(bytes);
    request_ = head_of(parser_->get(), peer_, shared_.requests);
    if (const std::string fault = contradiction_in(parser_->get()); !fault.empty())
      return refuse_unread(error_response(400, "expected a request of one meaning, got " + fault));
    std::optional<uint64_t> length;
    if (const auto given = parser_->content_length()) length = *given;
    if (auto refusal = too_large(length.value_or(0))) return refuse_unread(std::move(*refusal));
    if (!length && !parser_->chunked()) length = 0;
    if (auto refusal = shared_.handler.refuse(request_, length))
      return parser_->is_done() ? respond(std::move(*refusal)) : refuse_unread(std::move(*refusal));
    if (lower_case(request_.header("expect")) == "100-continue") return ask_for_body();
    read_body();
  }

  void ask_for_body() {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    asio::async_write(stream_, asio::buffer(go_on),
                      [self = this->shared_from_this()](ErrorCode error, size_t) {
                        if (!error) self->read_body();
                      });
  }

  std::optional<HttpResponse> too_large(uint64_t bytes) const {
    if (bytes > shared_.options.most_body_bytes)
      return error_response(413, text("expected a body of at most ",
                                      shared_.options.most_body_bytes, " bytes, got ", bytes));
    if (shared_.body_bytes + bytes > shared_.options.most_bytes)
      return later_response(503, text("expected at most ", shared_.options.most_bytes,
                                      " bytes of requests at once, got more: ask again later"));
    return std::nullopt;
  }

  void read_body() {
    if (parser_->is_done()) return answer();
    begin_reading();
    tcp().expires_at(patience_.end());
    http::async_read_some(
        stream_, buffer_, *parser_, [self = this->shared_from_this()](ErrorCode error, size_t) {
          self->end_reading();
          if (error == beast::error::timeout) return self->close();
          if (error)
            return self->refuse_unread(error_response(
                400, "expected the whole body of a request, got " + error.message()));
          const size_t bytes = self->parser_->get().body().size();
          const size_t more = bytes - std::exchange(self->body_bytes_, bytes);
          self->patience_.add(more, Clock::now());
          if (bytes > self->shared_.options.most_body_bytes)
            return self->refuse_unread(*self->too_large(bytes));
          if (auto refusal = self->too_large(more)) return self->refuse_unread(std::move(*refusal));
          self->count_bytes(more);
          self->read_body();
        });
  }

  void answer() {
    under_way_.emplace(shared_.io.get_executor());
    tcp().expires_never();
    watch_client(request_.is_given_up);
    HttpRequest request = request_;
    request.body = std::move(parser_->get().body());
    shared_.handler.answer(
        std::move(request), [self = this->shared_from_this()](HttpResponse response) {
          asio::post(self->shared_.io, [self, response = std::move(response)]() mutable {
            self->respond(std::move(response));
          });
        });
  }

  // A client that closes its side has gone, as others servers see it too: what was asked is not
  // worth computing. Where it sends more instead, nothing can be told until the response.
  void watch_client(const std::shared_ptr<std::atomic<bool>>& is_given_up) {
    tcp().socket().async_wait(Tcp::socket::wait_read,
                              [self = this->shared_from_this(), is_given_up](ErrorCode error) {
                                if (error) return;
                                pollfd state{self->tcp().socket().native_handle(), POLLRDHUP, 0};
                                if (::poll(&state, 1, 0) > 0) *is_given_up = true;
                              });
  }

  // What was not read of the request is thrown away, and the connection ends: otherwise the rest of
  // a body would be taken for the next request.
  void refuse_unread(HttpResponse response) {
    is_unread_ = true;
    respond(std::move(response));
  }

  void respond(HttpResponse response) {
    under_way_.reset();
    const std::chrono::duration<double> seconds = Clock::now() - began_;
    shared_.handler.finish(request_, response, seconds.count());
    ErrorCode ignored;
    tcp().socket().cancel(ignored);  // the watch
    const auto& asked = parser_->get();
    message_.emplace(message_of(std::move(response), asked.version(), request_.id));
    message_->keep_alive(shared_.keeps_alive && !is_unread_ && asked.keep_alive());
    if (message_->result() != http::status::no_content) message_->prepare_payload();
    count_bytes(message_->body().size());
    if (request_.method == "HEAD") message_->body().clear();  // its length stays
    serializer_.emplace(*message_);
    patience_.begin(Clock::now());
    write();
  }

  void write() {
    tcp().expires_at(patience_.end());
    http::async_write_some(stream_, *serializer_,
                           [self = this->shared_from_this()](ErrorCode error, size_t bytes) {
                             if (error || self->serializer_->is_done()) return self->finish(error);
                             self->patience_.add(bytes, Clock::now());
                             self->write();
                           });
  }

  // Headers, and answers that nobody reads, take room as bodies do.
  void count_bytes(size_t more) {
    counted_bytes_ += more;
    shared_.body_bytes += more;
  }

  void finish(ErrorCode error) {
    const bool goes_on = message_->keep_alive();
    serializer_.reset();
    message_.reset();
    parser_.reset();
    request_ = {};
    body_bytes_ = 0;
    if (buffer_.size() == 0) buffer_.shrink_to_fit();
    shared_.body_bytes -= std::exchange(counted_bytes_, 0);
    if (error && error != http::error::end_of_stream) return;
    if (goes_on) return read_head();
    if (is_unread_) return linger();
    close();
  }

  // A socket that is closed with bytes unread is reset, and the client may lose the response.
  void linger() {
    ErrorCode ignored;
    tcp().socket().shutdown(Tcp::socket::shutdown_send, ignored);
    linger_until_ = Clock::now() + linger_time;
    throw_away();
  }

  void throw_away() {
    tcp().expires_at(linger_until_);
    tcp().async_read_some(asio::buffer(thrown_away_),
                          [self = this->shared_from_this()](ErrorCode error, size_t) {
                            if (!error && Clock::now() < self->linger_until_) self->throw_away();
                          });
  }

  void close() {
    if constexpr (is_tls) {
      tcp().expires_after(linger_time);
      stream_.async_shutdown([self = this->shared_from_this()](ErrorCode) {});
    } else {
      ErrorCode ignored;
      tcp().socket().shutdown(Tcp::socket::shutdown_send, ignored);
    }
  }

  Stream stream_;
  HttpConnections& shared_;
  std::string peer_;
  beast::flat_buffer buffer_{most_buffered};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> message_;
  std::optional<http::response_serializer<http::string_body>> serializer_;
  HttpRequest request_;       // without its body
  size_t body_bytes_ = 0;     // of the request, so far
  size_t counted_bytes_ = 0;  // in HttpConnections::body_bytes
  // The server goes on until what is under way has been answered.
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> under_way_;
  Clock::time_point began_, linger_until_;
  Patience patience_{most_patience, lowest_rate};
  bool is_unread_ = false, has_asked_ = false;
  std::optional<uint64_t> reading_;  // its number in HttpConnections::reading
  std::array<char, 4096> thrown_away_ = {};
};

}  // namespace

void serve_connection(Tcp::socket socket, asio::ssl::context* tls, std::string peer,
                      HttpConnections& shared) {
  beast::tcp_stream stream(std::move(socket));
  if (tls != nullptr)
    std::make_shared<Connection<beast::ssl_stream<beast::tcp_stream>>>(
        beast::ssl_stream<beast::tcp_stream>(std::move(stream), *tls), shared, std::move(peer))
        ->start();
  else
    std::make_shared<Connection<beast::tcp_stream>>(std::move(stream), shared, std::move(peer))
        ->start();
}

}  // namespace submask
