#include "parallel/process_place.h"

#include <gtest/gtest.h>
#include <map>

#include <submask/error.h>

namespace submask {
namespace {

std::optional<ProcessPlace> place(const std::map<std::string, const char*>& variables) {
  return process_place([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second;
  });
}

TEST(ProcessPlace, IsNoneWhereAProcessWasStartedAlone) {
  EXPECT_FALSE(place({}));
  EXPECT_FALSE(place({{"OMPI_COMM_WORLD_SIZE", "1"}, {"OMPI_COMM_WORLD_RANK", "0"}}));
  // A batch script of Slurm is a step of one task, whatever the job asks for.
  EXPECT_FALSE(place({{"SLURM_NTASKS", "4"}, {"SLURM_PROCID", "0"}}));
}

TEST(ProcessPlace, ReadsOpenMpisVariables) {
  const auto found = place({{"OMPI_COMM_WORLD_SIZE", "4"},
                            {"OMPI_COMM_WORLD_RANK", "3"},
                            {"OMPI_COMM_WORLD_LOCAL_RANK", "1"},
                            {"OMPI_COMM_WORLD_LOCAL_SIZE", "2"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rank, 3);
  EXPECT_EQ(found->size, 4);
  EXPECT_EQ(found->local_rank, 1);
  EXPECT_EQ(found->local_size, 2);
  EXPECT_EQ(found->launcher, Launcher::open_mpi);
}

TEST(ProcessPlace, NeedsPmixUnderSlurm) {
  std::map<std::string, const char*> variables = {{"SLURM_STEP_NUM_TASKS", "3"},
                                                  {"SLURM_PROCID", "1"},
                                                  {"SLURM_LOCALID", "1"},
                                                  {"SLURM_STEP_TASKS_PER_NODE", "2,1"}};
  EXPECT_EQ(place(variables)->launcher, Launcher::other);
  variables["PMIX_RANK"] = "1";
  const auto found = place(variables);
  EXPECT_EQ(found->launcher, Launcher::open_mpi);
  EXPECT_EQ(found->local_size, 2);
}

TEST(ProcessPlace, ReadsTorchrunsVariables) {
  const auto found = place({{"WORLD_SIZE", "2"}, {"RANK", "1"}, {"LOCAL_RANK", "1"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->rank, 1);
  EXPECT_EQ(found->local_rank, 1);
  EXPECT_EQ(found->launcher, Launcher::other);
}

TEST(ProcessPlace, RefusesWhatCannotBe) {
  const auto message = [](const std::map<std::string, const char*>& variables) {
    try {
      place(variables);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(message({{"WORLD_SIZE", "two"}}), "expected a number in WORLD_SIZE, got two");
  EXPECT_EQ(message({{"WORLD_SIZE", "2"}, {"RANK", "2"}}),
            "expected RANK below WORLD_SIZE 2, got 2");
  EXPECT_EQ(message({{"WORLD_SIZE", "2"}}),
            "expected RANK below WORLD_SIZE 2, got none (unset WORLD_SIZE for one process)");
  EXPECT_EQ(message({{"WORLD_SIZE", ""}}), "");
  EXPECT_EQ(message({{"OMPI_COMM_WORLD_SIZE", "-2"}}),
            "expected a number in OMPI_COMM_WORLD_SIZE, got -2");
}

}  // namespace
}  // namespace submask
