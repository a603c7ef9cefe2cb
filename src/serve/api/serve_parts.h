// What the routes of a server work on.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <submask/backbone.h>

#include "serve/api/serve_metrics.h"
#include "serve/api/serve_options.h"
#include "serve/api/work_pool.h"
#include "serve/engine/engine.h"
#include "serve/engine/task_folder.h"
#include "serve/engine/task_memory.h"
#include "serve/http/http_server.h"

namespace submask {

struct ServeParts {
  ServeParts(Backbone& backbone, const ServeOptions& options, int threads, TaskFolder::Note note);

  // Answers what was asked. Nothing may be asked after it.
  void stop();

  bool needs_key() const { return !options.keys.empty(); }
  uint64_t backbone_bytes() const;

  // Why no more requests should come, though they are answered; "": they may.
  std::string unready() const;

  Backbone& backbone;
  const ServeOptions options;
  const std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  TaskMemory memory;
  TaskFolder folder;
  Engine engine;
  ServeMetrics metrics;
  std::atomic<bool> is_ending = false;
  std::function<HttpState()> http_state = [] { return HttpState{}; };
  WorkPool teacher;  // one thread: fitting heads takes seconds, in which others are answered
  WorkPool desk;     // what takes no images, which does not wait behind those that do
  WorkPool pool;     // last: its work uses all of the others
};

}  // namespace submask
