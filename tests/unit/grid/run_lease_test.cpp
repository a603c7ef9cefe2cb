#include "grid/run_lease.h"

#include <csignal>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fail.h"
#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

class RunLeaseTest : public testing::Test {
 protected:
  LeaseFolder leases() {
    LeaseOptions options;
    options.now = [this] { return now_; };
    return LeaseFolder(folder_, options);
  }

  void write(const std::string& content) const { std::ofstream(folder_ / "cell.lease") << content; }

  std::string content() const {
    std::ifstream file(folder_ / "cell.lease");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  size_t files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  const fs::path folder_ = fresh_folder("leases");
  double now_ = 1000;
};

TEST_F(RunLeaseTest, OnlyOneHoldsIt) {
  LeaseFolder ours = leases(), theirs = leases();
  auto lease = ours.take("cell");
  ASSERT_TRUE(lease);
  EXPECT_FALSE(lease->lost());
  EXPECT_FALSE(theirs.take("cell"));
  EXPECT_TRUE(theirs.take("another"));
  lease.reset();
  EXPECT_EQ(files(), 0U);
  EXPECT_TRUE(theirs.take("cell"));
}

// A lease whose holder was killed.
void leave_behind(LeaseFolder& leases) {
  const pid_t child = fork();
  if (child == 0) {
    const auto held = leases.take("cell");
    kill(getpid(), SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

TEST_F(RunLeaseTest, OfAKilledProcessIsTakenAtOnce) {
  LeaseFolder ours = leases();
  leave_behind(ours);
  ASSERT_TRUE(fs::exists(folder_ / "cell.lease"));
  EXPECT_TRUE(ours.take("cell"));
}

TEST_F(RunLeaseTest, OfAnotherMachineIsDeadOnceItStandsStill) {
  LeaseFolder ours = leases();
  write("elsewhere 17 99 1\n");
  EXPECT_FALSE(ours.take("cell"));
  now_ += 59;
  write("elsewhere 17 99 2\n");
  EXPECT_FALSE(ours.take("cell"));
  now_ += 59;
  EXPECT_FALSE(ours.take("cell"));
  now_ += 2;
  EXPECT_TRUE(ours.take("cell"));
}

TEST_F(RunLeaseTest, OfAnEarlierAttemptAtTheSameJobIsTakenAtOnce) {
  LeaseFolder other_job(folder_, {.job = "cluster:8"}), no_job = leases(),
                                                        same_job(folder_, {.job = "cluster:7"});
  write("elsewhere 17 99 cluster:7 1\n");
  EXPECT_FALSE(other_job.take("cell"));
  EXPECT_FALSE(no_job.take("cell"));
  EXPECT_TRUE(no_job.is_held("cell"));
  EXPECT_FALSE(same_job.is_held("cell"));
  const auto lease = same_job.take("cell");
  ASSERT_TRUE(lease);
  EXPECT_NE(content().find(" cluster:7 0"), std::string::npos);
  EXPECT_FALSE(no_job.take("cell"));
}

TEST_F(RunLeaseTest, RenewalsShow) {
  LeaseFolder ours = leases();
  const auto lease = ours.take("cell");
  const std::string before = content();
  lease->renew();
  EXPECT_NE(content(), before);
}

TEST_F(RunLeaseTest, WhoWasThoughtDeadKnowsIt) {
  LeaseFolder ours = leases();
  auto lease = ours.take("cell");
  fs::remove(folder_ / "cell.lease");
  EXPECT_TRUE(lease->lost());
  write("elsewhere 17 99 1\n");
  EXPECT_TRUE(lease->lost());
  lease.reset();
  EXPECT_TRUE(fs::exists(folder_ / "cell.lease"));
}

TEST_F(RunLeaseTest, DamagedOnesAreDeadOnceTheyStandStill) {
  LeaseFolder ours = leases();
  write("?");
  EXPECT_FALSE(ours.take("cell"));
  now_ += 61;
  EXPECT_TRUE(ours.take("cell"));
}

TEST_F(RunLeaseTest, OfManyProcessesOneTakesOver) {
  LeaseFolder ours = leases();
  leave_behind(ours);
  constexpr int processes = 8;
  std::vector<pid_t> children;
  for (int i = 0; i < processes; ++i) {
    children.push_back(fork());
    if (children.back() != 0) continue;
    const auto lease = ours.take("cell");
    std::ofstream{folder_ / text("tried", i)};
    while (!fs::exists(folder_ / "end")) usleep(1000);
    _exit(lease && !lease->lost() ? 1 : 0);
  }
  for (int i = 0; i < processes; ++i)
    while (!fs::exists(folder_ / text("tried", i))) usleep(1000);
  std::ofstream{folder_ / "end"};
  int holders = 0;
  for (const pid_t child : children) {
    int status = 0;
    waitpid(child, &status, 0);
    holders += WEXITSTATUS(status);
  }
  EXPECT_EQ(holders, 1);
}

}  // namespace
}  // namespace submask
