#include "data/set/passed_over.h"

#include <algorithm>

#include "base/fail.h"
#include "base/quoted_name.h"

namespace submask {

std::string describe(const std::vector<PassedOver>& passed_over) {
  constexpr size_t most_shown = 3;
  std::string line;
  for (const PassedOver& files : passed_over) {
    std::string first;
    const size_t shown = std::min(files.first.size(), most_shown);
    for (size_t i = 0; i < shown; ++i) first += (i == 0 ? "" : ", ") + shown_name(files.first[i]);
    if (shown < files.first.size()) first += ", ...";
    line += text(line.empty() ? "" : "; ", files.what, ": ", files.count, " (", first, ")");
  }
  return line;
}

}  // namespace submask
