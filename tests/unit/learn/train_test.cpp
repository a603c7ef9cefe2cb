#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <submask/train.h>

#include "base/names.h"
#include "base/option_error.h"
#include "learn/settings_record.h"
#include "train_fixture.h"

namespace submask {
namespace {

using testing::HasSubstr;

// Of the network under a task, or of the plain one by its own head.
double test_accuracy(Backbone& network, const Task* task) {
  const auto images = toy_splits().test;
  Predictor predictor(network);
  if (task != nullptr) predictor.select(*task);
  Loader loader(images, test_transform({}, predictor.preprocessing()), {.batch_size = 24});
  loader.start_epoch(0);
  const Batch batch = loader.next().value();
  const at::Tensor logits = predictor.logits(normalise(batch.images(), predictor.preprocessing()));
  return measure_accuracy(logits.argmax(1), batch.labels, 3).accuracy;
}

TEST_F(Train, LearningMoreTasksLeavesTheFirstBitIdentical) {
  const TensorMap theta = backbone_->theta();
  TensorMap before;
  for (const auto& [name, tensor] : theta) before[name] = tensor.clone();
  const Task a = train(*backbone_, toy_splits(1), short_settings(Method::fs)).task;
  const at::Tensor with_a = logits(a);
  const Task b = train(*backbone_, toy_splits(2), short_settings(Method::fs)).task;
  train(*backbone_, toy_splits(3), short_settings(Method::fft));
  const Task c = train(*backbone_, toy_splits(4), short_settings(Method::lp)).task;
  EXPECT_FALSE(at::equal(logits(b), with_a));
  EXPECT_EQ(logits(c).size(1), 3);
  EXPECT_TRUE(at::equal(logits(a), with_a));
  for (const auto& [name, tensor] : before)
    EXPECT_TRUE(at::equal(backbone_->theta().at(name), tensor)) << name;
  EXPECT_GT(a.masked_fraction(), 0);
}

TEST_F(Train, IsTheSameBitsAgainAndWithOtherWorkers) {
  TrainSettings settings = short_settings(Method::fs);
  const std::string first = task_bytes(train(*backbone_, toy_splits(), settings).task);
  settings.input.workers = 3;
  EXPECT_EQ(task_bytes(train(*backbone_, toy_splits(), settings).task), first);
  settings.seed = 1;
  EXPECT_NE(task_bytes(train(*backbone_, toy_splits(), settings).task), first);
}

// Stopped after every possible batch and resumed: the same bytes as without a stop.
TEST_F(Train, ResumesToTheSameBits) {
  std::vector<TrainSettings> variants = {short_settings(Method::fs)};
  variants[0].byte_price = 0.02;
  variants[0].price_by = PriceBy::coder;
  variants[0].bytes = 7000;
  for (const Method method : {Method::fs, Method::fft, Method::norm, Method::bias, Method::lora,
                              Method::sparse, Method::bitdelta})
    variants.push_back(short_settings(method));
  TrainSettings& norms = variants.emplace_back(short_settings(Method::fs));
  norms.update.rate = norms.norm_rate = 0.05;
  norms.unit_rates = true;
  TrainSettings& from = variants.emplace_back(short_settings(Method::fft));
  from.from_task = (folder_ / "first").string();
  write_task(from.from_task, pack_task(train(*backbone_, toy_splits(2), variants[1]).task));
  for (TrainSettings& settings : variants) {
    const std::string variant =
        text(name_of(settings.method), settings.byte_price, settings.norm_rate,
             settings.from_task.empty() ? "" : " from a task");
    if (!settings.bytes) settings.patience = 5;
    const TrainResult whole = train(*backbone_, toy_splits(1, true), settings);
    settings.checkpoint = (folder_ / variant).string();
    int stops = 0;
    for (;;) {
      int batches = 0;
      TrainHooks hooks;
      hooks.should_stop = [&] { return ++batches == 3; };
      try {
        const TrainResult resumed = train(*backbone_, toy_splits(1, true), settings, hooks);
        EXPECT_EQ(task_bytes(resumed.task), task_bytes(whole.task)) << variant;
        for (const auto& [name, tensor] : whole.state_dict)
          EXPECT_TRUE(at::equal(resumed.state_dict.at(name), tensor)) << name;
        break;
      } catch (const Error& error) {
        ASSERT_EQ(error.kind(), ErrorKind::stopped) << error.what();
        ASSERT_LT(++stops, 10);
      }
    }
    EXPECT_EQ(stops, 2) << variant;  // 8 batches, a stop at each third
  }
}

TEST_F(Train, FindsThePriceOfAFileOfSoManyBytes) {
  TrainSettings settings = short_settings(Method::fs);
  settings.epochs = 4;
  settings.update.rate = 200;
  std::vector<std::string> notes;
  const auto bytes_of = [&](const TrainSettings& each) {
    TrainHooks hooks;
    hooks.note = [&](const std::string& line) { notes.push_back(line); };
    const TrainResult result = train(*backbone_, toy_splits(), each, hooks);
    return static_cast<int64_t>(packed_task_bytes(pack_task(result.task, *backbone_)).size());
  };
  const int64_t free = bytes_of(settings);
  TrainSettings no_mask = settings;
  no_mask.update.rate = 1e-9;
  const int64_t others = bytes_of(no_mask);
  ASSERT_GT(free, others + 4000) << "a mask that takes nothing shows nothing";
  for (const auto& [share, by] : {std::pair(0.3, PriceBy::uniform), {0.7, PriceBy::coder}}) {
    settings.bytes = others + std::llround(share * static_cast<double>(free - others));
    settings.price_by = by;
    const auto wanted = static_cast<double>(*settings.bytes);
    for (const int64_t later : {0, 600}) {
      settings.later_bytes = later;
      EXPECT_NEAR(static_cast<double>(bytes_of(settings) + later), wanted, 0.05 * wanted) << share;
    }
  }
  settings.later_bytes = 0;
  settings.bytes = 2 * free;
  EXPECT_LE(bytes_of(settings), free + 400) << "no more weights are off than without a price";
  EXPECT_THAT(notes, testing::ElementsAre(HasSubstr("no weight is off after learning"),
                                          HasSubstr("its mask takes no more without a price")));
  settings.bytes = others / 2;
  EXPECT_THAT(refused(settings), HasSubstr("expected more --bytes than the "));
  settings.criterion_schedule = CriterionSchedule{};
  EXPECT_THAT(refused(settings), HasSubstr("expected a threshold that stays, for --bytes to move"));
}

TEST_F(Train, RefusesTheCheckpointOfAnotherRun) {
  TrainSettings settings = short_settings(Method::fs);
  settings.checkpoint = (folder_ / "other").string();
  train(*backbone_, toy_splits(), settings);
  settings.update.rate = 5;
  EXPECT_THAT(refused(settings), HasSubstr(settings.checkpoint));
}

TEST_F(Train, StopsAtALossThatIsNotFinite) {
  TrainSettings settings = short_settings(Method::fft);
  settings.update.rate = 1e30;
  settings.checkpoint = (folder_ / "nan").string();
  EXPECT_THAT(error_of(ErrorKind::corrupt_file, [&] { train(*backbone_, toy_splits(), settings); }),
              HasSubstr("epoch 1, step 2"));
}

// What a run hands over tells the test images apart: the task of a mask or a probe, over the
// backbone, and for fine-tuning the state dict.
TEST_F(Train, RefusesToLearnNormsThatAreNone) {
  const auto transformer = Backbone::create("vit_tiny_patch16_224", 5);
  TrainSettings settings = short_settings(Method::fs);
  settings.norm_rate = 0.1;
  EXPECT_THAT(
      error_of(ErrorKind::invalid_argument, [&] { train(*transformer, toy_splits(), settings); }),
      HasSubstr("expected a network with batch norms for --norm-rate, got vit_tiny_"));
}

TEST_F(Train, LearnsTheToy) {
  for (const Method method : {Method::fs, Method::fft, Method::lp}) {
    TrainSettings settings = short_settings(method);
    settings.epochs = 6;
    const TrainResult result = train(*backbone_, toy_splits(), settings);
    EXPECT_EQ(result.task.classes.size(), 3U) << name_of(method);
    EXPECT_EQ(result.state_dict.empty(), method != Method::fft) << name_of(method);
    if (result.state_dict.empty()) {
      EXPECT_GT(test_accuracy(*backbone_, &result.task), 0.8) << name_of(method);
      continue;
    }
    write_safetensors(folder_ / "tuned", result.state_dict, {});
    const auto tuned = Backbone::load("resnet20", (folder_ / "tuned").string());
    EXPECT_GT(test_accuracy(*tuned, nullptr), 0.8) << name_of(method);
  }
}

TEST_F(Train, StopsEarlyAndKeepsTheBestEpoch) {
  TrainSettings settings = short_settings(Method::fs);
  settings.epochs = 40;
  settings.patience = 2;
  const TrainResult result = train(*backbone_, toy_splits(1, true), settings);
  EXPECT_LT(result.epochs, 40);
  ASSERT_TRUE(result.best_validation_accuracy.has_value());
  Predictor predictor(*backbone_);
  predictor.select(result.task);
  LoaderOptions loader;
  const Features features =
      extract_features(*backbone_, toy_splits(1, true).validation,
                       test_transform(settings.input, backbone_->info().preprocessing), loader);
  EXPECT_DOUBLE_EQ(
      measure_accuracy(head_scores(result.task.head.value(), features.values).argmax(1),
                       features.labels, 3)
          .accuracy,
      *result.best_validation_accuracy);
}

TEST_F(Train, StartsFromATasksMask) {
  TrainSettings settings = short_settings(Method::fs);
  const Task first = train(*backbone_, toy_splits(1), settings).task;
  write_task(folder_ / "first", pack_task(first));
  settings.from_task = (folder_ / "first").string();
  settings.update.rate = 1e-12;
  settings.epochs = 1;
  const Task second = train(*backbone_, toy_splits(2), settings).task;
  ASSERT_GT(first.masked_fraction(), 0);
  for (size_t i = 0; i < first.units.size(); ++i)
    EXPECT_EQ(first.units[i].bits, second.units[i].bits);
  settings.selection.stages = 1;
  const std::string refusal =
      error_of(ErrorKind::invalid_argument, [&] { train(*backbone_, toy_splits(2), settings); });
  EXPECT_NE(refusal.find("got a mask of layer2.0.conv1.weight, in "), std::string::npos) << refusal;
}

TEST_F(Train, FineTuningStartsFromATasksWeights) {
  TrainSettings settings = short_settings(Method::fs);
  const Task first = train(*backbone_, toy_splits(1), settings).task;
  ASSERT_GT(first.masked_fraction(), 0);
  settings = short_settings(Method::fft);
  settings.from_task = (folder_ / "first").string();
  settings.update.rate = 1e-12;
  settings.batch_norm = BatchNorm::frozen;
  settings.epochs = 1;
  write_task(settings.from_task, pack_task(first));
  const TensorMap state = train(*backbone_, toy_splits(2), settings).state_dict;
  for (const auto& [name, tensor] : export_state_dict(first, *backbone_))
    if (!name.starts_with(backbone_->info().head_name)) {
      EXPECT_TRUE(at::allclose(state.at(name), tensor)) << name;
    }

  Task other = first;
  other.weights_identity = std::string(64, '0');
  write_task(settings.from_task, pack_task(other));
  for (const Method method : {Method::fs, Method::fft}) {
    settings.method = method;
    try {
      train(*backbone_, toy_splits(2), settings);
      ADD_FAILURE() << "expected a task of another network to be refused";
    } catch (const OptionError& error) {
      EXPECT_EQ(error.option(), "from") << error.what();
    }
  }
}

TEST_F(Train, TunesOnTheValidationPart) {
  TrainSettings settings = short_settings(Method::fs);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] { tune_rate(*backbone_, toy_splits(), settings, 2); }),
            "expected a validation set (--validation) to tune on, got none");
  const auto trials = tune_rate(*backbone_, toy_splits(1, true), settings, 3);
  ASSERT_EQ(trials.size(), 3U);
  double best = 0, rate = 0;
  for (const TuneTrial& trial : trials)
    if (trial.validation_accuracy > best) best = trial.validation_accuracy, rate = trial.rate;
  EXPECT_EQ(settings.update.rate, rate);
}

TEST_F(Train, ATunedRateIsRecordedWithTheRatesThatWereTried) {
  TrainSettings tuned = short_settings(Method::fs);
  const DataSplits data = toy_splits(1, true);
  tuned.epochs = 1;
  nlohmann::json tried = nlohmann::json::array();
  for (const TuneTrial& trial : tune_rate(*backbone_, data, tuned, 2)) tried.push_back(trial.rate);
  const auto record = nlohmann::json::parse(train(*backbone_, data, tuned).task.provenance);
  EXPECT_EQ(record["settings"]["tune"], 2);
  EXPECT_EQ(record["settings"]["tuned_rates"], tried);
  TrainSettings given = tuned;
  given.tuned_rates.clear();
  EXPECT_FALSE(settings_record(given, *backbone_).contains("tune"));
  EXPECT_NE(run_fingerprint(tuned, data, *backbone_), run_fingerprint(given, data, *backbone_));
}

TEST_F(Train, TheRecordTellsValidationImagesApart) {
  const TrainSettings settings = short_settings(Method::fs);
  const auto record = [&](const DataSplits& data) {
    return nlohmann::json::parse(train(*backbone_, data, settings).task.provenance);
  };
  DataSplits data = toy_splits(1);
  EXPECT_FALSE(record(data).contains("validation_digest"));
  for (const uint64_t seed : {2, 3}) {
    data.validation = toy_splits(seed).test;
    EXPECT_EQ(record(data)["validation_digest"], data.validation->digest());
  }
  EXPECT_NE(toy_splits(2).test->digest(), toy_splits(3).test->digest());
}

}  // namespace
}  // namespace submask
