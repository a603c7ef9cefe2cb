#include "serve/api/lesson.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/json_text.h"
#include "base/quoted_name.h"
#include "base/utf8.h"
#include "serve/api/refusal.h"
#include "serve/http/multipart_form.h"

namespace submask {
namespace {

constexpr size_t most_lesson_images = 500, most_classes = 100, longest_label = 200;
constexpr int64_t most_folds = 20;

// "image:cat", or "image" with the parameter label=cat.
std::string label_of(const FormPart& part, const Call& call) {
  constexpr std::string_view prefix = "image:";
  if (part.name.starts_with(prefix)) return part.name.substr(prefix.size());
  const auto label = part.parameters.find("label");
  if (part.name != "image" || label == part.parameters.end())
    call.refuse_field("the fields image:LABEL", part.name);
  return label->second;
}

// With few examples as many neighbours as the smallest class has, so that it can win.
KnnOptions knn_for(const at::Tensor& labels) {
  constexpr int64_t most = 20;
  const at::Tensor counts = labels.bincount();
  KnnOptions options = knn_preset(KnnPreset::dino);
  options.k = std::clamp<int64_t>(counts.masked_select(counts > 0).min().item<int64_t>(), 1, most);
  return options;
}

Head fit(ProbeKind probe, const Features& features, int64_t classes, const KnnOptions& knn) {
  if (probe == ProbeKind::knn) return bank_head(features, classes, knn);
  LinearProbeOptions options;
  options.max_iterations = 300;  // somebody waits
  return fit_linear_probe(features, classes, options).head();
}

// The share of right answers by heads that were made without the images they are asked about: one
// image at a time where there are few, else in twenty parts. The only image of its class is not
// asked about, as nothing else could tell it. Nothing where no image is.
std::optional<double> accuracy_of(ProbeKind probe, const Features& features, int64_t classes,
                                  const KnnOptions& knn, int64_t folds,
                                  const std::function<void()>& check) {
  const int64_t count = features.labels.numel();
  const at::Tensor has_others = features.labels.bincount().index_select(0, features.labels) > 1;
  const auto judged = has_others.sum().item<int64_t>();
  if (judged == 0) return std::nullopt;
  int64_t right = 0;
  for (int64_t fold = 0; fold < folds; ++fold) {
    check();
    const at::Tensor is_asked =
        (at::arange(count).remainder(folds) == fold).logical_and(has_others);
    if (!is_asked.any().item<bool>()) continue;
    const at::Tensor known = is_asked.logical_not().nonzero().flatten(),
                     asked = is_asked.nonzero().flatten();
    const Features part{
        features.values.index_select(0, known), features.labels.index_select(0, known), {}};
    const Head head = fit(probe, part, classes, knn);
    const at::Tensor answers = head_scores(head, features.values.index_select(0, asked)).argmax(1);
    right += (answers == features.labels.index_select(0, asked)).sum().item<int64_t>();
  }
  return static_cast<double>(right) / static_cast<double>(judged);
}

// The mask of the file, coded against nothing, and no head.
PackedTask base_of(const ServedFile& file, ServeParts& parts) {
  if (file.parent_file().empty()) return file.member(0);
  return pack_task(*parts.memory.bits(file, 0), parts.backbone);
}

}  // namespace

Lesson lesson_of(const Call& call) {
  Lesson lesson;
  const std::string_view type = call.request.header("content-type");
  if (!is_multipart_form(type))
    throw Refusal(415, "expected a form (multipart/form-data) with the fields image:LABEL, got " +
                           quoted_name(type));
  for (const FormPart& part : parse_multipart_form(type, call.request.body, most_lesson_images)) {
    const std::string label = label_of(part, call);
    if (label.empty() || label.size() > longest_label || in_one_line(label) != label ||
        !is_utf8(label))
      throw Refusal(400, text("expected a label of 1 to ", longest_label,
                              " printable bytes of UTF-8, got ", quoted_name(label)));
    const auto known = std::ranges::find(lesson.classes, label);
    lesson.labels.push_back(known - lesson.classes.begin());
    if (known == lesson.classes.end()) lesson.classes.push_back(label);
    lesson.images.push_back({name_of_file(part, lesson.images.size()), part.content});
  }
  if (lesson.classes.size() > most_classes)
    throw Refusal(400,
                  text("expected at most ", most_classes, " classes, got ", lesson.classes.size()));
  if (lesson.classes.size() < 2)
    throw Refusal(400, text("expected images of two classes or more, got ", lesson.classes.size()));
  return lesson;
}

std::shared_ptr<const ServedFile> plain_backbone(const Backbone& backbone) {
  Task task;
  task.backbone = backbone.info().name;
  task.weights_identity = backbone.identity();
  task.preprocessing = backbone.info().preprocessing;
  return parse_served_file(packed_task_bytes(pack_task(task, backbone)), backbone.info().name,
                           backbone);
}

void add_accuracy(const TaughtTask& taught, Json& json) {
  if (!taught.accuracy) return;
  json["accuracy"] = *taught.accuracy;
  json["folds"] = taught.folds;
}

TaughtTask teach(const Lesson& lesson, const at::Tensor& values, ProbeKind probe,
                 const ServedFile& file, ServeParts& parts, const std::function<void()>& check) {
  const Features features{values, at::tensor(lesson.labels), {}};
  const auto classes = std::ssize(lesson.classes);
  const KnnOptions knn = knn_for(features.labels);
  TaughtTask taught;
  taught.folds = std::min(features.labels.numel(), most_folds);
  taught.accuracy = accuracy_of(probe, features, classes, knn, taught.folds, check);
  PackedTask task = base_of(file, parts);
  task.classes = lesson.classes;
  set_head(task, fit(probe, features, classes, knn));
  Json record = {{"probe", name_of(probe)},
                 {"data", "images given to submask serve"},
                 {"labelled_images", lesson.images.size()},
                 {"task", file.name}};
  add_accuracy(taught, record);
  record_fit(json_text(record), task);
  taught.bytes = packed_task_bytes(task);
  return taught;
}

}  // namespace submask
