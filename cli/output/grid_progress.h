// What a running grid tells: cells done, running and failed, and the time left for all of it.
#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <submask/grid.h>

#include "cli/option/shared_options.h"

namespace submask::cli {

class GridProgress {
 public:
  // `names`: of the grid's cells, where one that is there twice is run once.
  GridProgress(const Talk& talk, const Grid& grid, const std::vector<std::string>& names, int jobs);
  ~GridProgress();  // leaves an empty line on a terminal
  GridProgress(const GridProgress&) = delete;
  GridProgress& operator=(const GridProgress&) = delete;

  void start(size_t cell);
  void end(size_t cell, bool done, const std::string& result);

  // One line, redrawn every second on a terminal; elsewhere when cells have ended, at most one a
  // second but for the last.
  void show();

 private:
  using Clock = std::chrono::steady_clock;

  struct Mean {
    double sum = 0;
    double count = 0;
  };

  std::vector<std::string> kinds_of(size_t cell) const;
  double seconds_of(size_t cell) const;
  double seconds_left() const;
  std::string line() const;

  const Talk& talk_;
  const Grid& grid_;
  const std::vector<std::string>& names_;
  const double jobs_;
  const bool terminal_;
  std::map<std::string, size_t> cells_;  // what is run: the first cell of each name
  std::map<std::string, Clock::time_point> running_;
  std::set<std::string> ended_, failed_;
  std::map<std::string, Mean> seconds_;  // of cells of a kind
  size_t shown_ = 0;
  Clock::time_point last_shown_;
};

}  // namespace submask::cli
