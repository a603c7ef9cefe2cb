#include "learn/trim.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "backbone/network.h"
#include "base/ceil_div.h"
#include "base/fail.h"
#include "base/json_text.h"
#include "learn/training_checkpoint.h"
#include "mask/weight_set.h"

namespace submask {
namespace {

// The scores of a checkpoint under a prefix; empty where it lacks those of a unit.
TensorMap scores_under(const std::string& prefix, const TensorMap& state, const Task& task) {
  TensorMap scores;
  for (const UnitMask& unit : task.units) {
    const auto score = state.find(prefix + unit.name + ".score");
    if (score == state.end() || score->second.sizes() != at::IntArrayRef(unit.shape)) return {};
    scores[unit.name] = score->second.to(at::kFloat);
  }
  return scores;
}

// Whether every weight that is on has a higher score than every weight that is off.
bool give_mask(const TensorMap& scores, const Task& task) {
  float least_on = std::numeric_limits<float>::infinity(), most_off = -least_on;
  for (const UnitMask& unit : task.units) {
    const at::Tensor on = unpack_mask(unit), &score = scores.at(unit.name);
    const at::Tensor of_on = score.masked_select(on), of_off = score.masked_select(~on);
    if (of_on.numel() > 0) least_on = std::min(least_on, of_on.min().item<float>());
    if (of_off.numel() > 0) most_off = std::max(most_off, of_off.max().item<float>());
  }
  return least_on > most_off;
}

// The scores of all weights that are off, the lowest first.
at::Tensor scores_of_off(const TensorMap& scores, const Task& task) {
  std::vector<at::Tensor> off;
  for (const UnitMask& unit : task.units)
    off.push_back(scores.at(unit.name).masked_select(~unpack_mask(unit)));
  return std::get<0>(at::sort(at::cat(off)));
}

// The task with only those weights off whose score is below the threshold.
Task with_threshold(const Task& task, const TensorMap& scores, float threshold) {
  Task trimmed = task;
  for (UnitMask& unit : trimmed.units)
    unit = pack_mask(unit.name, scores.at(unit.name) >= threshold);
  return trimmed;
}

int64_t file_bytes(const PackedTask& packed) { return std::ssize(packed_task_bytes(packed)); }

}  // namespace

TensorMap scores_of_run(const std::filesystem::path& folder, const Task& task) {
  const TensorMap state = read_training_state(folder);
  for (const char* prefix : {"best.weights.", "weights."}) {
    TensorMap scores = scores_under(prefix, state, task);
    if (scores.size() == task.units.size() && give_mask(scores, task)) return scores;
  }
  fail_argument("scores that give this mask by one threshold (its run's --checkpoint)",
                "others, in " + (folder / "checkpoint.safetensors").string());
}

void record_trim(int64_t bytes, const std::string& facts, std::string& provenance) {
  using Json = nlohmann::ordered_json;
  Json record = Json::parse(provenance);
  const auto forget = [](Json& part) {
    for (const char* key : {"accuracy", "mean_class_accuracy", "n"}) part.erase(key);
  };
  forget(record);
  if (const auto fit = record.find("fit"); fit != record.end() && fit->is_object()) forget(*fit);
  record["trimmed"] = {{"bytes", bytes}};
  record["trimmed"].update(Json::parse(facts));
  provenance = json_text(record);
}

PackedTask trim_task(const Task& task, const TensorMap& scores, int64_t bytes, int64_t spare,
                     const Backbone& backbone, const PackOptions& options,
                     const std::function<void(Task& task)>& refresh) {
  const at::Tensor off = scores_of_off(scores, task);
  const auto with_off = [&](int64_t count) {
    const float threshold =
        count < off.numel() ? off[count].item<float>() : std::numeric_limits<float>::infinity();
    return with_threshold(task, scores, threshold);
  };
  PackedTask packed;
  // Refreshed statistics may take a few more bytes than the earlier ones, which fewer weights give.
  int64_t allowed = bytes - spare, fits = 0;
  do {
    int64_t too_many = off.numel() + 1;
    fits = 0;
    while (too_many - fits > 1) {
      const int64_t count = (fits + too_many) / 2;
      (file_bytes(pack_task(with_off(count), backbone, options)) <= allowed ? fits : too_many) =
          count;
    }
    Task trimmed = with_off(fits);
    refresh(trimmed);
    packed = pack_task(trimmed, backbone, options);
    const int64_t excess = file_bytes(packed) + spare - bytes;
    if (excess <= 0) return packed;
    allowed -= excess;
  } while (allowed > 0 && fits > 0);
  fail_argument(text("more --bytes than the ", file_bytes(packed) + spare,
                     " that the file takes with no weight off"),
                bytes);
}

TensorMap statistics_of(Backbone& backbone, const std::shared_ptr<const Dataset>& images,
                        const Transform& transform, const LoaderOptions& options,
                        const Task& task) {
  // Of momentum .1 the first statistics keep 3e-5.
  constexpr int64_t least_batches = 100;
  const at::NoGradGuard no_grad;
  const at::Device device = backbone.theta().begin()->second.device();
  WeightSet weights;
  apply_task(task, backbone, weights);
  weights.merge(copy_weights(backbone, {}));  // further buffers, which training mode changes too
  const WeightBinding binding(backbone, weights);
  Loader loader(images, transform, options);
  network_of(backbone).train();
  const int64_t passes = ceil_div(least_batches, std::max<int64_t>(1, loader.batches_per_epoch()));
  for (int64_t pass = 0; pass < passes; ++pass) {
    loader.start_epoch(pass);
    while (const auto batch = loader.next())
      backbone.features(normalise(batch->images().to(device), transform.preprocessing));
  }
  network_of(backbone).eval();
  TensorMap statistics;
  for (const auto& [name, statistic] : task.statistics)
    statistics[name] = backbone.buffers().at(name).detach().to(at::kCPU, at::kFloat).clone();
  return statistics;
}

void move_statistics(const TensorMap& before, const TensorMap& after, Task& task) {
  constexpr double least_variance = 1e-5;  // what batch norm adds to it
  constexpr std::string_view mean_suffix = "running_mean";
  for (auto& [name, mean] : task.statistics) {
    if (!name.ends_with(mean_suffix)) continue;
    const std::string of_variance =
        name.substr(0, name.size() - mean_suffix.size()) + "running_var";
    if (!task.statistics.contains(of_variance)) continue;
    at::Tensor& variance = task.statistics.at(of_variance);
    const at::Tensor growth =
        (after.at(of_variance) + least_variance) / (before.at(of_variance) + least_variance);
    mean = after.at(name) + (mean - before.at(name)) * growth.sqrt();
    variance = ((variance + least_variance) * growth - least_variance).clamp_min(0);
  }
}

}  // namespace submask
