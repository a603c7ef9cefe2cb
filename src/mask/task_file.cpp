#include <submask/task_file.h>

#include "base/fail.h"
#include "mask/sealed_file.h"
#include "mask/task_entries.h"
#include "mask/task_json.h"

namespace submask {

void write_task(const std::filesystem::path& path, const Task& task) {
  EntryList list;
  list.add_tensors("", task);
  list.add_masks("", task);
  write_sealed_file(path, task_format, list.entries(), task_to_json(task));
}

Task read_task(const std::filesystem::path& path) {
  const SealedFile stored(path, task_format);
  TaskReader reader(stored.description(), "", stored.path());
  for (const SafetensorsEntry& entry : stored.entries())
    if (!reader.take(entry)) fail_corrupt("tensors of a task", entry.name, stored.path());
  return reader.finish();
}

}  // namespace submask
