// Makes one batch of an epoch, without threads: the work of each worker of the Loader.
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
  std::shared_ptr<const std::vector<int64_t>> order;  // of the images in the epoch
  int64_t epoch = 0;
  int64_t number = 0;  // of the batch in the epoch
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

  // An error is not thrown but put into the result. Once cancelled() is true, the work stops early
  // and the batch must not be used.
  PreparedBatch make(const BatchPlan& plan, const std::function<bool()>& cancelled);

 private:
  void fill(const BatchPlan& plan, const std::function<bool()>& cancelled, PreparedBatch& result);

  std::shared_ptr<const Dataset> dataset_;
  LoaderOptions options_;
  CropMaker crop_maker_;
};

}  // namespace submask
