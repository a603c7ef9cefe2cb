#include "serve/engine/fill_memory.h"

#include <submask/error.h>

namespace submask {

bool fill_memory(const std::vector<TaskListing>& tasks, TaskMemory& memory,
                 const std::function<std::shared_ptr<const ServedFile>(const std::string&)>& open,
                 const std::function<bool()>& goes_on) {
  for (const TaskListing& task : tasks) {
    if (task.digest.empty() || task.is_unloaded ||
        memory.tier_of(task.file_name, task.digest) >= TaskTier::bits)
      continue;
    if (!memory.has_room(task.file_bytes)) return true;
    try {
      memory.keep_bits(*open(task.name));
    } catch (const Error&) {  // whoever asks for it is told
    }
    if (!goes_on()) return false;
  }
  return true;
}

}  // namespace submask
