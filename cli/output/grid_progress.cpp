#include "cli/output/grid_progress.h"

#include <algorithm>
#include <iostream>
#include <unistd.h>

#include "base/fail.h"
#include "cli/output/print.h"
#include "grid/cell_name.h"

namespace submask::cli {

GridProgress::GridProgress(const OutputOptions& output, const Grid& grid,
                           const std::vector<std::string>& names, int jobs)
    : output_(output),
      grid_(grid),
      names_(names),
      jobs_(jobs),
      terminal_(isatty(STDERR_FILENO) == 1) {
  for (size_t i = 0; i < names.size(); ++i) cells_.try_emplace(names[i], i);
}

GridProgress::~GridProgress() {
  if (terminal_ && !output_.quiet) std::cerr << "\r\033[K" << std::flush;
}

void GridProgress::start(size_t cell) { running_[names_[cell]] = Clock::now(); }

void GridProgress::stop(size_t cell) { running_.erase(names_[cell]); }

void GridProgress::end(size_t cell, bool done, const std::string& result) {
  running_.erase(names_[cell]);
  if (!ended_.insert(names_[cell]).second) return;
  if (!done) {
    failed_.insert(names_[cell]);
    return;
  }
  const Json numbers = Json::parse(result, nullptr, /*allow_exceptions=*/false);
  if (!numbers.is_object() || !numbers.contains("seconds") || !numbers["seconds"].is_number())
    return;
  for (const std::string& kind : kinds_of(cell)) {
    seconds_[kind].sum += numbers["seconds"].get<double>();
    seconds_[kind].count += 1;
  }
}

// The kinds that a cell belongs to, the narrowest first: cells with the same settings and any seed,
// cells with the same method, all cells.
std::vector<std::string> GridProgress::kinds_of(size_t cell) const {
  std::string settings, method;
  for (const auto& [name, value] : grid_.cells[cell].labels) {
    if (name != "seed") settings += text(name, " ", value, "\n");
    if (name == "method") method = value;
  }
  return {settings, method, ""};
}

double GridProgress::expected_seconds(size_t cell) const {
  for (const std::string& kind : kinds_of(cell))
    if (const auto known = seconds_.find(kind); known != seconds_.end())
      return known->second.sum / known->second.count;
  return 0;
}

double GridProgress::seconds_left() const {
  double seconds = 0;
  for (const auto& [name, cell] : cells_) {
    if (ended_.contains(name)) continue;
    const auto running = running_.find(name);
    const double done = running == running_.end()
                            ? 0
                            : std::chrono::duration<double>(Clock::now() - running->second).count();
    seconds += std::max(0.0, expected_seconds(cell) - done);
  }
  return seconds / std::max({1.0, jobs_, static_cast<double>(running_.size())});
}

std::string GridProgress::line() const {
  std::string line = "grid: " + std::to_string(ended_.size() - failed_.size()) + "/" +
                     std::to_string(cells_.size()) + " done, " + std::to_string(running_.size()) +
                     " running, " +
                     std::to_string(cells_.size() - ended_.size() - running_.size()) +
                     " waiting, " + std::to_string(failed_.size()) + " failed";
  if (!seconds_.empty()) line += ", " + format_duration(seconds_left()) + " left";
  if (!running_.empty()) line += "; " + label_text(grid_.cells[cells_.at(running_.begin()->first)]);
  return line;
}

void GridProgress::say(const std::string& line) {
  if (terminal_ && !output_.quiet) std::cerr << "\r\033[K";
  note(output_, line);
}

void GridProgress::show() {
  const auto now = Clock::now();
  const bool all_ended = ended_.size() == cells_.size();
  if (output_.quiet || (!terminal_ && ended_.size() == shown_)) return;
  if (!all_ended && now - last_shown_ < std::chrono::seconds(1)) return;
  if (all_ended && shown_ == cells_.size()) return;
  shown_ = ended_.size();
  last_shown_ = now;
  if (terminal_)
    std::cerr << "\r\033[K" << line() << (all_ended ? "\n" : "") << std::flush;
  else
    std::cerr << line() << std::endl;
}

}  // namespace submask::cli
