#include "cli/grid_run.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <map>
#include <poll.h>
#include <set>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <submask/error.h>

#include "cli/cell_names.h"
#include "cli/cell_run.h"
#include "cli/grid_worker.h"
#include "cli/output/grid_progress.h"
#include "cli/output/progress_line.h"
#include "cli/worker_process.h"
#include "grid/results.h"

namespace submask::cli {
namespace {
namespace fs = std::filesystem;

constexpr int poll_ms = 500;

// "cuda:0,cuda:1" one by one. Throws as SharedOptions::apply() does for one that is not there.
std::vector<std::string> devices_of(const SharedOptions& shared) {
  std::vector<std::string> devices;
  std::istringstream list(shared.device);
  for (SharedOptions one = shared; std::getline(list, one.device, ',');) {
    one.apply();
    devices.push_back(one.device);
  }
  if (devices.empty()) shared.apply();  // throws for no device
  return devices;
}

class GridRun {
 public:
  // `entries`: of the whole grid, of which `grid` has the cells to run.
  // `errors`: of the cells that cannot be run, by their names.
  GridRun(const GridRunOptions& options, const std::vector<GridEntry>& entries, const Grid& grid,
          const std::vector<std::string>& names, const std::map<std::string, std::string>& errors)
      : options_(options),
        grid_(grid),
        names_(names),
        errors_(errors),
        devices_(devices_of(options.shared)),
        cells_(options.cells.empty() ? options.db + ".cells" : options.cells),
        runner_(grid, names, cells_, options.shared),
        database_(options.db),
        distinct_(std::set<std::string>(names.begin(), names.end()).size()),
        progress_(options.shared, grid, names, options.jobs) {
    database_.put_grid(grid.title.empty() ? fs::path(options.file).stem().string() : grid.title,
                       entries);
  }

  Json run() {
    catch_interrupts();
    prepare();
    try {
      for (int i = 0; i < options_.jobs; ++i) start_next_worker();
      // They end by themselves where nothing is left for them.
      while (!workers_.empty()) watch();
    } catch (...) {
      stop_workers();
      absorb_all();
      throw;
    }
    absorb_all();
    return summary();
  }

 private:
  fs::path result_file(size_t cell) const { return runner_.places(cell).result; }

  // What the database knows, workers need not do again; what they did before, it takes over.
  void prepare() {
    fs::create_directories(cells_);
    for (size_t i = 0; i < names_.size(); ++i) {
      const fs::path result = result_file(i);
      if (const auto error = errors_.find(names_[i]); error != errors_.end()) {
        fail_cell(i, error->second);
        continue;
      }
      if (fs::exists(result)) {
        if (options_.retry && !read_cell_file(result).cell.done) fs::remove(result);
        continue;
      }
      const auto known = database_.find(names_[i]);
      if (!known || !known->done || needed_again(i)) continue;
      fs::create_directories(result.parent_path());
      write_cell_file(result, {*known, database_.epochs(names_[i])});
    }
    absorb_all();
  }

  void fail_cell(size_t cell, const std::string& error) const {
    const fs::path result = result_file(cell);
    fs::create_directories(result.parent_path());
    write_cell_file(result,
                    {{names_[cell], false, command_line(grid_.cells[cell]), "", error, ""}, {}});
  }

  // Whether a cell that has no result yet measures what this one learned, which is gone.
  bool needed_again(size_t cell) const {
    for (size_t i = cell + 1; i < names_.size(); ++i) {
      const auto after = grid_.cells[i].after;
      if (after && names_[*after] == names_[cell] && !fs::exists(result_file(i))) {
        const auto known = database_.find(names_[i]);
        if (!known || !known->done) return true;
      }
    }
    return false;
  }

  // Into the database, once.
  void absorb(size_t cell) {
    if (absorbed_.contains(names_[cell]) || !fs::exists(result_file(cell))) return;
    const CellFile file = read_cell_file(result_file(cell));
    const auto known = database_.find(names_[cell]);
    if (!known || !known->done) database_.put(file.cell, file.epochs);
    absorbed_.insert(names_[cell]);
    progress_.end(cell, file.cell);
    if (file.cell.done) return;
    failed_.insert(names_[cell]);
    if (first_error_.empty()) first_error_ = label_text(grid_.cells[cell]) + ": " + file.cell.error;
  }

  void absorb_all() {
    for (size_t i = 0; i < names_.size(); ++i) absorb(i);
  }

  // names_.size() for one that is none of this grid's.
  size_t place_of(const std::string& name) const {
    return static_cast<size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
  }

  // They share the threads, and have the devices in turn.
  void start_next_worker() {
    const auto& device = devices_[started_++ % devices_.size()];
    workers_.push_back(start_worker(arguments(device)));
  }

  std::vector<std::string> arguments(const std::string& device) const {
    const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency())),
              threads = options_.shared.threads > 0 ? options_.shared.threads : cores;
    // clang-format off
    std::vector<std::string> words = {"submask", "grid", "run", options_.file, "--worker",
            "--db", options_.db, "--cells", cells_.string(),
            "--device", device,
            "--threads", std::to_string(std::max(1, threads / options_.jobs))};
    // clang-format on
    if (options_.keep_going) words.emplace_back("--keep-going");
    for (const std::string& cell : options_.only) words.insert(words.end(), {"--cell", cell});
    return words;
  }

  void watch() {
    throw_if_interrupted();
    if (!options_.keep_going && !failed_.empty()) stop_workers();
    std::vector<pollfd> outputs;
    for (const WorkerProcess& worker : workers_) outputs.push_back({worker.output, POLLIN, 0});
    poll(outputs.data(), outputs.size(), poll_ms);
    for (size_t i = workers_.size(); i-- > 0;)
      if (outputs[i].revents != 0 && !read_output(workers_[i])) reap(i);
    progress_.show();
  }

  // False at its end.
  bool read_output(WorkerProcess& worker) {
    char buffer[4096];
    const ssize_t count = read(worker.output, buffer, sizeof buffer);
    if (count <= 0) return count < 0 && errno == EINTR;
    worker.unread.append(buffer, static_cast<size_t>(count));
    for (size_t end; (end = worker.unread.find('\n')) != std::string::npos;) {
      const std::string line = worker.unread.substr(0, end);
      worker.unread.erase(0, end + 1);
      if (line.starts_with("start ")) {
        worker.cell = line.substr(6);
        progress_.start(place_of(worker.cell));
      }
      if (line.starts_with("end ")) {
        worker.cell.clear();
        absorb(place_of(line.substr(4)));
      }
    }
    return true;
  }

  // A worker that was killed in the middle of a cell fails that cell; another goes on.
  void reap(size_t index) {
    const WorkerProcess worker = workers_[index];
    workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
    close(worker.output);
    int status = 0;
    waitpid(worker.process, &status, 0);
    if (worker.cell.empty() || stopping_) return;
    const size_t cell = place_of(worker.cell);
    const std::string how = WIFSIGNALED(status)
                                ? "was killed by signal " + std::to_string(WTERMSIG(status))
                                : "ended with " + std::to_string(WEXITSTATUS(status));
    if (!fs::exists(result_file(cell)))
      fail_cell(cell, "expected a result, got none: the worker " + how);
    absorb(cell);
    if (options_.keep_going) start_next_worker();
  }

  void stop_workers() {
    stopping_ = true;
    for (const WorkerProcess& worker : workers_) kill(worker.process, SIGTERM);
    while (!workers_.empty()) {
      while (read_output(workers_.back())) {
      }
      reap(workers_.size() - 1);
    }
  }

  Json summary() const {
    const size_t left = distinct_ - absorbed_.size();
    if (!failed_.empty())
      throw Error(ErrorKind::unavailable, std::to_string(failed_.size()) + " of " +
                                              std::to_string(distinct_) + " cells failed, " +
                                              std::to_string(left) + " left; " + first_error_);
    if (left > 0)
      throw Error(ErrorKind::unavailable,
                  "expected workers until every cell had ended, got none: " + std::to_string(left) +
                      " cells left");
    return {{"db", options_.db}, {"cells", names_.size()}, {"runs", absorbed_.size()}};
  }

  const GridRunOptions& options_;
  const Grid& grid_;
  const std::vector<std::string>& names_;
  const std::map<std::string, std::string>& errors_;
  const std::vector<std::string> devices_;
  const fs::path cells_;
  CellRunner runner_;  // for its places
  ResultsDatabase database_;
  const size_t distinct_;  // cells that are run
  std::vector<WorkerProcess> workers_;
  size_t started_ = 0;
  std::set<std::string> absorbed_, failed_;
  std::string first_error_;
  GridProgress progress_;
  bool stopping_ = false;
};

}  // namespace

void run_grid(const GridRunOptions& options) {
  Grid grid = read_grid(options.file, command_options());
  std::map<std::string, std::string> errors;
  std::vector<std::string> names = name_cells(grid, options.keep_going ? &errors : nullptr);
  std::vector<GridEntry> entries;
  for (size_t i = 0; i < names.size(); ++i) entries.push_back({names[i], grid.cells[i].labels});
  if (!options.only.empty()) keep_cells(options.only, grid, names);
  if (options.worker) return work(grid, names, options.cells, options.shared);
  if (options.jobs < 1)
    throw Error(ErrorKind::invalid_argument,
                "expected at least one job, got " + std::to_string(options.jobs));
  print_result(options.shared, GridRun(options, entries, grid, names, errors).run());
}

}  // namespace submask::cli
