// What a reader finds where a data set's images are and does not take, counted by reason.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <submask/dataset.h>

#include "base/natural_order.h"

namespace submask {

struct PassReason {
  const char* what;      // in the plural
  bool is_loss = false;  // whether they may be images that the user misses
};

// By name, in a folder, an archive or a list: what macOS, Windows and others leave behind, and
// hidden files and folders.
inline bool is_leftover(std::string_view name) {
  constexpr std::string_view names[] = {"__MACOSX", "Thumbs.db",  "ehthumbs.db", "desktop.ini",
                                        "@eaDir",   "lost+found", "Icon\r"};
  for (const std::string_view known : names)
    if (name == known) return true;
  return name.starts_with('.');
}

// Whether any part of a path is.
inline bool leads_to_leftover(std::string_view path) {
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (part != "." && part != ".." && is_leftover(part)) return true;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

constexpr PassReason leftovers{"files and folders that systems left behind, or hidden ones"};

// "files of other kinds than images: 3 (a.txt, b.xml, c.xml); ...": in one line.
std::string describe(const std::vector<PassedOver>& passed_over);

class PassedOverFiles {
 public:
  void add(const PassReason& reason, const std::string& name, int64_t count = 1) {
    Names& names = by_reason_[reason.what];
    names.is_loss = reason.is_loss;
    names.count += count;
    names.first.insert(name);
    if (names.first.size() > most_named) names.first.erase(std::prev(names.first.end()));
  }

  std::vector<PassedOver> list() const {
    std::vector<PassedOver> list;
    for (const auto& [what, names] : by_reason_)
      list.push_back({what, names.count, {names.first.begin(), names.first.end()}, names.is_loss});
    return list;
  }

 private:
  static constexpr size_t most_named = 10;
  struct Names {
    int64_t count = 0;
    std::set<std::string, NaturalOrder> first;
    bool is_loss = false;
  };
  std::map<std::string, Names> by_reason_;
};

}  // namespace submask
