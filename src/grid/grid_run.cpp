#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <poll.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <submask/grid.h>

#include "base/fail.h"
#include "grid/chosen_cells.h"
#include "grid/grid_records.h"
#include "grid/grid_worker.h"
#include "grid/planned_cells.h"
#include "grid/worker_process.h"

namespace submask {
namespace {

constexpr int poll_ms = 500;

// Splits "cuda:0,cuda:1" into devices. Throws as apply() does for a device that is not there.
std::vector<std::string> devices_of(const std::string& list) {
  std::vector<std::string> devices;
  std::istringstream stream(list);
  for (ComputeSettings compute; std::getline(stream, compute.device, ',');) {
    apply(compute);  // checks the device
    devices.push_back(compute.device);
  }
  if (devices.empty()) apply({.device = list});  // throws, because `list` is empty
  return devices;
}

// Runs cells in several processes. They share the number of threads, and take the devices in turn.
class WorkerProcesses {
 public:
  WorkerProcesses(const ChosenCells& cells, const GridOptions& options, const GridHooks& hooks,
                  GridRecords& records)
      : options_(options),
        hooks_(hooks),
        records_(records),
        devices_(devices_of(options.device)),
        input_(write_planned_cells(cells.grid, cells.names)) {}

  // The processes end by themselves when no cell is left for them.
  void run() {
    try {
      for (int i = 0; i < options_.jobs; ++i) start_next();
      while (!workers_.empty()) watch();
    } catch (...) {
      stop();
      throw;
    }
  }

 private:
  void start_next() {
    const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    const int threads = std::max(1, options_.threads.value_or(cores) / options_.jobs);
    const std::string& device = devices_[started_++ % devices_.size()];
    workers_.push_back(start_worker(options_.worker_command(device, threads), input_));
  }

  void watch() {
    if (!options_.keep_going && records_.any_failed()) stop();
    std::vector<pollfd> outputs;
    for (const WorkerProcess& worker : workers_) outputs.push_back({worker.output, POLLIN, 0});
    poll(outputs.data(), outputs.size(), poll_ms);
    for (size_t i = workers_.size(); i-- > 0;)
      if (outputs[i].revents != 0 && !read_output(workers_[i])) reap(i);
    if (hooks_.tick) hooks_.tick();
  }

  // Reads the output that is there and handles its whole lines. Returns false at the end of the
  // output.
  bool read_output(WorkerProcess& worker) {
    char buffer[4096];
    const ssize_t count = read(worker.output, buffer, sizeof buffer);
    if (count <= 0) return count < 0 && errno == EINTR;
    worker.unread.append(buffer, static_cast<size_t>(count));
    for (size_t end; (end = worker.unread.find('\n')) != std::string::npos;) {
      const std::string line = worker.unread.substr(0, end);
      worker.unread.erase(0, end + 1);
      if (line.starts_with("start ")) {
        worker.cell = records_.index_of(line.substr(6));
        if (worker.cell && hooks_.started) hooks_.started(*worker.cell);
      }
      if (line.starts_with("end ")) {
        worker.cell.reset();
        if (const auto cell = records_.index_of(line.substr(4))) records_.absorb(*cell);
      }
    }
    return true;
  }

  // Waits for a worker that has ended. If it was killed in the middle of a cell, the cell has
  // failed, and with keep_going a new worker takes its place.
  void reap(size_t index) {
    const WorkerProcess worker = workers_[index];
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
    close(worker.output);
    int status = 0;
    waitpid(worker.process, &status, 0);
    if (!worker.cell || stopping_) return;
    const size_t cell = *worker.cell;
    const std::string ending = WIFSIGNALED(status)
                                   ? "was killed by signal " + std::to_string(WTERMSIG(status))
                                   : "ended with " + std::to_string(WEXITSTATUS(status));
    if (!records_.has_result(cell))
      records_.fail_cell(cell, "expected a result, got none: the worker " + ending);
    records_.absorb(cell);
    if (options_.keep_going) start_next();
  }

  void stop() {
    stopping_ = true;
    for (const WorkerProcess& worker : workers_) kill(worker.process, SIGTERM);
    while (!workers_.empty()) {
      while (read_output(workers_.back())) {
      }
      reap(workers_.size() - 1);
    }
  }

  const GridOptions& options_;
  const GridHooks& hooks_;
  GridRecords& records_;
  const std::vector<std::string> devices_;
  const WorkerInput input_;
  std::vector<WorkerProcess> workers_;
  size_t started_ = 0;
  bool stopping_ = false;
};

void run_in_this_process(const ChosenCells& cells, const GridOptions& options,
                         const GridHooks& hooks, GridRecords& records) {
  GridWorker worker(cells.grid, cells.names, records.cells(),
                    {.threads = options.threads, .device = options.device});
  WorkerHooks worker_hooks;
  worker_hooks.started = hooks.started;
  worker_hooks.ended = [&](size_t cell) {
    records.absorb(cell);
    return options.keep_going || !records.any_failed();
  };
  worker_hooks.tick = hooks.tick;
  worker_hooks.run = hooks.run;
  if (options.keep_going || !records.any_failed()) worker.run(worker_hooks);
}

}  // namespace

GridSummary run_grid(const Grid& grid, const GridOptions& options, const GridHooks& hooks) {
  if (options.jobs < 1) fail_argument("at least one job", options.jobs);
  const ChosenCells cells = choose_cells(grid, options);
  if (hooks.chosen) hooks.chosen(cells.grid, cells.names);
  GridRecords records(cells.grid, cells.names, options.db, options.cells,
                      [&](size_t cell, const CellResult& result) {
                        if (hooks.ended) hooks.ended(cell, result.done, result.result);
                      });
  if (records.put_grid(cells.entries) && hooks.note)
    hooks.note("the grid '" + cells.grid.title + "' in " + options.db.string() +
               " had other cells: it is replaced");
  records.prepare(cells.errors, options.retry);
  try {
    if (options.worker_command)
      WorkerProcesses(cells, options, hooks, records).run();
    else
      run_in_this_process(cells, options, hooks, records);
  } catch (...) {
    records.absorb_all();
    throw;
  }
  records.absorb_all();
  return records.summary();
}

void work_on_grid(const GridOptions& options, const GridHooks& hooks) {
  // If the parent is killed, the worker stops too, after a checkpoint.
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  const PlannedCells cells = read_planned_cells(read_worker_input());
  const auto print_event = [&](const char* event, size_t cell) {
    std::printf("%s %s\n", event, cells.names[cell].c_str());
    std::fflush(stdout);
  };
  WorkerHooks worker_hooks;
  worker_hooks.started = [&](size_t cell) { print_event("start", cell); };
  worker_hooks.ended = [&](size_t cell) {
    print_event("end", cell);
    return true;
  };
  worker_hooks.tick = hooks.tick;
  worker_hooks.run = hooks.run;
  GridWorker(cells.grid, cells.names, options.cells,
             {.threads = options.threads, .device = options.device})
      .run(worker_hooks);
}

}  // namespace submask
