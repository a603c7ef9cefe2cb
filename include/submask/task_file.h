// Packs tasks of tensors into their files and back (packed_task.h).
#pragma once

#include <filesystem>
#include <optional>

#include <submask/packed_task.h>
#include <submask/task.h>

namespace submask {

// Packs a task. Forms other than exact round it, and unpack_task() gives the rounded task. Throws
// invalid_argument for a task or a parent of another backbone, and for a head that its form cannot
// hold.
PackedTask pack_task(const Task& task, const Backbone& backbone, const PackOptions& options = {});

// Packs a task as plain bits and exact numbers, which needs no backbone.
PackedTask pack_task(const Task& task);

// Unpacks a task, on all threads. `parent` is the task against which it was coded; null where there
// is none. Throws invalid_argument for another backbone or parent, corrupt_file where the bits are
// not those that were packed.
Task unpack_task(const PackedTask& packed, const Backbone& backbone,
                 const TaskMasks* parent = nullptr);

// Unpacks a task that was packed without its backbone. Throws invalid_argument for other tasks, and
// corrupt_file as above.
Task unpack_task(const PackedTask& packed);

// Replaces the head by another, or by none, and removes the signature. Throws invalid_argument for
// a head that the form cannot hold.
void set_head(PackedTask& packed, const std::optional<Head>& head, HeadForm form = HeadForm::half);

// The head that the file holds.
std::optional<Head> packed_head(const PackedTask& packed);

// Does read_packed_task() and unpack_task(). The parent is read from the file that the task names,
// in the same folder. Throws as these do, and invalid_argument where the parent's file has other
// masks than the task was coded against.
Task read_task(const std::filesystem::path& path, const Backbone& backbone);

}  // namespace submask
