// One request's questions: some tasks about some images. Tasks are opened one by one as their turn
// comes, so that all tasks of a large folder can be asked about an image.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/image.h>

#include "serve/api/work_pool.h"
#include "serve/engine/engine.h"
#include "serve/engine/task_folder.h"

namespace submask {

struct AskedImage {
  std::string name;  // in answers about several images
  // A file's bytes, which the request holds and which are decoded when it is their turn: a small
  // file may have many pixels. Or pixels; or a network's input: float32 [3, S, S], normalised.
  std::variant<std::string_view, Image, at::Tensor> content;
};

// A task by its name in the folder, or a file that came with the request.
using AskedTask = std::variant<std::string, std::shared_ptr<const ServedFile>>;

struct JobAnswer {
  std::shared_ptr<const ServedFile> file;  // null where the task could not be opened
  std::variant<Answer, std::exception_ptr> outcome;
};

struct PredictJob {
  std::vector<AskedTask> tasks;
  std::vector<AskedImage> images;
  DecodeRules rules = {};
  bool wants_features = false;
  ServeClock::time_point deadline = ServeClock::time_point::max();
  std::shared_ptr<const std::atomic<bool>> is_given_up = nullptr;
};

// Throws TooLate where nobody waits for its answers any more.
void check_time(const PredictJob& job);

// Runs a job from a thread of the pool, which has other work between two images of one job. Answers
// that are kept take 128 MiB at most: others are refused. `finished` is called once, in the pool,
// with the answers in order: those of the first task about all images, and so on. All arguments but
// the job must outlive it; `finished` holds the bytes of the images.
using JobFinished = std::function<void(const PredictJob&, std::vector<JobAnswer>)>;
void run_job(PredictJob job, TaskFolder& folder, Engine& engine, WorkPool& pool,
             JobFinished finished);

}  // namespace submask
