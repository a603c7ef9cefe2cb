#include "serve/api/serve_metrics.h"

#include <gtest/gtest.h>
#include <map>

namespace submask {
namespace {

void answer(ServeMetrics& metrics, const std::string& task, int times) {
  for (int i = 0; i < times; ++i) metrics.count_answer(task, {.waited_ms = 2, .computed_ms = 7});
}

// Of "name{...} 5" or "name 5"; -1 where there is no such line.
double value_of(const std::string& lines, const std::string& series) {
  const size_t at = lines.find("\n" + series + " ");
  return at == std::string::npos ? -1 : std::stod(lines.substr(at + series.size() + 2));
}

std::string answers_of(const std::string& task) {
  return "submask_answers_total{task=\"" + task + "\"}";
}

TEST(ServeMetrics, CountsTasksAndRequests) {
  ServeMetrics metrics;
  answer(metrics, "a", 3);
  metrics.count_failure("a");
  metrics.count_request("/v1/x", 200, .004);
  metrics.count_request("/v1/x", 200, 20);
  metrics.count_request("/v1/x", 404, .0005);
  EXPECT_EQ(metrics.of_task("a").answered, 3U);
  EXPECT_EQ(metrics.of_task("a").failed, 1U);
  EXPECT_NEAR(metrics.of_task("a").computed_s, .021, 1e-12);
  EXPECT_EQ(metrics.of_task("b").answered, 0U);
  const std::string lines = metrics.lines();
  EXPECT_EQ(value_of(lines, "submask_failures_total"), 1);
  EXPECT_EQ(value_of(lines, "submask_requests_total{route=\"/v1/x\",status=\"200\"}"), 2);
  EXPECT_EQ(value_of(lines, "submask_request_seconds_bucket{le=\"0.001\"}"), 1);
  EXPECT_EQ(value_of(lines, "submask_request_seconds_bucket{le=\"0.005\"}"), 2);
  EXPECT_EQ(value_of(lines, "submask_request_seconds_bucket{le=\"10\"}"), 2);
  EXPECT_EQ(value_of(lines, "submask_request_seconds_bucket{le=\"+Inf\"}"), 3);
  EXPECT_EQ(value_of(lines, "submask_request_seconds_count"), 3);
  EXPECT_NEAR(value_of(lines, "submask_request_seconds_sum"), 20.0045, 1e-6);
}

// A series of Prometheus that falls is taken for a restart.
TEST(ServeMetrics, NeverCountsBackwards) {
  ServeMetrics metrics;
  for (int i = 0; i < 30; ++i) answer(metrics, "t" + std::to_string(i), 30 - i);
  std::map<std::string, double> before;
  for (int round = 0; round < 6; ++round) {
    const std::string lines = metrics.lines();
    const double others = value_of(lines, answers_of("other"));
    EXPECT_GE(others, before["other"]) << lines;
    before["other"] = others;
    int labels = 0;
    for (int i = 0; i < 30; ++i) {
      const std::string name = "t" + std::to_string(i);
      const double value = value_of(lines, answers_of(name));
      if (value < 0) {
        before.erase(name);
        continue;
      }
      ++labels;
      EXPECT_GE(value, before[name]) << name << " in round " << round;
      before[name] = value;
    }
    EXPECT_EQ(labels, 20);
    for (int i = 0; i < 30; ++i)
      answer(metrics, "t" + std::to_string(i), round % 2 == 0 ? 10 * i : 3);
  }
}

}  // namespace
}  // namespace submask
