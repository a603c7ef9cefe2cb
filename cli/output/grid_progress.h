// Prints the progress of a running grid: cells done, running, waiting and failed, and the time
// left.
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
  // `names` are those of the grid's cells; cells of the same name are run once. `output`, `grid`
  // and `names` must outlive this object.
  GridProgress(const OutputOptions& output, const Grid& grid, const std::vector<std::string>& names,
               int jobs);
  ~GridProgress();  // leaves an empty line on a terminal
  GridProgress(const GridProgress&) = delete;
  GridProgress& operator=(const GridProgress&) = delete;

  void start(size_t cell);
  void stop(size_t cell);  // it may start again
  void end(size_t cell, bool done, const std::string& result);

  // Prints a line that stays.
  void say(const std::string& line);

  // Prints one line. On a terminal it is redrawn every second; elsewhere a line is printed when
  // cells have ended, at most one a second, and one at the end.
  void show();

 private:
  using Clock = std::chrono::steady_clock;

  struct Mean {
    double sum = 0;
    double count = 0;
  };

  std::vector<std::string> kinds_of(size_t cell) const;
  double expected_seconds(size_t cell) const;
  double seconds_left() const;
  std::string line() const;

  const OutputOptions& output_;
  const Grid& grid_;
  const std::vector<std::string>& names_;
  const double jobs_;
  const bool terminal_;
  std::map<std::string, size_t> cells_;  // the first cell of each name, which is the one to run
  std::map<std::string, Clock::time_point> running_;
  std::set<std::string> ended_, failed_;
  std::map<std::string, Mean> seconds_;  // of the cells of each kind
  size_t shown_ = 0;
  Clock::time_point last_shown_;
};

}  // namespace submask::cli
