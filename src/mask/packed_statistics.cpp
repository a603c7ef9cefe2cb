#include "mask/packed_statistics.h"

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/hash.h"

namespace submask {
namespace {

constexpr const char* mean_suffix = ".running_mean";
constexpr const char* variance_suffix = ".running_var";

bool names_one_buffer(const std::string& name) {
  return name.ends_with(mean_suffix) || name.ends_with(variance_suffix);
}

// Concatenates the buffers of all norms: float32 [V].
at::Tensor concatenate(const std::vector<PackedTask::Norm>& norms, const TensorMap& statistics) {
  std::vector<at::Tensor> values;
  for (const PackedTask::Norm& norm : norms)
    for (const std::string& buffer : norm.buffers())
      values.push_back(statistics.at(buffer).to(at::kCPU, at::kFloat).reshape({-1}));
  return values.empty() ? at::empty({0}) : at::cat(values);
}

// Lists the norms. A mean and a variance of one module and shape are one norm; otherwise a buffer
// is a norm alone.
std::vector<PackedTask::Norm> norms_of(const TensorMap& statistics) {
  std::vector<PackedTask::Norm> norms;
  for (const auto& [name, tensor] : statistics) {
    if (!names_one_buffer(name) || tensor.dim() != 1)
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

// Whether batch norm can use the restored values in place of the exact ones. Where a variance is
// nearly 0, its rounded difference from the backbone's variance may restore a number that is many
// times as large, or below 0.
bool near_enough(const at::Tensor& restored, const at::Tensor& values,
                 const std::vector<PackedTask::Norm>& norms) {
  constexpr double epsilon = 1e-5;        // batch norm adds it to the variance
  constexpr double largest_share = 0.01;  // of the change, in variance + epsilon
  if (!at::isfinite(restored).all().item<bool>()) return false;
  const at::Tensor far = (restored - values).abs() > largest_share * (values + epsilon);
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

uint64_t checksum_of(const at::Tensor& values) {
  return xxh64({static_cast<const uint8_t*>(values.const_data_ptr()), values.nbytes()});
}

}  // namespace

std::vector<std::string> PackedTask::Norm::buffers() const {
  if (names_one_buffer(name)) return {name};
  return {name + mean_suffix, name + variance_suffix};
}

void pack_statistics(const TensorMap& statistics, const Backbone* backbone, StatisticsForm form,
                     PackedTask& into) {
  into.norms = norms_of(statistics);
  into.statistics = concatenate(into.norms, statistics);
  if (form == StatisticsForm::exact || backbone == nullptr || into.norms.empty()) return;
  const at::Tensor base = concatenate(into.norms, backbone->pretrained_buffers());
  const at::Tensor differences = (into.statistics - base).to(at::kHalf);
  if (!near_enough(base + differences.to(at::kFloat), into.statistics, into.norms)) return;
  into.statistics = differences;
  into.statistics_base = checksum_of(base);
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
    const at::Tensor base = concatenate(packed.norms, backbone->pretrained_buffers());
    if (checksum_of(base) != packed.statistics_base)
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
