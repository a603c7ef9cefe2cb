#include "serve/http/http_server.h"

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <list>
#include <map>
#include <poll.h>
#include <sys/socket.h>
#include <utility>

#include "base/fail.h"
#include "base/lower_case.h"

namespace submask {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr uint32_t most_header_bytes = 16 << 10;
constexpr size_t most_buffered = 96 << 10;  // also of what lies between chunks, and behind them
constexpr std::chrono::seconds header_time{60};  // and of a connection that is idle
constexpr std::chrono::seconds grace_time{30};   // before the lowest rate counts
constexpr std::chrono::seconds handshake_time{10};
constexpr size_t lowest_rate = 50'000;  // bytes a second, on average
constexpr std::chrono::seconds linger_time{5};
constexpr std::chrono::seconds patience_with_new{1};  // of a server that drains
constexpr std::chrono::seconds drain_time{30};        // after which what is under way is cut off

std::chrono::seconds time_for(size_t bytes) {
  return grace_time + std::chrono::seconds(bytes / lowest_rate);
}

// What all connections share. Only the network's thread uses it, but for what is atomic.
struct Shared {
  HttpHandler& handler;
  const HttpOptions options;
  std::atomic<size_t> connections = 0, body_bytes = 0;
  std::atomic<uint64_t> requests = 0, refused_connections = 0;
  bool keeps_alive = true;
  bool is_draining = false;
  uint64_t next_reading = 0;
  // What closes a connection of which nothing is being answered, the longest so first. It may spare
  // one that has asked nothing yet.
  std::map<uint64_t, std::function<void(bool spares_new)>> reading = {};
  asio::io_context io{1};  // last: connections that are left in it use the others
};

bool is_id(std::string_view id) {
  constexpr size_t longest = 128;
  return !id.empty() && id.size() <= longest && std::ranges::all_of(id, [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\\';
  });
}

// What another server in the way may understand otherwise (RFC 9112, 6); "": nothing.
std::string contradiction_in(const http::request<http::string_body>& message) {
  if (message.count(http::field::host) > 1) return "several Host headers";
  const auto coding = message.find(http::field::transfer_encoding);
  if (coding == message.end()) return "";
  const std::string value = lower_case({coding->value().data(), coding->value().size()});
  if (value != "chunked" || message.count(http::field::transfer_encoding) > 1)
    return "another Transfer-Encoding than chunked";
  return message.version() == 10 ? "Transfer-Encoding in HTTP/1.0" : "";
}

HttpRequest head_of(const http::request<http::string_body>& message, std::string peer,
                    uint64_t number) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  const std::string_view target(message.target().data(), message.target().size());
  request.path = std::string(target.substr(0, target.find('?')));
  if (request.path.size() < target.size()) request.query = target.substr(request.path.size() + 1);
  for (const auto& field : message)
    request.headers.emplace_back(
        lower_case({field.name_string().data(), field.name_string().size()}),
        std::string(field.value()));
  request.peer = std::move(peer);
  const std::string_view id = request.header("x-request-id");
  request.id = is_id(id) ? std::string(id) : text(number);
  return request;
}

// A connection, over TCP or TLS. It lives as long as one of its operations is under way.
template <typename Stream>
class Connection : public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, Shared& shared, std::string peer)
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
                            [self = this->shared_from_this()](ErrorCode error, size_t) {
                              self->end_reading();
                              self->take_head(error);
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

  void take_head(ErrorCode error) {
    began_ = Clock::now();
    if (error.category() == http::make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message)
      return refuse_unread(
          error_response(error == http::error::header_limit ? 431 : 400,
                         "expected a request of HTTP/1.1, got " + error.message()));
    if (error) return;  // closed, or silent for too long
    has_asked_ = true;
    ++shared_.requests;
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
    tcp().expires_at(began_ + time_for(counted_bytes_));
    http::async_read_some(
        stream_, buffer_, *parser_, [self = this->shared_from_this()](ErrorCode error, size_t) {
          self->end_reading();
          if (error == beast::error::timeout) return self->close();
          if (error)
            return self->refuse_unread(error_response(
                400, "expected the whole body of a request, got " + error.message()));
          const size_t bytes = self->parser_->get().body().size();
          const size_t more = bytes - self->counted_bytes_;
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
    message_.emplace(static_cast<http::status>(response.status), asked.version() == 10 ? 10U : 11U);
    message_->set(http::field::server, "submask");
    if (response.status != 204) message_->set(http::field::content_type, response.content_type);
    message_->set("X-Request-Id", request_.id);
    for (const auto& [name, value] : response.headers) message_->set(name, value);
    message_->keep_alive(shared_.keeps_alive && !is_unread_ && asked.keep_alive());
    message_->body() = std::move(response.body);
    if (response.status != 204) message_->prepare_payload();
    count_bytes(message_->body().size());
    if (request_.method == "HEAD") message_->body().clear();  // its length stays
    tcp().expires_after(time_for(message_->body().size()));
    http::async_write(
        stream_, *message_,
        [self = this->shared_from_this()](ErrorCode error, size_t) { self->finish(error); });
  }

  // Answers that nobody reads take room as bodies do.
  void count_bytes(size_t more) {
    counted_bytes_ += more;
    shared_.body_bytes += more;
  }

  void finish(ErrorCode error) {
    const bool goes_on = message_->keep_alive();
    message_.reset();
    request_ = {};
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
  Shared& shared_;
  std::string peer_;
  beast::flat_buffer buffer_{most_buffered};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> message_;
  HttpRequest request_;  // without its body
  size_t counted_bytes_ = 0;
  // The server goes on until what is under way has been answered.
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> under_way_;
  Clock::time_point began_, linger_until_;
  bool is_unread_ = false, has_asked_ = false;
  std::optional<uint64_t> reading_;  // its number in Shared::reading
  std::array<char, 4096> thrown_away_ = {};
};

std::string message_of(const ErrorCode& error) { return in_one_line(error.message()); }

}  // namespace

class HttpServer::Impl {
 public:
  Impl(const HttpOptions& options, HttpHandler& handler)
      : shared_{handler, options}, acceptor_(shared_.io), pause_(shared_.io) {
    if (options.certificate.empty() != options.private_key.empty())
      fail_argument("a certificate and its private key", "one of them");
    if (!options.certificate.empty()) tls_ = read_certificate();
    listen();
    accept();
  }

  uint16_t port() const { return port_; }

  // What fails for one connection, most of all for want of memory, ends that connection alone.
  void run() {
    constexpr std::chrono::seconds step{1};
    while (!shared_.io.stopped()) {
      if (shared_.is_draining && Clock::now() > drained_at_) return;
      try {
        shared_.io.run_one_for(step);
      } catch (const std::exception&) {
        continue;
      }
    }
  }

  void stop_keeping_alive() {
    asio::post(shared_.io, [this] { shared_.keeps_alive = false; });
  }

  void drain() {
    asio::post(shared_.io, [this] {
      if (shared_.is_draining) return;
      shared_.keeps_alive = false;
      shared_.is_draining = true;
      drained_at_ = Clock::now() + drain_time;
      accept_waiting();
      ErrorCode ignored;
      acceptor_.close(ignored);
      for (asio::steady_timer& timer : timers_) timer.cancel();
      signals_.cancel(ignored);
      signals_.clear(ignored);  // the next one ends the process
      stop_reading(/*spares_new=*/true);
      pause_.expires_after(patience_with_new);
      pause_.async_wait([this](ErrorCode) { stop_reading(/*spares_new=*/false); });
      work_.reset();
    });
  }

  void post(std::function<void()> work, double seconds) {
    if (seconds <= 0) return asio::post(shared_.io, std::move(work));
    asio::post(shared_.io, [this, work = std::move(work), seconds]() mutable {
      if (shared_.is_draining) return;
      const auto timer = timers_.emplace(timers_.end(), shared_.io);
      timer->expires_after(
          std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds)));
      timer->async_wait([this, timer, work = std::move(work)](ErrorCode error) {
        timers_.erase(timer);
        if (!error) work();
      });
    });
  }

  void on_signal(const std::vector<int>& signals, std::function<void(int)> hear) {
    for (const int signal : signals) signals_.add(signal);
    hear_ = std::move(hear);
    wait_for_signal();
  }

  void reload_certificate() {
    if (shared_.options.certificate.empty()) return;
    asio::post(shared_.io, [this, tls = read_certificate()] { tls_ = tls; });
  }

  HttpState state() const {
    return {shared_.connections, shared_.body_bytes, shared_.requests, shared_.refused_connections};
  }

 private:
  void wait_for_signal() {
    signals_.async_wait([this](ErrorCode error, int signal) {
      if (error) return;
      wait_for_signal();
      hear_(signal);
    });
  }

  std::shared_ptr<asio::ssl::context> read_certificate() const {
    const HttpOptions& options = shared_.options;
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
    ErrorCode error;
    context->use_certificate_chain_file(options.certificate.string(), error);
    if (error)
      fail_argument("a certificate as PEM",
                    text(message_of(error), ", in ", options.certificate.string()));
    context->use_private_key_file(options.private_key.string(), asio::ssl::context::pem, error);
    if (error)
      fail_argument("the private key of the certificate as PEM",
                    text(message_of(error), ", in ", options.private_key.string()));
    return context;
  }

  void listen() {
    const HttpOptions& options = shared_.options;
    ErrorCode error;
    Tcp::resolver resolver(shared_.io);
    const auto found =
        resolver.resolve(options.host, std::to_string(options.port),
                         Tcp::resolver::passive | Tcp::resolver::numeric_service, error);
    if (error || found.empty())
      fail_argument("a host to listen at", text("'", options.host, "': ", message_of(error)));
    const Tcp::endpoint endpoint = found.begin()->endpoint();
    const auto check = [&] {
      if (error)
        fail(ErrorKind::io, "expected to listen at ", options.host, " port ", options.port,
             ", got ", message_of(error));
    };
    acceptor_.open(endpoint.protocol(), error);
    check();
    acceptor_.set_option(Tcp::acceptor::reuse_address(true), error);
    if (options.shares_port) {
      const int yes = 1;
      ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &yes, sizeof(yes));
    }
    acceptor_.bind(endpoint, error);
    check();
    acceptor_.listen(asio::socket_base::max_listen_connections, error);
    check();
    port_ = acceptor_.local_endpoint().port();
  }

  void accept() {
    acceptor_.async_accept([this](ErrorCode error, Tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
      if (error) return make_room();
      begin(std::move(socket));
      accept();
    });
  }

  // Without descriptors or memory: of the connections that are not being answered the oldest goes.
  // Without one, some other has to end first.
  void make_room() {
    close_oldest();
    pause_.expires_after(std::chrono::milliseconds(50));
    pause_.async_wait([this](ErrorCode error) {
      if (!error) accept();
    });
  }

  // Whoever has connected already will be answered.
  void accept_waiting() {
    ErrorCode error;
    acceptor_.non_blocking(true, error);
    while (true) {
      Tcp::socket socket(shared_.io);
      acceptor_.accept(socket, error);
      if (error) return;
      begin(std::move(socket));
    }
  }

  void stop_reading(bool spares_new) {
    const auto reading = shared_.reading;
    for (const auto& [number, stop] : reading) stop(spares_new);
  }

  bool close_oldest() {
    if (shared_.reading.empty()) return false;
    const auto stop = std::move(shared_.reading.begin()->second);
    shared_.reading.erase(shared_.reading.begin());
    stop(/*spares_new=*/false);
    return true;
  }

  // Where memory is short this one goes, and others come.
  void begin(Tcp::socket socket) {
    try {
      connect(std::move(socket));
    } catch (const std::exception&) {
      ++shared_.refused_connections;
    }
  }

  void connect(Tcp::socket socket) {
    if (shared_.connections >= shared_.options.most_connections && !close_oldest()) {
      ++shared_.refused_connections;
      return;
    }
    ErrorCode error;
    const Tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;  // it has gone again
    socket.set_option(Tcp::no_delay(true), error);
    const std::string address = peer.address().to_string();
    beast::tcp_stream stream(std::move(socket));
    if (tls_)
      std::make_shared<Connection<beast::ssl_stream<beast::tcp_stream>>>(
          beast::ssl_stream<beast::tcp_stream>(std::move(stream), *tls_), shared_, address)
          ->start();
    else
      std::make_shared<Connection<beast::tcp_stream>>(std::move(stream), shared_, address)->start();
  }

  Shared shared_;
  Tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  Clock::time_point drained_at_ = Clock::time_point::max();
  std::list<asio::steady_timer> timers_;  // of post()
  asio::signal_set signals_{shared_.io};
  std::function<void(int)> hear_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{shared_.io.get_executor()};
  std::shared_ptr<asio::ssl::context> tls_;
  uint16_t port_ = 0;
};

HttpServer::HttpServer(const HttpOptions& options, HttpHandler& handler)
    : impl_(std::make_unique<Impl>(options, handler)) {}

HttpServer::~HttpServer() = default;

uint16_t HttpServer::port() const { return impl_->port(); }

void HttpServer::run() { impl_->run(); }

void HttpServer::stop_keeping_alive() { impl_->stop_keeping_alive(); }

void HttpServer::drain() { impl_->drain(); }

void HttpServer::post(std::function<void()> work, double seconds) {
  impl_->post(std::move(work), seconds);
}

void HttpServer::on_signal(const std::vector<int>& signals, std::function<void(int)> hear) {
  impl_->on_signal(signals, std::move(hear));
}

void HttpServer::reload_certificate() { impl_->reload_certificate(); }

HttpState HttpServer::state() const { return impl_->state(); }

}  // namespace submask
