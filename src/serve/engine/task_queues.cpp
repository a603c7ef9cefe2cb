#include "serve/engine/task_queues.h"

#include <algorithm>
#include <cassert>
#include <iterator>

namespace submask {
namespace {

// Both have somebody waiting.
bool comes_before(const TaskQueue& one, const TaskQueue& other) {
  if (one.start != other.start) return one.start < other.start;
  return one.waiting.front().arrived < other.waiting.front().arrived;
}

}  // namespace

void TaskQueues::push(WaitingQuestion waiting) {
  ++images_;
  bytes_ += waiting.question.image.nbytes();
  TaskQueue& queue = queues_[waiting.question.file->digest];
  queue.file = waiting.question.file;
  if (queue.waiting.empty()) queue.start = std::max(queue.start, now_);
  queue.waiting.push_back(std::move(waiting));
}

TaskQueue* TaskQueues::next_to_load() {
  TaskQueue* next = nullptr;
  for (auto& [digest, queue] : queues_)
    if (queue.weights == TaskQueue::Weights::missing && !queue.waiting.empty() &&
        (next == nullptr || comes_before(queue, *next)))
      next = &queue;
  return next;
}

std::vector<WaitingQuestion> TaskQueues::finish_loading(const std::string& digest,
                                                        std::shared_ptr<const WeightSet> held) {
  TaskQueue& queue = queues_.at(digest);
  assert(queue.weights == TaskQueue::Weights::loading);
  std::vector<WaitingQuestion> failed;
  if (held == nullptr) {
    std::ranges::move(queue.waiting, std::back_inserter(failed));
    queue.waiting.clear();
    for (const WaitingQuestion& waiting : failed) count_out(waiting);
  }
  queue.weights = held == nullptr ? TaskQueue::Weights::missing : TaskQueue::Weights::ready;
  queue.held = std::move(held);
  let_go_if_empty(queue);
  return failed;
}

bool TaskQueues::give_back_farthest() {
  const TaskQueue* next = next_to_load();
  TaskQueue* farthest = nullptr;
  for (auto& [digest, queue] : queues_)
    if (queue.weights == TaskQueue::Weights::ready &&
        (farthest == nullptr || comes_before(*farthest, queue)))
      farthest = &queue;
  if (next == nullptr || farthest == nullptr || !comes_before(*next, *farthest)) return false;
  farthest->weights = TaskQueue::Weights::missing;
  farthest->held.reset();
  return true;
}

size_t TaskQueues::ready() const {
  return static_cast<size_t>(std::ranges::count_if(queues_, [](const auto& item) {
    return item.second.weights != TaskQueue::Weights::missing;
  }));
}

std::optional<TaskBatch> TaskQueues::next_batch(ServeClock::time_point now) {
  TaskQueue* turn = nullptr;
  for (auto& [digest, queue] : queues_) {
    if (queue.weights != TaskQueue::Weights::ready) continue;
    const bool is_due = std::ssize(queue.waiting) >= max_batch_ ||
                        queue.waiting.front().arrived + max_delay_ <= now;
    if (is_due && (turn == nullptr || comes_before(queue, *turn))) turn = &queue;
  }
  if (turn == nullptr) return std::nullopt;
  TaskBatch batch{turn->file, turn->held, {}};
  const auto count = std::min(std::ssize(turn->waiting), max_batch_);
  std::move(turn->waiting.begin(), turn->waiting.begin() + count,
            std::back_inserter(batch.questions));
  turn->waiting.erase(turn->waiting.begin(), turn->waiting.begin() + count);
  for (const WaitingQuestion& waiting : batch.questions) count_out(waiting);
  now_ = std::max(now_, turn->start);
  turn->start += static_cast<double>(count);
  let_go_if_empty(*turn);
  forget_old();
  return batch;
}

std::optional<ServeClock::time_point> TaskQueues::next_due() const {
  std::optional<ServeClock::time_point> due;
  for (const auto& [digest, queue] : queues_)
    if (queue.weights == TaskQueue::Weights::ready) {
      const auto time = queue.waiting.front().arrived + max_delay_;
      if (!due || time < *due) due = time;
    }
  return due;
}

std::vector<WaitingQuestion> TaskQueues::take_expired(ServeClock::time_point now) {
  std::vector<WaitingQuestion> expired;
  for (auto& [digest, queue] : queues_) {
    const auto end = std::stable_partition(
        queue.waiting.begin(), queue.waiting.end(), [&](const WaitingQuestion& waiting) {
          const Question& question = waiting.question;
          return question.deadline > now && !(question.is_given_up && *question.is_given_up);
        });
    if (end == queue.waiting.end()) continue;
    std::move(end, queue.waiting.end(), std::back_inserter(expired));
    queue.waiting.erase(end, queue.waiting.end());
    let_go_if_empty(queue);
  }
  for (const WaitingQuestion& waiting : expired) count_out(waiting);
  return expired;
}

std::vector<WaitingQuestion> TaskQueues::take_all() {
  std::vector<WaitingQuestion> all;
  for (auto& [digest, queue] : queues_) {
    std::ranges::move(queue.waiting, std::back_inserter(all));
    queue.waiting.clear();
    let_go_if_empty(queue);
  }
  for (const WaitingQuestion& waiting : all) count_out(waiting);
  return all;
}

void TaskQueues::count_out(const WaitingQuestion& waiting) {
  --images_;
  bytes_ -= waiting.question.image.nbytes();
}

// A task that is asked again soon finds its weights where they were: the slot keeps them.
void TaskQueues::let_go_if_empty(TaskQueue& queue) {
  if (!queue.waiting.empty() || queue.weights == TaskQueue::Weights::loading) return;
  queue.weights = TaskQueue::Weights::missing;
  queue.held.reset();
  queue.file.reset();
}

void TaskQueues::forget_old() {
  std::erase_if(queues_, [&](const auto& item) {
    const TaskQueue& queue = item.second;
    return queue.waiting.empty() && queue.weights == TaskQueue::Weights::missing &&
           queue.start <= now_;
  });
}

int64_t TaskQueues::tasks() const {
  return std::ranges::count_if(queues_,
                               [](const auto& item) { return !item.second.waiting.empty(); });
}

}  // namespace submask
