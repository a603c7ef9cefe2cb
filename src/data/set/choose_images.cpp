#include "data/set/choose_images.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "base/fail.h"
#include "base/parse_number.h"

namespace submask {
namespace {

std::optional<std::string_view> without_ending(std::string_view text, std::string_view ending) {
  if (!text.ends_with(ending)) return std::nullopt;
  return text.substr(0, text.size() - ending.size());
}

std::vector<int64_t> first_of_each_class(const Dataset& dataset, const std::vector<int64_t>& order,
                                         int64_t limit) {
  std::vector<int64_t> taken(dataset.class_names().size()), chosen;
  for (const int64_t index : order)
    if (taken.at(static_cast<size_t>(dataset.label(index)))++ < limit) chosen.push_back(index);
  return chosen;
}

}  // namespace

std::vector<int64_t> choose_images(const Dataset& dataset, const std::string& count,
                                   Random random) {
  const auto fail_grammar = [&] {
    fail_argument(
        "a count of images (4000), a percentage (10p), a count a class (16/class), "
        "classes:NAME,... or file:FILE",
        count.empty() ? "nothing" : count);
  };
  if (auto named = named_images(dataset, count)) return *std::move(named);
  const int64_t size = dataset.size();
  std::vector<int64_t> chosen = random.permutation(size);
  if (const auto a_class = without_ending(count, "/class")) {
    const auto limit = parse_number<int64_t>(*a_class);
    if (!limit || *limit < 1) fail_grammar();
    chosen = first_of_each_class(dataset, chosen, *limit);
  } else if (const auto percent_text = without_ending(count, "p")) {
    const auto percent = parse_number<double>(*percent_text);
    if (!percent || !(*percent > 0 && *percent <= 100)) fail_grammar();
    const double images = std::round(static_cast<double>(size) * *percent / 100);
    chosen.resize(static_cast<size_t>(std::max(images, 1.0)));
  } else {
    const auto images = parse_number<int64_t>(count);
    if (!images || *images < 1) fail_grammar();
    if (*images > size) fail_argument(text("at most the ", size, " images there are"), *images);
    chosen.resize(static_cast<size_t>(*images));
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace submask
