#include "taskfile/statistics_form.h"

#include <algorithm>
#include <cmath>

#include "base/fail.h"
#include "base/half.h"
#include "base/hash.h"
#include "base/names.h"
#include "base/quoted_name.h"
#include "taskfile/array_bytes.h"
#include "taskfile/description_json.h"

namespace submask {
namespace {

constexpr const char* mean_suffix = ".running_mean";
constexpr const char* variance_suffix = ".running_var";

bool names_one_buffer(const std::string& name) {
  return name.ends_with(mean_suffix) || name.ends_with(variance_suffix);
}

// Lists the norms. A mean and a variance of one module and shape are one norm; otherwise a buffer
// is a norm alone.
std::vector<PackedNorm> norms_of(const ArrayMap& statistics) {
  std::vector<PackedNorm> norms;
  for (const auto& [name, array] : statistics) {
    if (!names_one_buffer(name) || !is_word(name) || array.shape.size() != 1 ||
        array.dtype != Dtype::f32)
      fail_argument(
          "running means and variances of batch norms as statistics, F32 [C]",
          text(quoted_name(name), " ", name_of(array.dtype), " ", in_brackets(array.shape)));
    const std::string norm = name.substr(0, name.rfind('.'));
    const auto mean = statistics.find(norm + mean_suffix);
    const auto variance = statistics.find(norm + variance_suffix);
    const bool pair = mean != statistics.end() && variance != statistics.end() &&
                      mean->second.shape == variance->second.shape;
    if (!pair)
      norms.push_back({name, array.shape[0]});
    else if (name.ends_with(mean_suffix))
      norms.push_back({norm, array.shape[0]});
  }
  return norms;
}

// Concatenates the buffers of all norms. find(name) returns one buffer's values.
std::vector<float> concatenate(const std::vector<PackedNorm>& norms, const auto& find) {
  std::vector<float> values;
  for (const PackedNorm& norm : norms)
    for (const std::string& buffer : norm.buffers()) {
      const std::span<const float> more = find(buffer);
      values.insert(values.end(), more.begin(), more.end());
    }
  return values;
}

std::vector<float> base_values(const std::vector<PackedNorm>& norms, const BaseStatistics& base) {
  for (const PackedNorm& norm : norms)
    for (const std::string& buffer : norm.buffers()) {
      const auto found = base.find(buffer);
      if (found == base.end() || std::ssize(found->second) != norm.channels)
        fail_argument(text("the backbone's ", buffer, " [", norm.channels, "]"),
                      found == base.end() ? "none" : text("[", found->second.size(), "]"));
    }
  return concatenate(norms, [&](const std::string& buffer) { return base.at(buffer); });
}

// Whether batch norm can use the restored values in place of the exact ones. Where a variance is
// nearly 0, its rounded difference from the backbone's variance may restore a number that is many
// times as large, or below 0.
bool near_enough(std::span<const float> restored, std::span<const float> values,
                 const std::vector<PackedNorm>& norms) {
  constexpr float epsilon = 1e-5F;        // batch norm adds it to the variance
  constexpr float largest_share = 0.01F;  // of the change, in variance + epsilon
  const auto is_far = [&](size_t i) {
    return std::fabs(restored[i] - values[i]) > largest_share * (values[i] + epsilon);
  };
  size_t i = 0;
  for (const PackedNorm& norm : norms)
    for (const std::string& buffer : norm.buffers())
      for (const size_t end = i + static_cast<size_t>(norm.channels); i < end; ++i)
        if (!std::isfinite(restored[i]) || (buffer.ends_with(variance_suffix) && is_far(i)))
          return false;
  return true;
}

uint64_t checksum_of(std::span<const float> values) {
  return xxh64({reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()});
}

int64_t size_of(const auto& values) { return static_cast<int64_t>(values.size()); }

// Tries to pack as differences, and tells whether they are near enough.
bool pack_differences(std::span<const float> values, std::span<const float> base,
                      PackedTask& into) {
  Array differences = make_array(Dtype::f16, {size_of(values)});
  std::vector<float> restored(values.size());
  const auto stored = differences.as<uint16_t>();
  for (size_t i = 0; i < values.size(); ++i) {
    stored[i] = float_to_half(values[i] - base[i]);
    restored[i] = base[i] + half_to_float(stored[i]);
  }
  if (!near_enough(restored, values, into.norms)) return false;
  into.statistics = std::move(differences);
  into.statistics_base = checksum_of(base);
  return true;
}

}  // namespace

std::vector<std::string> PackedNorm::buffers() const {
  if (names_one_buffer(name)) return {name};
  return {name + mean_suffix, name + variance_suffix};
}

void pack_statistics(const ArrayMap& statistics, const BaseStatistics* base, StatisticsForm form,
                     PackedTask& into) {
  into.norms = norms_of(statistics);
  const std::vector<float> values = concatenate(
      into.norms, [&](const std::string& buffer) { return statistics.at(buffer).as<float>(); });
  const bool as_differences = form == StatisticsForm::half && base != nullptr && !values.empty();
  if (as_differences && pack_differences(values, base_values(into.norms, *base), into)) return;
  into.statistics = make_array<float>(Dtype::f32, {size_of(values)}, values);
}

std::vector<float> restore_statistics(const PackedTask& packed,
                                      std::optional<std::vector<float>> base) {
  if (packed.statistics.dtype != Dtype::f16) {
    const auto stored = packed.statistics.as<float>();
    return {stored.begin(), stored.end()};
  }
  if (!base) fail_argument("the backbone that statistics differ from", "none");
  if (checksum_of(*base) != packed.statistics_base)
    fail_argument("a backbone with the batch norm statistics that the task was packed with",
                  "others");
  std::vector<float> values = std::move(*base);
  const auto differences = packed.statistics.as<uint16_t>();
  for (size_t i = 0; i < values.size(); ++i) values[i] += half_to_float(differences[i]);
  return values;
}

ArrayMap unpack_statistics(const PackedTask& packed, const BaseStatistics* base) {
  std::optional<std::vector<float>> in_order;
  if (base != nullptr && packed.statistics.dtype == Dtype::f16)
    in_order = base_values(packed.norms, *base);
  const std::vector<float> values = restore_statistics(packed, std::move(in_order));
  ArrayMap statistics;
  std::span<const float> left = values;
  for (const PackedNorm& norm : packed.norms)
    for (const std::string& buffer : norm.buffers()) {
      const auto channels = static_cast<size_t>(norm.channels);
      statistics[buffer] = make_array(Dtype::f32, {norm.channels}, left.first(channels));
      left = left.subspan(channels);
    }
  return statistics;
}

}  // namespace submask
