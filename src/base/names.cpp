#include "base/names.h"

#include "base/nearest_name.h"

namespace submask {

std::string one_of(const std::vector<std::string>& names) {
  std::string all;
  for (size_t i = 0; i < names.size(); ++i)
    all += (i == 0 ? "" : i + 1 == names.size() ? " or " : ", ") + names[i];
  return all;
}

void fail_no_value(const std::string& kind, const std::string& name,
                   const std::vector<std::string>& names) {
  fail_unknown(kind, name, names, one_of(names));
}

}  // namespace submask
