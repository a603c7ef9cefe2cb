#include "serve/http/http_server.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <sys/socket.h>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "serve/http/http_connection.h"

namespace submask {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience_with_new{1};  // of a server that drains
constexpr std::chrono::seconds drain_time{30};        // after which what is under way is cut off

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
    context->set_password_callback(  // nobody is there to type one
        [](size_t, asio::ssl::context::password_purpose) { return std::string(); });
    ErrorCode error;
    context->use_certificate_chain(asio::buffer(read_text_file(options.certificate)), error);
    if (error)
      fail_argument("a certificate as PEM",
                    text(message_of(error), ", in ", options.certificate.string()));
    const std::string key = read_text_file(options.private_key);
    context->use_private_key(asio::buffer(key), asio::ssl::context::pem, error);
    if (error)
      fail_argument("the private key of the certificate as PEM, without a pass phrase",
                    text(key.find("ENCRYPTED") == std::string::npos ? message_of(error)
                                                                    : "one that has a pass phrase",
                         ", in ", options.private_key.string()));
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
    serve_connection(std::move(socket), tls_.get(), peer.address().to_string(), shared_);
  }

  HttpConnections shared_;
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
