#include "data/format/hdf5_tree.h"

#include "base/fail.h"

namespace submask {
namespace {

constexpr uint64_t address_bytes = 8;

class Hdf5TreeWalk {
 public:
  Hdf5TreeWalk(const Hdf5File& file, Hdf5TreeType type, uint64_t key_bytes,
               const std::function<void(Hdf5Fields, uint64_t)>& visit)
      : file_(file),
        type_(type),
        key_bytes_(key_bytes),
        visit_(visit),
        children_left_(file.size_bytes() / (key_bytes + address_bytes)) {}

  // Levels fall from node to child, so the calls nest no deeper than the level of the root.
  void walk(uint64_t address, uint64_t highest_level) {
    Hdf5Fields node = file_.fields_at(address);
    node.expect_signature("TREE", "a node of a tree");
    const uint64_t type = node.number(1), level = node.number(1), children = node.number(2);
    if (type != static_cast<uint64_t>(type_))
      fail_corrupt(text("a tree of type ", static_cast<int>(type_)), type, file_.name());
    if (level > highest_level)
      fail_corrupt(text("a tree's level of at most ", highest_level), level, file_.name());
    node.take(2 * address_bytes);  // the nodes beside it
    for (uint64_t i = 0; i < children; ++i) {
      if (children_left_-- == 0)
        fail_corrupt("a tree that the file has room for", "more", file_.name());
      const Hdf5Fields key(node.take(key_bytes_), file_.name());
      const uint64_t child = node.number(address_bytes);
      if (level == 0)
        visit_(key, child);
      else
        walk(child, level - 1);
    }
  }

 private:
  const Hdf5File& file_;
  Hdf5TreeType type_;
  uint64_t key_bytes_;
  const std::function<void(Hdf5Fields, uint64_t)>& visit_;
  uint64_t children_left_;
};

}  // namespace

void visit_hdf5_tree(const Hdf5File& file, uint64_t root, Hdf5TreeType type, uint64_t key_bytes,
                     const std::function<void(Hdf5Fields key, uint64_t child)>& visit) {
  constexpr uint64_t highest_level = 16;
  Hdf5TreeWalk(file, type, key_bytes, visit).walk(root, highest_level);
}

}  // namespace submask
