#include "taskfile/task_family.h"

#include <optional>

#include "base/fail.h"
#include "base/file_in_errors.h"

namespace submask {
namespace {

// The limit ends a chain of parents that leads back to itself.
constexpr int most_ancestors = 16;

UnpackedTask read_descendant(const std::filesystem::path& path, const Unpack& unpack, int depth);

std::optional<UnpackedTask> read_parent(const PackedTask& packed, const std::filesystem::path& path,
                                        const Unpack& unpack, int depth) {
  if (packed.parent_masks.empty()) return std::nullopt;
  const std::filesystem::path name = packed.parent_file;
  if (packed.parent_file.empty())
    fail_corrupt("a parent's file name", "none, as in a cascade", path.string());
  if (depth == most_ancestors)
    fail_corrupt(text("at most ", most_ancestors, " parents"), "more", path.string());
  UnpackedTask parent = read_descendant(path.parent_path() / name, unpack, depth + 1);
  const std::string masks = masks_identity(parent);
  if (masks != packed.parent_masks)
    fail_argument(text("the parent of ", path.string(), ", masks ", packed.parent_masks),
                  text(masks, ", in ", (path.parent_path() / name).string()));
  return parent;
}

UnpackedTask read_descendant(const std::filesystem::path& path, const Unpack& unpack, int depth) {
  const PackedTask packed = read_packed_task(path);
  const auto parent = read_parent(packed, path, unpack, depth);
  const std::string file = path.string();
  return with_file_in_errors(ErrorKind::invalid_argument, file, [&] {
    return with_file_in_errors(ErrorKind::corrupt_file, file,
                               [&] { return unpack(packed, parent ? &*parent : nullptr); });
  });
}

}  // namespace

UnpackedTask read_with_parents(const std::filesystem::path& path, const Unpack& unpack) {
  return read_descendant(path, unpack, 0);
}

}  // namespace submask
