#include "serve/api/serve_metrics.h"

#include <algorithm>
#include <utility>

#include "base/fail.h"
#include "base/field_form.h"

namespace submask {
namespace {

constexpr size_t most_labels = 20;
constexpr const char* others = "other";

std::string head_of(const std::string& name, const std::string& type, const std::string& help) {
  return "# HELP " + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
}

}  // namespace

std::string metric_line(const std::string& name, const std::string& type, const std::string& help,
                        double value) {
  return head_of(name, type, help) + name + " " + number_text(value) + "\n";
}

void ServeMetrics::Histogram::add(double value) {
  ++counts.at(static_cast<size_t>(std::ranges::lower_bound(bounds, value) - bounds.begin()));
  sum += value;
}

std::string ServeMetrics::Histogram::lines(const std::string& name) const {
  std::string all;
  uint64_t below = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    below += counts[i];
    const std::string bound = i < bounds.size() ? number_text(bounds[i]) : "+Inf";
    all += text(name, "_bucket{le=\"", bound, "\"} ", below, "\n");
  }
  return all + name + "_sum " + number_text(sum) + "\n" + name + "_count " + std::to_string(below) +
         "\n";
}

void ServeMetrics::count_answer(const std::string& task, const Answer& answer) {
  constexpr double ms = 1e-3;
  const std::lock_guard guard(mutex_);
  TaskCounts& counts = tasks_[task];
  if (labelled_.size() < most_labels && task != others) labelled_.emplace(task, counts.answered);
  for (TaskCounts* each : {&counts, &all_}) {
    ++each->answered;
    each->waited_s += ms * answer.waited_ms;
    each->computed_s += ms * answer.computed_ms;
  }
  waiting_seconds_.add(ms * answer.waited_ms);
  computing_seconds_.add(ms * answer.computed_ms);
}

void ServeMetrics::count_failure(const std::string& task) {
  const std::lock_guard guard(mutex_);
  ++tasks_[task].failed;
  ++all_.failed;
}

void ServeMetrics::count_request(const std::string& route, int status, double seconds) {
  const std::lock_guard guard(mutex_);
  ++requests_[{route, status}];
  request_seconds_.add(seconds);
}

TaskCounts ServeMetrics::of_task(const std::string& task) const {
  const std::lock_guard guard(mutex_);
  const auto found = tasks_.find(task);
  return found == tasks_.end() ? TaskCounts{} : found->second;
}

TaskCounts ServeMetrics::of_all() const {
  const std::lock_guard guard(mutex_);
  return all_;
}

void ServeMetrics::choose_labels() {
  std::vector<std::pair<uint64_t, std::string>> order;
  for (const auto& [name, counts] : tasks_)
    if (name != others && counts.answered > 0) order.emplace_back(counts.answered, name);
  const size_t chosen = std::min(most_labels, order.size());
  std::ranges::partial_sort(order, order.begin() + static_cast<ptrdiff_t>(chosen), std::greater());
  order.resize(chosen);
  std::map<std::string, uint64_t> labelled;
  for (const auto& [answered, name] : order) {
    const auto before = labelled_.find(name);
    labelled[name] = before == labelled_.end() ? answered : before->second;
  }
  for (const auto& [name, base] : labelled_)
    if (!labelled.contains(name)) lost_ += tasks_[name].answered - base;
  labelled_ = std::move(labelled);
}

std::string ServeMetrics::lines() {
  const std::lock_guard guard(mutex_);
  std::string all = head_of("submask_answers_total", "counter", "Images answered, by task");
  uint64_t rest = all_.answered - lost_;
  for (const auto& [name, base] : labelled_) {
    const uint64_t answered = tasks_[name].answered - base;
    rest -= answered;
    all += "submask_answers_total{task=\"" + name + "\"} " + std::to_string(answered) + "\n";
  }
  all += text("submask_answers_total{task=\"", others, "\"} ", rest, "\n");
  choose_labels();  // from the next time on
  all += metric_line("submask_failures_total", "counter", "Images that got an error",
                     static_cast<double>(all_.failed));
  all += head_of("submask_requests_total", "counter", "Requests, by route and status");
  for (const auto& [key, count] : requests_)
    all += "submask_requests_total{route=\"" + key.first + "\",status=\"" +
           std::to_string(key.second) + "\"} " + std::to_string(count) + "\n";
  const auto histogram = [&](const std::string& name, const std::string& help,
                             const Histogram& values) {
    all += head_of(name, "histogram", help) + values.lines(name);
  };
  histogram("submask_request_seconds", "From a request's headers to its response",
            request_seconds_);
  histogram("submask_queue_seconds", "That an image waited for its turn", waiting_seconds_);
  histogram("submask_compute_seconds", "That an image's batch took in the network",
            computing_seconds_);
  return all;
}

}  // namespace submask
