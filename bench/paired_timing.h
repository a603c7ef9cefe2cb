// Two things timed in turn, so that a busy machine slows both alike: the median of the ratios of
// neighbouring rounds is steadier than either time.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace submask::bench {

double median(std::vector<double> values);  // of at least one

// Seconds by the steady clock, round for round.
struct PairedTimes {
  std::vector<double> ours;
  std::vector<double> theirs;

  // ours / theirs of each round.
  std::vector<double> ratios() const;
};

// One untimed round of both, then `rounds` timed ones; which of the two goes first alternates.
PairedTimes time_in_turn(int rounds, const std::function<void()>& ours,
                         const std::function<void()>& theirs);

double seconds_of(const std::function<void()>& work);

// The same for measures that time themselves, such as those of a child process: each returns
// seconds.
PairedTimes measure_in_turn(int rounds, const std::function<double()>& ours,
                            const std::function<double()>& theirs);

// Prints {"bench": name, "ours": ..., "theirs": ..., "ratio": ..., "unit": ...} as one line,
// followed by the quartiles of `ratios`, whose median is the ratio, and `settings`.
struct Result {
  std::string bench;
  double ours = 0;
  double theirs = 0;
  std::vector<double> ratios;
  std::string unit;
};
void print_result(const Result& result, const nlohmann::ordered_json& settings);

}  // namespace submask::bench
