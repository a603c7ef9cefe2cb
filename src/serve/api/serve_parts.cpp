#include "serve/api/serve_parts.h"

#include <algorithm>
#include <thread>

#include "base/fail.h"

namespace submask {
namespace {

constexpr std::chrono::seconds longest_batch{30};  // of a worker that is alive

EngineOptions engine_options(const ServeOptions& options, int threads) {
  return {.workers = static_cast<int>(options.workers),
          .threads = threads,
          .max_batch = options.max_batch,
          .max_delay = std::chrono::microseconds(static_cast<int64_t>(1000 * options.max_delay_ms)),
          .max_queue_images = options.max_queue_images,
          .max_queue_bytes = static_cast<uint64_t>(options.max_queue_bytes)};
}

std::chrono::seconds rescan_time(const ServeOptions& options) {
  return std::chrono::seconds(std::max<int64_t>(1, static_cast<int64_t>(options.rescan_s)));
}

}  // namespace

ServeParts::ServeParts(Backbone& network, const ServeOptions& chosen, int threads,
                       TaskFolder::Note note)
    : backbone(network),
      options(chosen),
      memory(network, static_cast<uint64_t>(chosen.memory), static_cast<int>(chosen.workers),
             chosen.pin.size()),
      folder(chosen.tasks, network, memory, rescan_time(chosen), std::move(note)),
      engine(network, memory, engine_options(chosen, threads)),
      teacher(1),
      desk(2),
      pool(std::max(2U, std::thread::hardware_concurrency())) {}

void ServeParts::stop() {
  engine.stop();
  pool.stop();
  desk.stop();
  teacher.stop();
}

uint64_t ServeParts::backbone_bytes() const {
  uint64_t bytes = 0;
  for (const auto& [name, tensor] : backbone.theta()) bytes += tensor.nbytes();
  for (const auto& [name, tensor] : backbone.pretrained_buffers()) bytes += tensor.nbytes();
  return bytes;
}

std::string ServeParts::unready() const {
  if (is_ending) return "the server ends";
  const auto busy = engine.state().longest_busy;
  if (busy > longest_batch) return text("a batch has been computed for ", busy.count(), " ms");
  return "";
}

}  // namespace submask
