#include "data/batch_maker.h"

#include <algorithm>
#include <exception>

#include <ATen/Functions.h>

#include "base/fail.h"
#include "base/random.h"

namespace submask {

void check_options(const LoaderOptions& options, int64_t dataset_size) {
  if (options.batch_size < 1 || options.batch_size > 65536)
    fail_argument("a batch size of 1 to 65536", options.batch_size);
  if (options.workers < 0 || options.workers > 256)
    fail_argument("0 to 256 data workers", options.workers);
  const int64_t smallest = options.drop_last ? options.batch_size : 1;
  if (dataset_size < smallest)
    fail_argument(text("at least ", smallest, " images, one batch"), dataset_size);
}

BatchMaker::BatchMaker(std::shared_ptr<const Dataset> dataset, const Transform& transform,
                       const LoaderOptions& options)
    : dataset_(std::move(dataset)),
      options_(options),
      size_(transform.preprocessing.input_size),
      transformer_(transform) {}

PreparedBatch BatchMaker::make(const BatchPlan& plan, const std::function<bool()>& cancelled) {
  PreparedBatch result;
  try {
    fill(plan, cancelled, result);
  } catch (...) {
    result.error = std::current_exception();
  }
  return result;
}

void BatchMaker::fill(const BatchPlan& plan, const std::function<bool()>& cancelled,
                      PreparedBatch& result) {
  const auto total = static_cast<int64_t>(plan.order->size());
  const int64_t begin = plan.number * options_.batch_size;
  const int64_t end = std::min(begin + options_.batch_size, total);
  Batch& batch = result.batch;
  batch.number = plan.number;
  batch.images = at::empty({end - begin, 3, size_, size_}, at::kByte);
  const auto image_bytes = static_cast<size_t>(3 * size_ * size_);
  std::span<uint8_t> rest(batch.images.mutable_data_ptr<uint8_t>(),
                          static_cast<size_t>(end - begin) * image_bytes);
  std::vector<int64_t> labels;
  for (int64_t i = begin; i < end && !cancelled(); ++i) {
    const int64_t index = (*plan.order)[static_cast<size_t>(i)];
    Random random = random_stream(options_.seed, Stream::augment, static_cast<uint64_t>(plan.epoch),
                                  static_cast<uint64_t>(index));
    try {
      transformer_.apply(dataset_->image(index), random, rest.first(image_bytes));
    } catch (const Error& error) {
      if (!options_.skip_bad_images || error.kind() != ErrorKind::corrupt_file) throw;
      result.bad_images.push_back(dataset_->image_name(index));
      continue;
    }
    rest = rest.subspan(image_bytes);
    labels.push_back(dataset_->label(index));
    batch.indices.push_back(index);
  }
  const auto kept = static_cast<int64_t>(labels.size());
  batch.images = batch.images.narrow(0, 0, kept);
  batch.labels = at::empty({kept}, at::kLong);
  std::copy(labels.begin(), labels.end(), batch.labels.mutable_data_ptr<int64_t>());
}

}  // namespace submask
