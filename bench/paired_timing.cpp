#include "bench/paired_timing.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>

#include <ATen/Parallel.h>

namespace submask::bench {
namespace {

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  const double position = share * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(position);
  const size_t above = std::min(below + 1, values.size() - 1);
  return std::lerp(values[below], values[above], position - static_cast<double>(below));
}

// Four significant digits are more than a shared machine repeats.
double rounded(double value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double unit = std::pow(10.0, 3 - std::floor(std::log10(std::abs(value))));
  return std::round(value * unit) / unit;
}

}  // namespace

double seconds_of(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double median(std::vector<double> values) { return quantile(std::move(values), .5); }

std::vector<double> PairedTimes::ratios() const {
  std::vector<double> ratios;
  for (size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / theirs[i]);
  return ratios;
}

PairedTimes measure_in_turn(int rounds, const std::function<double()>& ours,
                            const std::function<double()>& theirs) {
  PairedTimes times;
  ours();
  theirs();
  for (int round = 0; round < rounds; ++round) {
    if (round % 2 == 0) times.ours.push_back(ours());
    times.theirs.push_back(theirs());
    if (round % 2 == 1) times.ours.push_back(ours());
  }
  return times;
}

PairedTimes time_in_turn(int rounds, const std::function<void()>& ours,
                         const std::function<void()>& theirs) {
  return measure_in_turn(
      rounds, [&] { return seconds_of(ours); }, [&] { return seconds_of(theirs); });
}

void print_result(const Result& result, const nlohmann::ordered_json& settings) {
  nlohmann::ordered_json line = {
      {"bench", result.bench},
      {"ours", rounded(result.ours)},
      {"theirs", rounded(result.theirs)},
      {"ratio", rounded(median(result.ratios))},
      {"unit", result.unit},
      {"ratio_quartiles",
       {rounded(quantile(result.ratios, .25)), rounded(quantile(result.ratios, .75))}},
      {"rounds", result.ratios.size()},
      {"threads", at::get_num_threads()}};
  line.update(settings);
  std::cout << line.dump() << std::endl;
}

}  // namespace submask::bench
