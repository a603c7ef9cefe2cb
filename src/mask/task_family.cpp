// Reads tasks that are coded against a parent, whose file lies in the same folder.
#include <optional>

#include <submask/task_file.h>

#include "base/fail.h"
#include "base/file_in_errors.h"

namespace submask {
namespace {

// The limit ends a chain of parents that leads back to itself.
constexpr int most_ancestors = 16;

Task read_descendant(const std::filesystem::path& path, const Backbone& backbone, int depth);

std::optional<Task> read_parent(const PackedTask& packed, const std::filesystem::path& path,
                                const Backbone& backbone, int depth) {
  if (packed.parent_masks.empty()) return std::nullopt;
  const std::filesystem::path name = packed.parent_file;
  if (depth == most_ancestors)
    fail_corrupt(text("at most ", most_ancestors, " parents"), "more", path.string());
  if (name.empty() || name != name.filename() || name == "." || name == "..")
    fail_corrupt("a parent's file name", "'" + packed.parent_file + "'", path.string());
  Task parent = read_descendant(path.parent_path() / name, backbone, depth + 1);
  const std::string masks = masks_identity(parent);
  if (masks != packed.parent_masks)
    fail_argument(text("the parent of ", path.string(), ", masks ", packed.parent_masks),
                  text(masks, ", in ", (path.parent_path() / name).string()));
  return parent;
}

Task read_descendant(const std::filesystem::path& path, const Backbone& backbone, int depth) {
  const PackedTask packed = read_packed_task(path);
  const std::optional<Task> parent = read_parent(packed, path, backbone, depth);
  return with_file_in_errors(ErrorKind::corrupt_file, path.string(), [&] {
    return unpack_task(packed, backbone, parent ? &*parent : nullptr);
  });
}

}  // namespace

Task read_task(const std::filesystem::path& path, const Backbone& backbone) {
  return read_descendant(path, backbone, 0);
}

}  // namespace submask
