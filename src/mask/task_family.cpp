// Tasks that are coded against others, whose files lie beside theirs.
#include <submask/task_file.h>

#include "base/fail.h"

namespace submask {
namespace {

// A chain of parents that leads back to itself ends here.
constexpr int deepest_family = 16;

Task read_descendant(const std::filesystem::path& path, const Backbone& backbone, int depth);

std::shared_ptr<const Task> parent_of(const PackedTask& packed, const std::filesystem::path& path,
                                      const Backbone& backbone, int depth) {
  if (packed.parent_masks.empty()) return nullptr;
  const std::filesystem::path name = packed.parent_file;
  if (depth == deepest_family)
    fail_corrupt(text("at most ", deepest_family, " parents"), "more", path.string());
  if (name.empty() || name != name.filename() || name == "." || name == "..")
    fail_corrupt("a parent's file name", "'" + packed.parent_file + "'", path.string());
  auto parent =
      std::make_shared<Task>(read_descendant(path.parent_path() / name, backbone, depth + 1));
  if (masks_identity(*parent) != packed.parent_masks)
    fail_argument(text("the parent of ", path.string(), ", masks ", packed.parent_masks),
                  text(masks_identity(*parent), ", in ", (path.parent_path() / name).string()));
  return parent;
}

Task read_descendant(const std::filesystem::path& path, const Backbone& backbone, int depth) {
  const PackedTask packed = read_packed_task(path);
  const auto parent = parent_of(packed, path, backbone, depth);
  try {
    return unpack_task(packed, backbone, parent.get());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::corrupt_file) throw;
    throw Error(error.kind(), text(error.what(), ", in ", path.string()));
  }
}

}  // namespace

std::shared_ptr<const Task> read_parent(const PackedTask& packed, const std::filesystem::path& path,
                                        const Backbone& backbone) {
  return parent_of(packed, path, backbone, 0);
}

Task read_task(const std::filesystem::path& path, const Backbone& backbone) {
  return read_descendant(path, backbone, 0);
}

}  // namespace submask
