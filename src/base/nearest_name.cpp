#include "base/nearest_name.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include "base/fail.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

bool same_letter(char a, char b) {
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return lower(a) == lower(b);
}

constexpr size_t longest = 200;  // letters that are compared: a name may be a whole file

// Row by row: distances[j] is that of the letters of `a` so far and the first j of `b`.
size_t edit_distance(std::string_view a, std::string_view b) {
  a = a.substr(0, longest);
  b = b.substr(0, longest);
  std::vector<size_t> distances(b.size() + 1);
  std::iota(distances.begin(), distances.end(), 0U);
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = distances[0];
    distances[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (same_letter(a[i], b[j]) ? 0 : 1);
      diagonal = distances[j + 1];
      distances[j + 1] = std::min({replaced, distances[j] + 1, distances[j + 1] + 1});
    }
  }
  return distances.back();
}

// The dashes of an option are no likeness.
size_t letters_of(std::string_view name) {
  return name.size() - std::min(name.find_first_not_of('-'), name.size());
}

}  // namespace

std::string nearest_name(std::string_view wrong, const std::vector<std::string>& known) {
  std::string nearest;
  size_t least = SIZE_MAX;
  for (const std::string& name : known) {
    const size_t distance = edit_distance(wrong, name);
    if (distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

std::optional<std::string> similar_name(std::string_view wrong,
                                        const std::vector<std::string>& known) {
  const std::string nearest = nearest_name(wrong, known);
  const size_t letters = std::min(std::max(letters_of(wrong), letters_of(nearest)), longest);
  if (nearest.empty() || 2 * edit_distance(wrong, nearest) > letters) return std::nullopt;
  return nearest;
}

void fail_unknown(const std::string& expected, std::string_view wrong,
                  const std::vector<std::string>& known, const std::string& where_listed) {
  const auto similar = similar_name(wrong, known);
  fail_argument(expected + " (" + (similar ? *similar + "? " : "") + where_listed + ")",
                wrong.empty() ? "nothing" : shown_name(wrong));
}

}  // namespace submask
