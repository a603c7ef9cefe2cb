#include "serve/engine/task_queues.h"

#include <gtest/gtest.h>
#include <map>
#include <set>

#include <ATen/ATen.h>

namespace submask {
namespace {

using std::chrono::milliseconds;

class TaskQueuesTest : public testing::Test {
 protected:
  TaskQueues queues_{4, milliseconds(2)};
  ServeClock::time_point start_ = ServeClock::now(), now_ = start_;
  std::map<std::string, std::shared_ptr<const ServedFile>> files_;

  void push(const std::string& task, int images = 1) {
    auto& file = files_[task];
    if (!file) {
      auto made = std::make_shared<ServedFile>();
      made->digest = task;
      file = made;
    }
    for (int i = 0; i < images; ++i)
      queues_.push({{file, at::zeros({3, 2, 2}, at::kByte)}, {}, now_});
  }

  void load_all() {
    while (TaskQueue* next = queues_.next_to_load()) {
      next->weights = TaskQueue::Weights::loading;
      queues_.finish_loading(next->file->digest, std::make_shared<WeightSet>());
    }
  }

  // "a4": four images of task a; "": none is due.
  std::string next() {
    const auto batch = queues_.next_batch(now_);
    return batch ? batch->file->digest + std::to_string(batch->questions.size()) : "";
  }
};

TEST_F(TaskQueuesTest, WaitsForWeights) {
  push("a", 4);
  EXPECT_EQ(next(), "");
  load_all();
  EXPECT_EQ(next(), "a4");
  EXPECT_EQ(queues_.images(), 0);
  EXPECT_EQ(queues_.bytes(), 0U);
  EXPECT_EQ(queues_.tasks(), 0);
}

TEST_F(TaskQueuesTest, WaitsForAFullBatchNoLongerThanItMay) {
  push("a", 3);
  load_all();
  EXPECT_EQ(next(), "");
  EXPECT_EQ(queues_.next_due(), start_ + milliseconds(2));
  now_ += milliseconds(2);
  EXPECT_EQ(next(), "a3");
  EXPECT_EQ(queues_.next_due(), std::nullopt);
}

TEST_F(TaskQueuesTest, TakesTheOldestFirst) {
  push("b");
  now_ += milliseconds(1);
  push("a");
  now_ += milliseconds(5);
  load_all();
  EXPECT_EQ(next(), "b1");
  load_all();
  EXPECT_EQ(next(), "a1");
}

TEST_F(TaskQueuesTest, OneTaskWithoutEndStarvesNoOther) {
  push("hot", 100);
  now_ += milliseconds(10);
  push("cold");
  now_ += milliseconds(10);
  load_all();
  EXPECT_EQ(next(), "hot4");
  load_all();
  EXPECT_EQ(next(), "cold1");
  EXPECT_EQ(next(), "hot4");
}

// It asks again as soon as it was answered, so that its queue is empty in between.
TEST_F(TaskQueuesTest, ATaskThatAsksAgainAtOnceWaitsForItsTurn) {
  push("hot", 4);
  for (const char* cold : {"a", "b", "c"}) push(cold);
  now_ += milliseconds(10);
  std::multiset<std::string> turns;
  for (int i = 0; i < 4; ++i) {
    load_all();
    const std::string turn = next();
    turns.insert(turn);
    if (turn == "hot4") push("hot", 4);
    now_ += milliseconds(10);
  }
  EXPECT_EQ(turns, (std::multiset<std::string>{"a1", "b1", "c1", "hot4"}));
}

TEST_F(TaskQueuesTest, ManyTasksThatAskOnceStarveNone) {
  for (int i = 0; i < 100; ++i) push("cold" + std::to_string(i));
  now_ += milliseconds(10);
  push("hot", 8);
  now_ += milliseconds(10);
  load_all();
  int before = 0;
  std::string turn;
  while ((turn = next()) != "hot4") ++before;
  EXPECT_EQ(before, 100);  // all of them came first, and wait for one image each
  for (int i = 0; i < 100; ++i) push("more" + std::to_string(i));
  now_ += milliseconds(10);
  load_all();
  before = 0;
  while ((turn = next()) != "hot4") ++before;
  EXPECT_LE(before, 100);
}

TEST_F(TaskQueuesTest, GivesBackTheWeightsOfTheFarthest) {
  push("near", 4);
  load_all();
  EXPECT_EQ(next(), "near4");
  push("near", 4);  // starts at 4 now
  load_all();
  push("soon");  // at 0
  EXPECT_EQ(queues_.ready(), 1U);
  EXPECT_TRUE(queues_.give_back_farthest());
  EXPECT_EQ(queues_.ready(), 0U);
  EXPECT_EQ(queues_.next_to_load()->file->digest, "soon");
  EXPECT_FALSE(queues_.give_back_farthest());
}

TEST_F(TaskQueuesTest, ReturnsTheQuestionsOfATaskThatDidNotLoad) {
  push("a", 3);
  queues_.next_to_load()->weights = TaskQueue::Weights::loading;
  push("a");
  EXPECT_EQ(queues_.finish_loading("a", nullptr).size(), 4U);
  EXPECT_EQ(queues_.images(), 0);
  EXPECT_EQ(queues_.next_to_load(), nullptr);
}

TEST_F(TaskQueuesTest, TakesOutWhatNobodyWaitsForAnyMore) {
  push("a", 1);
  const auto gone = std::make_shared<std::atomic<bool>>(true);
  const at::Tensor image = at::zeros({3, 2, 2}, at::kByte);
  queues_.push({{files_["a"], image, false, ServeClock::time_point::max(), gone}, {}, now_});
  queues_.push({{files_["a"], image, false, now_ + milliseconds(1)}, {}, now_});
  EXPECT_EQ(queues_.take_expired(now_).size(), 1U);
  EXPECT_EQ(queues_.take_expired(now_ + milliseconds(1)).size(), 1U);
  EXPECT_EQ(queues_.images(), 1);
  EXPECT_EQ(queues_.bytes(), 12U);
  EXPECT_EQ(queues_.take_all().size(), 1U);
  EXPECT_EQ(queues_.images(), 0);
}

TEST_F(TaskQueuesTest, HurriesInTheEnd) {
  push("a");
  load_all();
  EXPECT_EQ(next(), "");
  queues_.hurry();
  EXPECT_EQ(next(), "a1");
}

}  // namespace
}  // namespace submask
