#include "serve/api/answer_json.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

#include "serve/api/refusal.h"

namespace submask {
namespace {

double rounded_ms(double ms) { return std::round(ms * 1000) / 1000; }

at::Tensor unit(const at::Tensor& rows) {
  constexpr double smallest = 1e-12;
  return rows / rows.norm(2, -1, /*keepdim=*/true).clamp_min(smallest);
}

}  // namespace

std::string class_name(const ServedFile& file, int64_t number) {
  const auto& names = file.classes();
  const auto index = static_cast<size_t>(number);
  return index < names.size() ? names[index] : std::to_string(number);
}

// As `submask predict` computes them. A class may have a score of -infinity, all of them may not.
at::Tensor class_shares(const at::Tensor& scores) {
  if (!std::isfinite(scores.max().item<float>()))
    throw Refusal(400, "expected a task with finite scores of the image, got NaN or infinity");
  return scores.unsqueeze(0).softmax(1)[0];
}

Ranked ranked(const at::Tensor& row, int64_t top) {
  const auto [values, classes] = row.to(at::kDouble).topk(std::clamp<int64_t>(top, 0, row.numel()));
  Ranked result;
  for (int64_t i = 0; i < values.numel(); ++i) {
    result.values.push_back(values[i].item<double>());
    result.classes.push_back(classes[i].item<int64_t>());
  }
  return result;
}

Json NearestRows::of(const std::shared_ptr<const ServedFile>& file, const BankHead& bank,
                     const at::Tensor& features, int64_t count) {
  if (file_ != file) {
    unit_rows_ = unit(bank.features);
    file_ = file;
  }
  const Ranked nearest = ranked(unit_rows_.mv(unit(features)), std::min(count, bank.knn.k));
  Json list = Json::array();
  for (size_t i = 0; i < nearest.values.size(); ++i) {
    const int64_t row = nearest.classes[i];
    list.push_back({{"row", row},
                    {"label", class_name(*file, bank.labels[row].item<int64_t>())},
                    {"similarity", nearest.values[i]}});
  }
  return list;
}

Json answer_json(const JobAnswer& answer, int64_t top, int64_t neighbours, NearestRows& nearest) {
  if (const auto* error = std::get_if<std::exception_ptr>(&answer.outcome))
    std::rethrow_exception(*error);
  const auto& got = std::get<Answer>(answer.outcome);
  const ServedFile& file = *answer.file;
  if (!got.scores.defined())
    throw Refusal(400, "expected a task that has a head, got none in " + file.name);
  Json json = {{"task", file.name}, {"model_version", file.version}};
  const Ranked best = ranked(class_shares(got.scores), top);
  Json& predictions = json["predictions"] = Json::array();
  for (size_t i = 0; i < best.values.size(); ++i)
    predictions.push_back(
        {{"label", class_name(file, best.classes[i])}, {"score", best.values[i]}});
  const auto* bank = file.head ? std::get_if<BankHead>(&*file.head) : nullptr;
  if (neighbours > 0 && bank != nullptr)
    json["neighbours"] = nearest.of(answer.file, *bank, got.features, neighbours);
  json["batch"] = got.batch;
  json["queue_ms"] = rounded_ms(got.waited_ms);
  json["compute_ms"] = rounded_ms(got.computed_ms);
  return json;
}

}  // namespace submask
