// Lists of image files, lean enough for ten million of them in memory.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace submask {

// File names, each with a label. A file takes the bytes of its name and 16 more. Lists that are
// copied or selected from one another share the names. While one thread adds, no other may use the
// list or one that shares its names.
class LabelledFiles {
 public:
  void add(std::string_view name, int64_t label);  // throws invalid_argument from 4 GiB on

  size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  std::string_view name(size_t index) const;  // throws std::out_of_range, as label() does
  int64_t label(size_t index) const { return items_.at(index).label; }
  void set_label(size_t index, int64_t label);

  // Sorts the files from `begin` on in the natural order of their names.
  void sort_from(size_t begin);
  // The files of these numbers, in their order.
  LabelledFiles select(std::span<const size_t> indices) const;

 private:
  class Names;
  struct Item {
    const char* name;
    uint32_t name_bytes;
    int32_t label;
  };

  std::shared_ptr<Names> names_;
  std::vector<Item> items_;
};

// A data set's files, each name relative to its folder.
struct ListedFiles {
  LabelledFiles train, test;
  LabelledFiles validation = {};  // empty where it is a part of `train`
  std::vector<std::string> class_names;
};

// Whether a name from a foreign file leads to a path below the folder that it is joined to.
bool lies_below(std::string_view name);

}  // namespace submask
