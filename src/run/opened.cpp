#include "run/opened.h"

#include <algorithm>
#include <sched.h>
#include <thread>

#include <ATen/Context.h>
#include <ATen/Parallel.h>

#include "base/fail.h"
#include "base/names.h"
#include "base/option_error.h"
#include "data/set/data_fields.h"
#include "data/set/passed_over.h"
#include "fetch/fetch_weights.h"
#include "parallel/process_place.h"

namespace submask {
namespace {

// Finds an item by its key or opens it, and moves it to the front. Only the last few items are
// kept, because they take memory and open files.
template <typename Recent, typename Open>
auto& find_or_open(Recent& recent, const std::vector<std::string>& key, const Open& open) {
  constexpr size_t most_items = 4;
  for (size_t i = 0; i < recent.size(); ++i) {
    if (recent[i].first != key) continue;
    std::rotate(recent.begin(), recent.begin() + static_cast<std::ptrdiff_t>(i),
                recent.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    return recent.front().second;
  }
  recent.emplace_front(key, open());
  if (recent.size() > most_items) recent.pop_back();
  return recent.front().second;
}

// The cores that this process may use: those that its launcher bound it to, or else its share of
// the machine's.
int cores_of_process() {
  const int there = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  cpu_set_t bound;
  const bool known = sched_getaffinity(0, sizeof bound, &bound) == 0;
  const int usable = known ? CPU_COUNT(&bound) : there;
  const auto place = process_place();
  if (!place || usable < there) return std::max(1, std::min(usable, there));
  return std::max(1, there / std::max(1, place->local_size));
}

}  // namespace

void apply(const ComputeSettings& compute) {
  at::set_num_threads(compute.threads.value_or(cores_of_process()));
  const std::string& device = compute.device;
  if (device != "cpu" && !device.starts_with("cuda"))
    fail_argument("a --device: cpu or cuda[:N]", device);
  if (device != "cpu" && !at::hasCUDA())
    fail(ErrorKind::unavailable, "expected a CUDA device for --device ", device,
         ", got none on this machine or in this build");
  if (compute.precision == Precision::float16 && device == "cpu")
    fail_argument("float32 or bfloat16 as --precision on a CPU", "float16");
}

std::string weights_path(const std::string& weights, const std::string& backbone) {
  const bool is_known = weights == "auto" && !backbone.starts_with("torchscript:");
  return fetch_weights(weights, is_known ? backbone_info(backbone).published : "", backbone);
}

std::unique_ptr<Backbone> load_backbone(const BackboneSettings& settings,
                                        const ComputeSettings& compute,
                                        const std::string& task_backbone) {
  const std::string& name = settings.name.empty() ? task_backbone : settings.name;
  if (name.empty()) fail_argument("--backbone NAME (submask backbones lists them)", "none");
  if (settings.name.empty() && name.starts_with("torchscript:"))
    fail_argument(
        "--backbone torchscript:FILE, because the task's backbone is a program that runs only "
        "where it is named",
        "none");
  auto backbone = Backbone::load(name, weights_path(settings.weights, name), compute.precision,
                                 settings.checkpoint_key);
  backbone->to(at::Device(compute.device));
  backbone->set_precision(compute.precision);
  return backbone;
}

void tell_choices(const Backbone& backbone, const RunHooks& hooks) {
  if (!hooks.note) return;
  for (const std::string& line : backbone.checkpoint().notes) hooks.note(line);
}

void tell_choices(const DataSplits& data, const RunHooks& hooks) {
  if (!hooks.note) return;
  for (const std::string& line : data.notes) hooks.note(line);
  if (!data.passed_over.empty()) hooks.note("passed over: " + describe(data.passed_over));
}

DataSplits open_data(const DataOptions& data, const ComputeSettings& compute) {
  DataOptions options = data;
  options.seed = compute.seed;
  return open_data(options);
}

Backbone& Opened::backbone(const BackboneSettings& settings, const ComputeSettings& compute,
                           const std::string& task_backbone) {
  const std::string& name = settings.name.empty() ? task_backbone : settings.name;
  const std::vector<std::string> key = {name, settings.weights, settings.checkpoint_key,
                                        name_of(compute.precision), compute.device};
  // Where a file is named, it is at fault but for an unknown backbone.
  const char* option = settings.weights.empty() ? "backbone" : "weights";
  return *find_or_open(backbones_, key, [&] {
    if (!name.empty() && !name.starts_with("torchscript:"))
      with_option_in_errors("backbone", [&] { backbone_info(name); });
    return with_option_in_errors(option,
                                 [&] { return load_backbone(settings, compute, task_backbone); });
  });
}

DataSplits Opened::data(const DataOptions& data, const ComputeSettings& compute) {
  std::vector<std::string> key = arguments_of<DataOptions>({data_fields()}, data, DataOptions{});
  key.push_back(std::to_string(compute.seed));
  return find_or_open(data_, key, [&] {
    return with_option_in_errors("data", [&] { return open_data(data, compute); });
  });
}

RunData open_run_data(const RunSpec& spec, Opened& opened) {
  const auto* learn = std::get_if<LearnSpec>(&spec.work);
  RunData data;
  data.measured = opened.data(spec.data, spec.compute);
  if (learn == nullptr || !learns_without_labels(learn->method)) {
    data.learned = data.measured;
    return data;
  }
  DataOptions unlabelled = spec.data;
  unlabelled.labels.reset();
  data.learned = opened.data(unlabelled, spec.compute);
  return data;
}

}  // namespace submask
