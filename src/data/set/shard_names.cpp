#include "data/set/shard_names.h"

#include <algorithm>

#include "base/fail.h"
#include "base/glob.h"
#include "base/natural_order.h"
#include "base/parse_number.h"
#include "base/visit_folder.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

uint64_t parse_bound(std::string_view digits, const std::string& pattern) {
  const auto bound = parse_number<uint64_t>(digits);
  if (!bound) fail_argument("a range of shards {FIRST..LAST}", pattern);
  return *bound;
}

// Adds a name for each number of the first range in `rest`, and for those of the ranges after it.
// `rest` is the pattern with its earlier ranges written out.
void write_out(const std::string& pattern, const std::string& rest,
               std::vector<std::string>& names) {
  constexpr uint64_t most_shards = 1'000'000;
  const size_t open = rest.find('{'), close = rest.find('}', open), dots = rest.find("..", open);
  if (open == std::string::npos) {
    names.push_back(rest);
    return;
  }
  if (close == std::string::npos || dots > close)
    fail_argument("a range of shards {FIRST..LAST}", pattern);
  const std::string first = rest.substr(open + 1, dots - open - 1);
  const uint64_t begin = parse_bound(first, pattern);
  const uint64_t end = parse_bound(rest.substr(dots + 2, close - dots - 2), pattern);
  if (end < begin) fail_argument("a range of shards {FIRST..LAST}", pattern);
  if (end - begin >= most_shards)
    fail_argument(text("a pattern of at most ", most_shards, " shards"), pattern);
  for (uint64_t i = begin; i <= end; ++i) {
    std::string number = std::to_string(i);
    if (number.size() < first.size()) number.insert(0, first.size() - number.size(), '0');
    write_out(pattern, rest.substr(0, open) + number + rest.substr(close + 1), names);
    if (names.size() > most_shards)
      fail_argument(text("a pattern of at most ", most_shards, " shards"), pattern);
  }
}

std::vector<fs::path> list_matches(const fs::path& pattern) {
  const fs::path folder = pattern.has_parent_path() ? pattern.parent_path() : fs::path(".");
  std::vector<std::string> names;
  visit_folder(folder, [&](const fs::directory_entry& entry) {
    std::string name = entry.path().filename().string();
    if (glob_match(pattern.filename().string(), name)) names.push_back(std::move(name));
  });
  std::sort(names.begin(), names.end(), NaturalOrder());
  std::vector<fs::path> paths;
  for (const std::string& name : names) paths.push_back(folder / name);
  return paths;
}

}  // namespace

std::vector<fs::path> find_shards(const std::string& pattern) {
  std::vector<std::string> names;
  write_out(pattern, pattern, names);
  std::vector<fs::path> shards;
  for (const std::string& name : names) {
    if (name.find_first_of("*?") == std::string::npos) {
      shards.emplace_back(name);
      continue;
    }
    const auto matches = list_matches(name);
    shards.insert(shards.end(), matches.begin(), matches.end());
  }
  if (shards.empty()) fail(ErrorKind::io, "expected shards named ", pattern, ", got none");
  return shards;
}

}  // namespace submask
