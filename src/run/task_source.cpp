#include "run/task_source.h"

#include <array>

#include <submask/packed_task.h>

#include "cascade/cascade.h"
#include "fetch/hub_files.h"

namespace submask {

std::string task_path(const std::string& task) {
  if (!task.starts_with("hf:")) return task;
  constexpr std::array endings{".task", ".cascade"};
  HubSpec spec = parse_hub_spec(task);
  const std::filesystem::path path = fetch_hub_file(spec, endings);
  constexpr int most_ancestors = 16;  // task_family() reads as many
  std::filesystem::path descendant = path;
  for (int i = 0; i < most_ancestors && !is_cascade_file(descendant); ++i) {
    const PackedTask packed = read_packed_task(descendant);
    if (packed.parent_file.empty()) break;
    spec.file = packed.parent_file;
    descendant = fetch_hub_file(spec, endings);
  }
  return path;
}

}  // namespace submask
