#include "learn/training_checkpoint.h"

#include <fstream>
#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

class TrainingCheckpointFile : public testing::Test {
 protected:
  TrainingCheckpointFile() {
    TrainingPosition position;
    position.epoch = 3;
    position.loss_sum = 0.1;
    write_training_checkpoint(folder_, "run", position,
                              {{"score", at::arange(1000).to(at::kFloat)}});
  }

  void write_position(int64_t epoch, int64_t batch, int64_t best_epoch) const {
    TrainingPosition position;
    position.epoch = epoch;
    position.batch = batch;
    position.best_epoch = best_epoch;
    write_training_checkpoint(folder_, "run", position, {{"score", at::zeros({1})}});
  }

  std::string error_with(const std::string& run) const {
    try {
      read_training_checkpoint(folder_, run);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), run == "run" ? ErrorKind::corrupt_file : ErrorKind::invalid_argument);
      return error.what();
    }
    return "no error";
  }

  const fs::path folder_ = fresh_folder("checkpoint");
  const fs::path file_ = folder_ / "checkpoint.safetensors";
};

TEST_F(TrainingCheckpointFile, ReadsWhatWasWritten) {
  const auto checkpoint = read_training_checkpoint(folder_, "run");
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->position.epoch, 3);
  EXPECT_EQ(checkpoint->position.loss_sum, 0.1);
  EXPECT_TRUE(at::equal(checkpoint->state.at("score"), at::arange(1000).to(at::kFloat)));
  EXPECT_FALSE(read_training_checkpoint(fresh_folder("no_checkpoint"), "run"));
}

TEST_F(TrainingCheckpointFile, RefusesAnotherRun) {
  EXPECT_NE(error_with("other").find("expected a checkpoint of this run"), std::string::npos);
}

TEST_F(TrainingCheckpointFile, RefusesAFlippedBit) {
  std::fstream file(file_, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(-2000, std::ios::end);
  const auto place = file.tellg();
  const char changed = static_cast<char>(file.get() ^ 1);
  file.seekp(place);
  file.put(changed);
  file.close();
  EXPECT_NE(error_with("run").find("expected the checksum"), std::string::npos);
  EXPECT_NE(error_with("run").find(file_.string()), std::string::npos);
}

TEST_F(TrainingCheckpointFile, RefusesAPositionBeforeTheBeginning) {
  write_position(0, 0, -1);
  EXPECT_EQ(error_with("run"), "no error");
  write_position(-1, 0, -1);
  EXPECT_NE(error_with("run").find("a position with epoch from 0, got -1"), std::string::npos);
  write_position(0, -5, -1);
  EXPECT_NE(error_with("run").find("batch from 0, got -5"), std::string::npos);
  write_position(0, 0, -2);
  EXPECT_NE(error_with("run").find("best_epoch from -1, got -2"), std::string::npos);
}

}  // namespace
}  // namespace submask
