#include "data/batch/batch_maker.h"

#include <algorithm>
#include <cassert>
#include <exception>

#include <ATen/Functions.h>

#include "base/fail.h"
#include "base/random.h"
#include "parallel/shares.h"

namespace submask {

void check_options(const LoaderOptions& options, int64_t dataset_size) {
  if (options.batch_size < 1 || options.batch_size > 65536)
    fail_argument("a batch size of 1 to 65536", options.batch_size);
  if (options.workers < 0 || options.workers > 256)
    fail_argument("0 to 256 data workers", options.workers);
  if (options.shares < 1 || options.share < 0 || options.share >= options.shares)
    fail_argument("a share from 0 below the number of shares",
                  text(options.share, " of ", options.shares));
  const int64_t smallest = options.drop_last ? options.batch_size : 1;
  if (dataset_size < smallest)
    fail_argument(text("at least ", smallest, " images, one batch"), dataset_size);
}

BatchMaker::BatchMaker(std::shared_ptr<const Dataset> dataset, const Transform& transform,
                       const LoaderOptions& options)
    : dataset_(std::move(dataset)),
      options_(options),
      crop_maker_(dataset_, transform, options.cache) {}

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
  const int64_t first = plan.number * options_.batch_size;
  const int64_t whole = std::min(options_.batch_size, total - first);
  assert(whole > 0);
  const Share share = share_of(whole, options_.share, options_.shares);
  const int64_t begin = first + share.begin, end = first + share.end;
  std::vector<at::Tensor> crops;  // uint8 [count, N, S, S, 3] of each kind
  for (const CropRecipe& kind : crop_maker_.kinds())
    crops.push_back(at::empty({kind.count, end - begin, kind.size, kind.size, 3},
                              at::TensorOptions(at::kByte).pinned_memory(options_.pinned)));
  Batch& batch = result.batch;
  batch.number = plan.number;
  std::vector<int64_t> labels;
  for (int64_t i = begin; i < end && !cancelled(); ++i) {
    const int64_t index = (*plan.order)[static_cast<size_t>(i)];
    Random random = random_stream(options_.seed, Stream::augment, static_cast<uint64_t>(plan.epoch),
                                  static_cast<uint64_t>(index));
    try {
      crop_maker_.make(index, random, [&](size_t kind, int64_t number) {
        const at::Tensor crop = crops[kind][number][std::ssize(labels)];
        return std::span(crop.mutable_data_ptr<uint8_t>(), static_cast<size_t>(crop.numel()));
      });
    } catch (const Error& error) {
      if (!options_.skip_bad_images || error.kind() != ErrorKind::corrupt_file) throw;
      result.bad_images.push_back(dataset_->image_name(index));
      continue;
    }
    labels.push_back(dataset_->label(index));
    batch.indices.push_back(index);
  }
  const auto kept = static_cast<int64_t>(labels.size());
  for (const at::Tensor& kind : crops)
    batch.crops.push_back(kind.narrow(1, 0, kept).flatten(0, 1).permute({0, 3, 1, 2}));
  batch.labels = at::empty({kept}, at::kLong);
  std::copy(labels.begin(), labels.end(), batch.labels.mutable_data_ptr<int64_t>());
}

}  // namespace submask
