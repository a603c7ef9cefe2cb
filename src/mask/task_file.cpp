#include <submask/task_file.h>

#include "base/fail.h"
#include "mask/packed_entries.h"
#include "mask/sealed_file.h"
#include "mask/task_json.h"
#include "mask/task_seal.h"

namespace submask {
namespace {

EntryList make_entries(const PackedTask& task) {
  EntryList list;
  add_packed("", task, list);
  list.sort();
  return list;
}

template <typename Reader>
auto read_entries(const SealedFile& stored) {
  Reader reader(stored.description(), "", stored.path());
  for (const SafetensorsEntry& entry : stored.entries())
    if (!reader.take(entry)) fail_corrupt("tensors of a task", entry.name, stored.path());
  return reader.finish();
}

}  // namespace

void write_task(const std::filesystem::path& path, const PackedTask& task) {
  write_sealed_file(path, task_format, make_entries(task).entries(), packed_to_json(task),
                    task.signature);
}

PackedTask read_packed_task(const std::filesystem::path& path) {
  const SealedFile stored(path, task_format);
  if (stored.version() == "1") return pack_task(read_entries<TaskReader>(stored));
  auto task = read_entries<PackedReader>(stored);
  task.signature = stored.signature();
  return task;
}

std::string task_digest(const PackedTask& task) {
  return sealed_digest(make_entries(task).entries(), packed_to_json(task));
}

}  // namespace submask
