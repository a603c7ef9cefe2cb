#include "mask/packed_statistics.h"

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/hash.h"

namespace submask {
namespace {

constexpr const char* mean_suffix = ".running_mean";
constexpr const char* variance_suffix = ".running_var";

bool is_alone(const std::string& name) {
  return name.ends_with(mean_suffix) || name.ends_with(variance_suffix);
}

// All of the norms, one after another: [V].
at::Tensor in_order(const std::vector<PackedTask::Norm>& norms, const TensorMap& statistics) {
  std::vector<at::Tensor> values;
  for (const PackedTask::Norm& norm : norms)
    for (const std::string& buffer : norm.buffers())
      values.push_back(statistics.at(buffer).to(at::kCPU, at::kFloat).reshape({-1}));
  return values.empty() ? at::empty({0}) : at::cat(values);
}

// A mean and the variance beside it are one norm.
std::vector<PackedTask::Norm> norms_of(const TensorMap& statistics) {
  std::vector<PackedTask::Norm> norms;
  for (const auto& [name, tensor] : statistics) {
    if (!is_alone(name) || tensor.dim() != 1)
      fail_argument("running means and variances of batch norms as statistics", name);
    const std::string norm = name.substr(0, name.rfind('.'));
    const auto mean = statistics.find(norm + mean_suffix);
    const auto variance = statistics.find(norm + variance_suffix);
    const bool pair = mean != statistics.end() && variance != statistics.end() &&
                      mean->second.sizes() == variance->second.sizes();
    if (!pair)
      norms.push_back({name, tensor.numel()});
    else if (name.ends_with(mean_suffix))
      norms.push_back({norm, tensor.numel()});
  }
  return norms;
}

// Whether these serve batch norm as the values do. Of a variance that has nearly vanished, a
// rounded difference from the backbone's leaves a number many times as large, or one below 0.
bool serve_as(const at::Tensor& restored, const at::Tensor& values,
              const std::vector<PackedTask::Norm>& norms) {
  constexpr double epsilon = 1e-5, most = 0.01;  // batch norm's; of the variance with it
  if (!at::isfinite(restored).all().item<bool>()) return false;
  const at::Tensor far = (restored - values).abs() > most * (values + epsilon);
  int64_t begin = 0;
  for (const PackedTask::Norm& norm : norms)
    for (const std::string& buffer : norm.buffers()) {
      if (buffer.ends_with(variance_suffix) &&
          far.narrow(0, begin, norm.channels).any().item<bool>())
        return false;
      begin += norm.channels;
    }
  return true;
}

uint64_t check_of(const at::Tensor& values) {
  XxHash64 hash;
  hash.update(Bytes(static_cast<const uint8_t*>(values.const_data_ptr()), values.nbytes()));
  return hash.value();
}

}  // namespace

std::vector<std::string> PackedTask::Norm::buffers() const {
  if (is_alone(name)) return {name};
  return {name + mean_suffix, name + variance_suffix};
}

void pack_statistics(const TensorMap& statistics, const Backbone* backbone, StatisticsForm form,
                     PackedTask& into) {
  into.norms = norms_of(statistics);
  into.statistics = in_order(into.norms, statistics);
  if (form == StatisticsForm::exact || backbone == nullptr || into.norms.empty()) return;
  const at::Tensor base = in_order(into.norms, backbone->pretrained_buffers());
  const at::Tensor differences = (into.statistics - base).to(at::kHalf);
  if (!serve_as(base + differences.to(at::kFloat), into.statistics, into.norms)) return;
  into.statistics = differences;
  into.statistics_base = check_of(base);
}

TensorMap statistics_shapes(const PackedTask& packed) {
  TensorMap shapes;
  for (const PackedTask::Norm& norm : packed.norms)
    for (const std::string& buffer : norm.buffers()) shapes[buffer] = at::empty({norm.channels});
  return shapes;
}

TensorMap unpack_statistics(const PackedTask& packed, const Backbone* backbone) {
  at::Tensor values = packed.statistics;
  if (values.scalar_type() == at::kHalf) {
    if (backbone == nullptr) fail_argument("the backbone that statistics differ from", "none");
    const at::Tensor base = in_order(packed.norms, backbone->pretrained_buffers());
    if (check_of(base) != packed.statistics_base)
      fail_argument("a backbone with the batch norm statistics that the task was packed with",
                    "others");
    values = base + values.to(at::kFloat);
  }
  TensorMap statistics;
  int64_t begin = 0;
  for (const PackedTask::Norm& norm : packed.norms)
    for (const std::string& buffer : norm.buffers()) {
      statistics[buffer] = values.narrow(0, begin, norm.channels).clone();
      begin += norm.channels;
    }
  return statistics;
}

}  // namespace submask
