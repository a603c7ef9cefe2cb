// Trims a task to fewer bytes after it was learned: of the weights that are off, those whose scores
// lie nearest to the threshold are on again.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include <submask/dataset.h>
#include <submask/loader.h>
#include <submask/task_file.h>

namespace submask {

// The scores of a task's units by their names, float32, from the checkpoints of the run that
// learned it (TrainSettings::checkpoint): those of its best epoch or of its last. Throws
// invalid_argument where the folder has none that give this mask by one threshold; corrupt_file,
// io.
TensorMap scores_of_run(const std::filesystem::path& folder, const Task& task);

// Into a task's provenance: that it was trimmed to so many bytes, and `facts`, a JSON object, about
// the trimmed task. What was measured before is removed.
void record_trim(int64_t bytes, const std::string& facts, std::string& provenance);

// Packs the task into at most `bytes`, `spare` of them unused, with as many of its weights off as
// these allow. `refresh` brings the statistics of a task in line with its mask. Throws
// invalid_argument where what is no mask takes more bytes.
PackedTask trim_task(const Task& task, const TensorMap& scores, int64_t bytes, int64_t spare,
                     const Backbone& backbone, const PackOptions& options,
                     const std::function<void(Task& task)>& refresh);

// The running statistics that a task's network has for images: it passes over them in training
// mode, as often as running statistics need.
TensorMap statistics_of(Backbone& backbone, const std::shared_ptr<const Dataset>& images,
                        const Transform& transform, const LoaderOptions& loader, const Task& task);

// Moves a task's statistics as those of images move with its mask, from `before` to `after`, so
// that where the task's mean lies by a number of deviations beside that of images it goes on doing
// so. Its head was learned or fitted with the task's own, which crops, momentum and norms that
// learned (learned_norms.h) make different.
void move_statistics(const TensorMap& before, const TensorMap& after, Task& task);

}  // namespace submask
