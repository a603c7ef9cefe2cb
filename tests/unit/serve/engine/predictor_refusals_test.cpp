#include <gmock/gmock.h>

#include "serve/served_files.h"

namespace submask {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class PredictorRefusals : public ServedFiles {
 protected:
  std::string refused_file(ErrorKind kind, const std::filesystem::path& file) {
    return error_of(kind, [&] { Predictor{file}; });
  }

  // What is selected by now stays selected.
  std::string refused_selection(ErrorKind kind, const std::filesystem::path& file) {
    return error_of(kind, [&] { predictor_.select(file); });
  }

  std::filesystem::path missing_ = scratch_folder() / "missing";
  Predictor predictor_{*backbone_};
};

TEST_F(PredictorRefusals, FilesThatAreMissingOrNoTask) {
  EXPECT_EQ(refused_file(ErrorKind::io, missing_),
            "cannot open " + missing_.string() + ": No such file or directory");
  const std::string text = text_file("no.task", "not a task");
  EXPECT_THAT(refused_file(ErrorKind::corrupt_file, text),
              AllOf(StartsWith("expected "), HasSubstr(", got "), EndsWith(", in " + text)));
  const std::string weights = plain_weights();
  EXPECT_THAT(refused_file(ErrorKind::corrupt_file, weights),
              AllOf(StartsWith("expected "), HasSubstr(", got "), EndsWith(", in " + weights)));
  predictor_.select(task_file("fine.task", {"a", "b", "c"}));
  const auto before = predictor_.predict(image_);
  EXPECT_EQ(refused_selection(ErrorKind::io, missing_), refused_file(ErrorKind::io, missing_));
  for (const std::string& file : {text, weights})
    EXPECT_EQ(refused_selection(ErrorKind::corrupt_file, file),
              refused_file(ErrorKind::corrupt_file, file));
  EXPECT_EQ(predictor_.classes(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(predictor_.predict(image_).front().probability, before.front().probability);
}

TEST_F(PredictorRefusals, TasksOfAnotherBackbone) {
  const auto other = Backbone::create("resnet20", 4);
  Task task = random_task(*other, 1, 0.9);
  task.preprocessing = other->info().preprocessing;
  task.head = linear_head();
  task.classes = {"x", "y", "z"};
  const auto file = scratch_folder() / "other.task";
  write_task(file, pack_task(task, *other));
  const std::string expected = "expected a task for resnet20 with weights " +
                               backbone_->identity() + ", got one for resnet20 with weights " +
                               other->identity();
  predictor_.select(task_file("fine.task", {"a", "b", "c"}));
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { predictor_.select(task); }), expected);
  EXPECT_EQ(refused_selection(ErrorKind::invalid_argument, file),
            expected + ", in " + file.string());
  EXPECT_EQ(refused_file(ErrorKind::invalid_argument, file), expected + ", in " + file.string());
  EXPECT_EQ(predictor_.classes(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(predictor_.predict(image_).size(), 3U);
}

TEST_F(PredictorRefusals, ACascadeOfAnotherBackbone) {
  const auto other = Backbone::create("resnet20", 4);
  Task member = random_task(*other, 1, 0.9);
  member.preprocessing = other->info().preprocessing;
  Cascade cascade;
  cascade.dispatcher = pack_task(member, *other);
  PackOptions options;
  options.parent = &member;
  cascade.experts = {pack_task(member, *other, options)};
  const int64_t width = other->info().feature_width;
  cascade.router.projection = {at::zeros({width}, at::kDouble), at::eye(1, width, at::kDouble),
                               at::ones({1}, at::kDouble)};
  cascade.router.kind = RouterKind::kmeans;
  cascade.router.parameters = {{"centres", at::zeros({1, 1}, at::kDouble)}};
  for (CascadeView* view : {&cascade.conditional, &cascade.unconditional})
    view->projection = {at::zeros({2 * width}), at::ones({1, 2 * width}), at::ones({1})};
  const auto file = scratch_folder() / "other.cascade";
  write_cascade(file, cascade);
  EXPECT_EQ(refused_selection(ErrorKind::invalid_argument, file),
            "expected a cascade for resnet20 with weights " + backbone_->identity() +
                ", got one for resnet20 with weights " + other->identity() + ", in " +
                file.string());
}

TEST_F(PredictorRefusals, BackbonesThatAFileMayNotName) {
  Task task = task_with(linear_head(), {"x", "y", "z"});
  const auto named = [&](const std::string& backbone) {
    task.backbone = backbone;
    const auto file = scratch_folder() / "named.task";
    write_task(file, pack_task(task));
    return file;
  };
  const auto program = named("torchscript:net.pt");
  EXPECT_EQ(refused_file(ErrorKind::invalid_argument, program),
            "expected a backbone to run the task over, because its own is a program that runs only "
            "where it is named, got torchscript:net.pt, in " +
                program.string());
  const auto unknown = named("resnet21");
  EXPECT_THAT(refused_file(ErrorKind::invalid_argument, unknown),
              AllOf(HasSubstr("expected a backbone"), HasSubstr("got resnet21"),
                    EndsWith(", in " + unknown.string())));
  EXPECT_THAT(error_of(ErrorKind::io, [&] { Predictor(small_task(1), missing_.string()); }),
              HasSubstr(missing_.string()));
}

TEST_F(PredictorRefusals, NeedsAHead) {
  predictor_.select(small_task(1));
  EXPECT_FALSE(predictor_.head().has_value());
  const at::Tensor input = at::zeros({1, 3, 32, 32});
  const std::string expected =
      "expected a head: one in the task file, or a classifier in the weight file, got none";
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { predictor_.predict(image_); }), expected);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { predictor_.logits(input); }), expected);
  EXPECT_EQ(predictor_.features(input).size(1), backbone_->info().feature_width);
}

TEST_F(PredictorRefusals, WhatIsNoImage) {
  predictor_.select(task_file("fine.task", {"a", "b", "c"}));
  EXPECT_EQ(error_of(ErrorKind::io, [&] { predictor_.predict(missing_); }),
            "cannot open " + missing_.string() + ": No such file or directory");
  const std::string text = text_file("no.png", "not an image");
  EXPECT_THAT(
      error_of(ErrorKind::corrupt_file, [&] { predictor_.predict(text); }),
      AllOf(StartsWith("expected a JPEG, PNG, WebP, BMP, GIF, TIFF, PGM or PPM image, got "),
            EndsWith(", in " + text)));
  const auto refused = [&](const Image& image) {
    return error_of(ErrorKind::invalid_argument, [&] { predictor_.predict(image); });
  };
  const std::string expected = "expected an image of width x height x 3 bytes, got ";
  EXPECT_EQ(refused({4, 4, std::vector<uint8_t>(47)}), expected + "4 x 4 and 47 bytes");
  EXPECT_EQ(refused({4, 4, std::vector<uint8_t>(16)}), expected + "4 x 4 and 16 bytes");
  EXPECT_EQ(refused({0, 0, {}}), expected + "0 x 0 and 0 bytes");
  EXPECT_EQ(refused({-1, -1, {1, 2, 3}}), expected + "-1 x -1 and 3 bytes");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [&] {
                       predictor_.features(at::zeros({1, 1, 32, 32}));
                     }),
            "expected images of shape [N,3,H,W], got [1,1,32,32]");
}

}  // namespace
}  // namespace submask
