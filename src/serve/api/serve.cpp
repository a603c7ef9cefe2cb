#include "serve/api/serve.h"

#include <csignal>
#include <filesystem>
#include <optional>
#include <sys/resource.h>

#include "base/fail.h"
#include "serve/api/serve_api.h"
#include "serve/api/serve_parts.h"
#include "serve/engine/held_file.h"

namespace submask {
namespace {

constexpr double keys_seconds = 2;  // between looks at the file of keys

// Connections and task files need one each. Returns how many there may be.
size_t raise_descriptors() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<size_t>(limit.rlim_cur);
}

HttpOptions http_options(const ServeOptions& options, size_t descriptors) {
  const auto most = static_cast<size_t>(options.max_queue_bytes);
  constexpr size_t most_body = size_t{64} << 20, most_connections = 65'536;
  return {.host = options.host,
          .port = static_cast<uint16_t>(options.port),
          .shares_port = options.reuse_port,
          .certificate = options.tls_cert,
          .private_key = options.tls_key,
          .most_body_bytes = std::min(most, most_body),
          .most_bytes = most,
          .most_connections = std::min(most_connections, descriptors / 2)};
}

// A server in the middle of its life: it hears signals and looks after its keys.
class Service {
 public:
  Service(ServeParts& parts, ServeApi& api, HttpServer& server, const ServeHooks& hooks)
      : parts_(parts), api_(api), server_(server), hooks_(hooks) {
    server.on_signal({SIGTERM, SIGINT, SIGHUP}, [this](int signal) {
      if (signal == SIGHUP)
        reload();
      else
        end(signal == SIGINT ? 0 : parts_.options.grace_s);
    });
    if (parts.needs_key()) watch_keys();
  }

 private:
  void end(double grace_s) {
    if (parts_.is_ending.exchange(true)) return server_.drain();
    hooks_.note(text("ends in ", grace_s, " s"));
    server_.stop_keeping_alive();
    server_.post([this] { server_.drain(); }, grace_s);
  }

  void reload() {
    api_.reopen_log();
    if (parts_.needs_key()) read_keys();
    if (parts_.options.tls_cert.empty()) return;
    try {
      server_.reload_certificate();
      hooks_.note("read the certificate");
    } catch (const Error& error) {
      hooks_.note(text("goes on with the earlier certificate: ", error.what()));
    }
  }

  void watch_keys() {
    std::optional<FileMark> mark;
    try {
      mark = HeldFile(parts_.options.keys).mark();
    } catch (const Error&) {  // gone: read_keys() says so
    }
    if (is_watching_keys_ && mark != keys_mark_) read_keys();
    is_watching_keys_ = true;
    keys_mark_ = mark;
    server_.post([this] { watch_keys(); }, keys_seconds);
  }

  void read_keys() {
    try {
      auto keys = AccessKeys::read(parts_.options.keys);
      hooks_.note(text("read ", keys.size(), " keys"));
      api_.use_keys(std::move(keys));
    } catch (const Error& error) {
      hooks_.note(text("goes on with the earlier keys: ", error.what()));
    }
  }

  ServeParts& parts_;
  ServeApi& api_;
  HttpServer& server_;
  const ServeHooks& hooks_;
  bool is_watching_keys_ = false;
  std::optional<FileMark> keys_mark_;  // none: the file is not there
};

}  // namespace

void serve(Backbone& backbone, const ServeOptions& options, int threads, const ServeHooks& hooks) {
  if (!options.examples.empty() && !std::filesystem::is_directory(options.examples))
    fail(ErrorKind::io, "expected a folder of images for --examples, got none, in ",
         options.examples);
  std::signal(SIGPIPE, SIG_IGN);  // a client that leaves is an error of its connection
  const size_t descriptors = raise_descriptors();
  ServeParts parts(backbone, options, threads, hooks.note);
  ServeApi api(parts);
  HttpServer server(http_options(options, descriptors), api);
  parts.http_state = [&server] { return server.state(); };
  parts.folder.pin(options.pin);
  const Service service(parts, api, server, hooks);
  const std::string host =
      options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
  const size_t tasks = parts.folder.list().size();
  hooks.ready(text("serving ", tasks, tasks == 1 ? " task" : " tasks", " over ",
                   backbone.info().name, " at ", options.tls_cert.empty() ? "http" : "https", "://",
                   host, ":", server.port()));
  server.run();
  parts.stop();
}

}  // namespace submask
