// What a server has done: counters for each task, and the text that Prometheus reads.
//
// Labels are bounded: twenty tasks have their own, the others are "other". They are the first
// twenty, until others have more answers when somebody reads. Every series grows only, whoever
// changes places: a task that gets a label counts from 0 under it, and what it had counted stays
// where it was.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "serve/engine/engine.h"

namespace submask {

struct TaskCounts {
  uint64_t answered = 0, failed = 0;
  double waited_s = 0, computed_s = 0;  // summed over images
};

class ServeMetrics {
 public:
  void count_answer(const std::string& task, const Answer& answer);
  void count_failure(const std::string& task);
  void count_request(const std::string& route, int status, double seconds);

  TaskCounts of_task(const std::string& task) const;
  TaskCounts of_all() const;

  // The lines of what is counted here, in the order of their names.
  std::string lines();

 private:
  struct Histogram {
    static constexpr std::array bounds{.001, .0025, .005, .01, .025, .05, .1,
                                       .25,  .5,    1.,   2.5, 5.,   10.};
    std::array<uint64_t, bounds.size() + 1> counts = {};  // of each bound alone; the last: above
    double sum = 0;
    void add(double value);
    std::string lines(const std::string& name) const;
  };

  void choose_labels();

  mutable std::mutex mutex_;
  std::map<std::string, TaskCounts> tasks_;
  std::map<std::string, uint64_t> labelled_;  // with what was answered before it had its label
  TaskCounts all_;
  uint64_t lost_ = 0;  // answered, counted under labels that are no more
  std::map<std::pair<std::string, int>, uint64_t> requests_;  // by route and status
  Histogram request_seconds_, waiting_seconds_, computing_seconds_;
};

// "name 5", with a line that says what it is.
std::string metric_line(const std::string& name, const std::string& type, const std::string& help,
                        double value);

}  // namespace submask
