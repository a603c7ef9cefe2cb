// One batch from its place in an epoch, without threads: what a worker of the Loader does.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <submask/dataset.h>
#include <submask/loader.h>

#include "data/batch/crop_maker.h"

namespace submask {

struct BatchPlan {
  std::shared_ptr<const std::vector<int64_t>> order;  // of the epoch
  int64_t epoch = 0;
  int64_t number = 0;  // of the batch
};

struct PreparedBatch {
  Batch batch;
  std::vector<std::string> bad_images;
  std::exception_ptr error;
};

// Throws invalid_argument for options out of range or an epoch that would have no batch.
void check_options(const LoaderOptions& options, int64_t dataset_size);

class BatchMaker {
 public:
  BatchMaker(std::shared_ptr<const Dataset> dataset, const Transform& transform,
             const LoaderOptions& options);

  // An error lies in the result, to be thrown by whoever takes the batch. Stops early, with a batch
  // that is of no use, once `cancelled` says so.
  PreparedBatch make(const BatchPlan& plan, const std::function<bool()>& cancelled);

 private:
  void fill(const BatchPlan& plan, const std::function<bool()>& cancelled, PreparedBatch& result);

  std::shared_ptr<const Dataset> dataset_;
  LoaderOptions options_;
  CropMaker crop_maker_;
};

}  // namespace submask
