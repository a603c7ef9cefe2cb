#include <algorithm>
#include <cmath>

#include "base/fail.h"
#include "base/joined.h"
#include "base/names.h"
#include "base/quoted_name.h"
#include "taskfile/array_bytes.h"

namespace submask {

std::string in_brackets(const std::vector<int64_t>& shape) {
  return text("[", joined(shape, ","), "]");
}

std::string listed(const ArrayMap& arrays) {
  std::string list;
  for (const auto& [name, array] : arrays)
    list += text(list.empty() ? "" : ", ", name, " ", in_brackets(array.shape));
  return list;
}

bool all_finite(const Array& array) {
  return std::ranges::all_of(array.as<float>(), [](float value) { return std::isfinite(value); });
}

Array read_array(const SafetensorsEntry& entry, const std::string& file) {
  const auto dtype = find_value<Dtype>(entry.dtype);
  if (!dtype)
    fail_corrupt(text(one_of(all_names<Dtype>()), " for ", quoted_name(entry.name)),
                 quoted_name(entry.dtype), file);
  return {*dtype, entry.shape, {entry.data.begin(), entry.data.end()}};
}

}  // namespace submask
