#include "serve/engine/bounded_memory.h"

#include <atomic>
#include <gtest/gtest.h>
#include <thread>
#include <vector>

#include "error_of.h"

namespace submask {
namespace {

std::atomic<double> now = 0;  // of the memory's clock; making a value moves it

// A value that takes so many seconds to make.
std::function<BoundedMemory::Made()> slow(int value, uint64_t bytes, double seconds = 0) {
  return [=] {
    now += seconds;
    return BoundedMemory::Made{std::make_shared<int>(value), bytes};
  };
}

int get(BoundedMemory& memory, const std::string& key, uint64_t bytes, double seconds = 0) {
  return *memory.get<int>(key, bytes, slow(static_cast<int>(key[0]), bytes, seconds));
}

class TimedMemory : public BoundedMemory {
 public:
  explicit TimedMemory(uint64_t most_bytes)
      : BoundedMemory(most_bytes, [] { return now.load(); }) {}
};

TEST(BoundedMemory, KeepsWhatFits) {
  BoundedMemory memory(100);
  EXPECT_EQ(memory.find<int>("a"), nullptr);
  EXPECT_EQ(get(memory, "a", 60), 'a');
  EXPECT_EQ(get(memory, "b", 40), 'b');
  EXPECT_EQ(memory.used_bytes(), 100U);
  EXPECT_EQ(*memory.find<int>("a"), 'a');
  EXPECT_EQ(memory.count(), 2U);
}

TEST(BoundedMemory, LetsGoOfTheLeastRecentlyUsedOfAlikeValues) {
  TimedMemory memory(30);
  for (const char* key : {"a", "b", "c"}) get(memory, key, 10, 3);
  get(memory, "a", 10);
  get(memory, "d", 10, 3);
  get(memory, "e", 10, 3);
  EXPECT_EQ(memory.find<int>("b"), nullptr);
  EXPECT_EQ(memory.count(), 3U);
  EXPECT_EQ(memory.highest_bytes(), 30U);
}

TEST(BoundedMemory, KeepsWhatTookLongForItsBytes) {
  TimedMemory memory(100);
  get(memory, "slow", 10, 30);
  get(memory, "large", 80, 1);
  get(memory, "more", 80, 1);
  EXPECT_NE(memory.find<int>("slow"), nullptr);
  EXPECT_EQ(memory.find<int>("large"), nullptr);
}

TEST(BoundedMemory, ForgetsWhatWasSlowAndIsNotUsed) {
  TimedMemory memory(100);
  get(memory, "slow", 10, 10);                                                  // a second a byte
  for (int i = 0; i < 150; ++i) get(memory, "n" + std::to_string(i), 90, 0.9);  // a hundredth
  EXPECT_EQ(memory.find<int>("slow"), nullptr);
}

TEST(BoundedMemory, KeepsWhatIsHeld) {
  BoundedMemory memory(100);
  const auto held = memory.get<int>("a", 60, slow(1, 60));
  EXPECT_EQ(error_of(ErrorKind::unavailable, [&] { get(memory, "b", 50); }),
            "expected 50 bytes of memory (--memory), got 40 beside what is in use");
  EXPECT_EQ(get(memory, "c", 40), 'c');
  EXPECT_EQ(*held, 1);
  EXPECT_EQ(memory.used_bytes(), 100U);
}

TEST(BoundedMemory, CountsWhatWasMeasured) {
  BoundedMemory memory(100);
  memory.get<int>("a", 90, slow(1, 20));
  EXPECT_EQ(memory.used_bytes(), 20U);
  EXPECT_EQ(memory.highest_bytes(), 90U);
}

TEST(BoundedMemory, CountsNothingOfWhatWasNotMade) {
  BoundedMemory memory(100);
  EXPECT_THROW(memory.get<int>(
                   "a", 50, []() -> BoundedMemory::Made { throw std::runtime_error("not made"); }),
               std::runtime_error);
  EXPECT_EQ(memory.used_bytes(), 0U);
  EXPECT_EQ(get(memory, "a", 100), 'a');
}

TEST(BoundedMemory, ValuesMayHoldOthers) {
  struct Child {
    std::shared_ptr<const int> parent;
  };
  BoundedMemory memory(100);
  memory.get<Child>("child", 40, [&] {
    return BoundedMemory::Made{
        std::make_shared<Child>(Child{memory.get<int>("parent", 40, slow(1, 40))}), 40};
  });
  EXPECT_EQ(memory.count(), 2U);
  get(memory, "large", 60);  // the child goes, and lets go of its parent
  EXPECT_EQ(memory.find<Child>("child"), nullptr);
  EXPECT_EQ(*memory.find<int>("parent"), 1);
  get(memory, "all", 100);
  EXPECT_EQ(memory.count(), 1U);
  memory.get<Child>("other", 0, [&] {
    return BoundedMemory::Made{std::make_shared<Child>(Child{memory.find<int>("all")}), 0};
  });  // and both are there at the end
}

TEST(BoundedMemory, MakesAValueOnceForAllThreads) {
  BoundedMemory memory(1000);
  std::atomic<int> made = 0, wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        const std::string key(1, static_cast<char>('a' + n % 20));
        const auto value = memory.get<int>(key, 10, [&] {
          ++made;
          return BoundedMemory::Made{std::make_shared<int>(key[0]), 10};
        });
        if (*value != key[0]) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 20);
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(memory.used_bytes(), 200U);
}

TEST(BoundedMemory, HoldsItsBoundUnderThreads) {
  BoundedMemory memory(100);
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, i] {
      for (int n = 0; n < 500; ++n) {
        const std::string key(1, static_cast<char>('a' + (7 * n + i) % 26));
        if (get(memory, key, 20) != key[0]) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_LE(memory.highest_bytes(), 100U);
  EXPECT_EQ(memory.count(), 5U);
}

}  // namespace
}  // namespace submask
