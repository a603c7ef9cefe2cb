#include "learn/process_agreement.h"

#include <ATen/ATen.h>

#include <submask/version.h>

#include "base/fail.h"
#include "base/json_text.h"
#include "learn/settings_record.h"
#include "parallel/record_agreement.h"

namespace submask {
namespace {

void check_shares(const Communicator& processes, const TrainSettings& settings,
                  const DataSplits& data) {
  if (settings.input.batch_size % processes.size() != 0)
    fail_argument(text("a --batch-size that ", processes.size(), " processes share evenly"),
                  settings.input.batch_size);
  if (data.train->size() < processes.size())
    fail_argument(text("an image for each of ", processes.size(), " processes"),
                  text(data.train->size(), " images"));
}

}  // namespace

void check_processes_agree(const Communicator& processes, const TrainSettings& settings,
                           const DataSplits& data, const Backbone& backbone) {
  if (processes.is_alone()) return;
  nlohmann::json record = settings_record(settings, backbone);
  record["bucket_mib"] = settings.bucket_mib;  // it changes no result, but what is sent together
  record["version"] = text(version(), " (", commit(), ")");
  record["data"] = data.train->digest();
  if (data.validation) record["validation"] = data.validation->digest();
  record["backbone"] = backbone.info().name;
  record["weights"] = backbone.weights_digest();
  check_records_agree(processes, json_text(record));
  check_shares(processes, settings, data);
}

void check_no_share_is_empty(const Communicator& processes, const Batch& batch) {
  if (processes.is_alone()) return;
  const at::Tensor images =
      processes.all_gather(at::scalar_tensor(batch.labels.numel(), at::kLong));
  for (int64_t rank = 0; rank < images.size(0); ++rank)
    if (images[rank].item<int64_t>() == 0)
      fail(ErrorKind::corrupt_file, "expected an image that decodes for each process in batch ",
           batch.number + 1, ", got none on rank ", rank,
           " (larger batches or fewer processes help)");
}

void check_learned_alike(const Communicator& processes, const std::string& digest, int64_t epoch) {
  if (processes.is_alone()) return;
  const std::vector<std::string> digests = processes.all_gather_text(digest);
  for (size_t rank = 1; rank < digests.size(); ++rank)
    if (digests[rank] != digests.front())
      fail(ErrorKind::unavailable, "expected the same bits on all processes after epoch ", epoch,
           ", got others on rank ", rank,
           ": processors of another kind round differently, so one kind must do a run");
}

}  // namespace submask
