// Serves the tasks of a folder over HTTP until the process is told to end.
#pragma once

#include <functional>
#include <string>

#include <submask/backbone.h>

#include "serve/api/serve_options.h"

namespace submask {

struct ServeHooks {
  std::function<void(const std::string& line)> ready;  // "serving N tasks over ..."
  std::function<void(const std::string& line)> note;   // what an operator should know
};

// SIGTERM ends it after the time of grace, during which it says that it is not ready; SIGINT, or
// any second one, at once. What was asked is answered in any case. SIGHUP reads keys and
// certificate again. Throws as ServeParts, ServeApi and HttpServer.
void serve(Backbone& backbone, const ServeOptions& options, int threads, const ServeHooks& hooks);

}  // namespace submask
