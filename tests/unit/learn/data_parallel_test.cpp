// Several processes, here threads, learn what one process learns from the same whole batches.
#include <cmath>
#include <gtest/gtest.h>
#include <mutex>

#include "learn/training_checkpoint.h"
#include "mask/optimizer.h"
#include "parallel/gradient_reducer.h"
#include "parallel/shares.h"
#include "parallel/thread_processes.h"
#include "self_supervised_toy.h"
#include "train_fixture.h"

namespace submask {
namespace {

// Scores on both sides of the threshold, and a rate at which many of them cross it but a rounding
// of 1e-7 does not grow from step to step, as it does at higher ones.
TrainSettings gentle(TrainSettings settings) {
  settings.score_start = {ScoreStartKind::normal, 0.05, 0.05};
  settings.update.rate = 2;
  settings.head_update.rate = 0.01;
  return settings;
}

// The tasks that the ranks of a run learn, which must be one.
std::vector<Task> tasks_of(int processes, const TrainSettings& settings,
                           const TrainHooks& hooks = {}, uint64_t data_seed = 1) {
  std::vector<Task> tasks(static_cast<size_t>(processes));
  const auto learn = [&](int rank) {
    TrainSettings own = settings;
    if (rank > 0) own.checkpoint.clear();                  // as the program does
    const auto backbone = Backbone::load("resnet20", "");  // the embedded weights
    tasks[static_cast<size_t>(rank)] =
        train(*backbone, toy_splits(data_seed, true), own, hooks).task;
  };
  if (processes == 1)
    learn(0);
  else
    run_processes(processes, learn);
  return tasks;
}

// The share of weights that two masks of one network differ in.
double difference(const Task& a, const Task& b) {
  int64_t different = 0, count = 0;
  for (size_t i = 0; i < a.units.size(); ++i) {
    const at::Tensor first = unpack_mask(a.units[i]), second = unpack_mask(b.units.at(i));
    different += first.ne(second).sum().item<int64_t>();
    count += first.numel();
  }
  return static_cast<double>(different) / static_cast<double>(count);
}

class DataParallel : public Train {
 protected:
  void expect_one_task(const std::vector<Task>& tasks) {
    for (const Task& task : tasks) EXPECT_EQ(task_bytes(task), task_bytes(tasks.front()));
  }
  void expect_same_as_one_process(const TrainSettings& settings) {
    const Task alone = tasks_of(1, settings).front();
    // Other images give a mask that is told apart from this one.
    EXPECT_GT(difference(tasks_of(1, settings, {}, 2).front(), alone), 0.002);
    for (const int processes : {2, 4}) {
      const std::vector<Task> tasks = tasks_of(processes, settings);
      expect_one_task(tasks);
      EXPECT_LE(difference(tasks.front(), alone), 0.001) << processes;
    }
  }
};

// In float64 rounding reaches no score near its threshold: two epochs of masks over two layers.
std::vector<at::Tensor> float64_masks(int rank, int processes) {
  constexpr int64_t images = 48, batch = 12, width = 32;
  Random random({5});
  const auto doubles = [&random](at::IntArrayRef shape) {
    at::Tensor values = at::empty(shape, at::kDouble);
    for (int64_t i = 0; i < values.numel(); ++i) values.data_ptr<double>()[i] = random.normal();
    return values;
  };
  const at::Tensor inputs = doubles({images, width}), targets = doubles({images, width});
  std::vector<at::Tensor> parameters;
  std::vector<MaskedTensor> masked;
  for (const char* name : {"first", "second"}) {
    const at::Tensor theta = doubles({width, width}) / std::sqrt(double{width});
    parameters.push_back(theta.clone().requires_grad_(true));
    masked.push_back({{name, parameters.back(), theta, 0, width}, 0.3 * doubles({width, width})});
  }
  MaskOptimizer optimizer(masked, Criterion{}, UpdateSettings{.momentum = 0.9});
  GradientReducer reducer(communicator(), parameters, 1 << 12);
  for (int64_t begin = 0; begin < 2 * images; begin += batch) {
    const Share share = share_of(batch, rank, processes);
    const auto rows = [&](const at::Tensor& all) {
      return all.narrow(0, begin % images + share.begin, share.end - share.begin);
    };
    reducer.start();
    const at::Tensor outputs = rows(inputs).mm(parameters[0].t()).tanh().mm(parameters[1].t());
    ((outputs - rows(targets)).square().sum() / batch).backward();
    reducer.finish();
    optimizer.step(0.05);
  }
  return {optimizer.mask(0), optimizer.mask(1)};
}

TEST(DataParallelMasks, AreBitForBitThoseOfOneProcessInFloat64) {
  const std::vector<at::Tensor> alone = float64_masks(0, 1);
  const auto on = alone[0].to(at::kDouble).mean().item<double>();
  EXPECT_GT(on, 0.1);
  EXPECT_LT(on, 0.9);
  for (const int processes : {2, 4})
    run_processes(processes, [&](int rank) {
      const std::vector<at::Tensor> masks = float64_masks(rank, processes);
      for (size_t i = 0; i < masks.size(); ++i) EXPECT_TRUE(at::equal(masks[i], alone[i])) << i;
    });
}

TEST_F(DataParallel, FrozenBatchNormGivesTheMaskOfOneProcess) {
  TrainSettings settings = gentle(short_settings(Method::fs));
  settings.update.rate = 6;
  settings.batch_norm = BatchNorm::frozen;
  expect_same_as_one_process(settings);
}

TEST_F(DataParallel, SyncBatchNormGivesTheMaskOfOneProcess) {
  TrainSettings settings = gentle(short_settings(Method::fs));
  settings.update.rate = 6;
  settings.sync_batch_norm = true;
  settings.accumulate = 2;
  settings.class_weights = ClassWeights::balanced;
  settings.bucket_mib = .1;
  expect_same_as_one_process(settings);
}

TEST_F(DataParallel, SwavGivesTheMaskOfOneProcess) {
  TrainSettings settings = gentle(toy_settings(Method::ssl_fs));
  settings.sync_batch_norm = true;
  expect_same_as_one_process(settings);
}

TEST_F(DataParallel, DinoGivesTheMaskOfOneProcess) {
  TrainSettings settings = gentle(toy_settings(Method::ssl_fs, SelfSupervised::dino));
  settings.sync_batch_norm = true;
  expect_same_as_one_process(settings);
}

TEST_F(DataParallel, FineTuningGivesTheWeightsOfOneProcess) {
  TrainSettings settings = short_settings(Method::fft);
  settings.sync_batch_norm = true;
  settings.update.rate = settings.head_update.rate = 0.001;
  std::vector<TensorMap> weights(3);
  const auto learn = [&](size_t place) {
    const auto backbone = Backbone::create("resnet20", 3);
    weights[place] = train(*backbone, toy_splits(), settings).state_dict;
  };
  learn(2);
  run_processes(2, [&](int rank) { learn(static_cast<size_t>(rank)); });
  for (const auto& [name, tensor] : weights[0]) {
    EXPECT_TRUE(at::equal(weights[1].at(name), tensor)) << name;
    EXPECT_LT((weights[2].at(name) - tensor).abs().max().item<double>(), 1e-3) << name;
  }
}

TEST_F(DataParallel, BucketsChangeNoBit) {
  TrainSettings settings = short_settings(Method::fs);
  const Task first = tasks_of(2, settings).front();
  settings.bucket_mib = .01;
  EXPECT_EQ(task_bytes(tasks_of(2, settings).front()), task_bytes(first));
}

TEST_F(DataParallel, LocalStatisticsAreAlikeOnAllProcesses) {
  expect_one_task(tasks_of(3, short_settings(Method::fs)));
}

// One rank alone is asked to stop, and all stop at that step; the same command goes on to the bits
// of the run without a stop.
TEST_F(DataParallel, StopsTogetherAndResumesToTheSameBits) {
  TrainSettings settings = short_settings(Method::fs);
  const Task whole = tasks_of(2, settings).front();
  settings.checkpoint = (folder_ / "checkpoint").string();
  std::mutex mutex;
  int batches = 0;
  TrainHooks hooks;
  hooks.should_stop = [&] {
    const std::lock_guard lock(mutex);
    return ++batches == 5;  // the third batch of one rank, whichever
  };
  EXPECT_EQ(error_of(ErrorKind::stopped, [&] { tasks_of(2, settings, hooks); }),
            "interrupted in epoch 1; the same command goes on from the checkpoint");
  const std::vector<Task> resumed = tasks_of(2, settings);
  expect_one_task(resumed);
  EXPECT_EQ(task_bytes(resumed.front()), task_bytes(whole));
}

TEST_F(DataParallel, ResumesWithAnotherNumberOfProcesses) {
  TrainSettings settings = gentle(toy_settings(Method::ssl_fs));
  settings.sync_batch_norm = true;
  const Task whole = tasks_of(1, settings).front();
  settings.checkpoint = (folder_ / "checkpoint").string();
  int batches = 0;
  TrainHooks hooks;
  hooks.should_stop = [&] { return ++batches == 7; };
  EXPECT_NE(error_of(ErrorKind::stopped, [&] { tasks_of(1, settings, hooks); }), "");
  const std::vector<Task> resumed = tasks_of(2, settings);
  expect_one_task(resumed);
  EXPECT_LE(difference(resumed.front(), whole), 0.001);
}

TEST_F(DataParallel, RefusesProcessesThatDiffer) {
  const auto message = [](const std::function<void(int, TrainSettings&, DataSplits&)>& change) {
    return error_of(ErrorKind::invalid_argument, [&] {
      run_processes(3, [&](int rank) {
        TrainSettings settings = short_settings(Method::fs);
        DataSplits data = toy_splits();
        change(rank, settings, data);
        const auto backbone = Backbone::create("resnet20", 3);
        train(*backbone, data, settings);
      });
    });
  };
  EXPECT_EQ(message([](int rank, TrainSettings& settings, DataSplits&) {
              if (rank == 2) settings.update.rate = 7;
            }),
            "expected the same rate on all processes: 50.0 as rank 0 has, got 7.0 on rank 2");
  EXPECT_EQ(
      message([](int rank, TrainSettings&, DataSplits& data) {
        if (rank == 1) data = toy_splits(9);
      }),
      "expected the same data on all processes: \"toy48-1\" as rank 0 has, got \"toy48-9\" on "
      "rank 1");
  EXPECT_EQ(
      message([](int, TrainSettings& settings, DataSplits&) { settings.input.batch_size = 16; }),
      "expected a --batch-size that 3 processes share evenly, got 16");
}

}  // namespace
}  // namespace submask
