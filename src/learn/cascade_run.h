// One run of learning a cascade, stage by stage (train_cascade.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "learn/stage_store.h"
#include "learn/train_cascade.h"

namespace submask {

class CascadeRun {
 public:
  // All references must outlive the run.
  CascadeRun(Backbone& backbone, const DataSplits& data, const CascadeTraining& settings,
             const RunHooks& hooks);

  TrainedCascade run();

 private:
  struct MemberFeatures {
    at::Tensor values;  // float32 [N, D]
    at::Tensor images;  // int64 [N], indices of the training images that decode
  };

  void share_decoded_images();
  std::shared_ptr<const LearnedStart> learn_dispatcher();
  std::shared_ptr<const LearnedStart> read_dispatcher() const;
  PackedTask add_member(const Task& task);
  // Member 0 is the dispatcher, the others are the experts. features_of() reads the features of a
  // finished stage, or extracts and stores them.
  MemberFeatures extract(size_t member);
  MemberFeatures features_of(size_t member);
  Router route_images(const MemberFeatures& features);
  void learn_experts(const at::Tensor& images, TrainedCascade& result);
  void join_features(const MemberFeatures& dispatcher, TrainedCascade& result);
  void fit_projections(TrainedCascade& result);
  std::string make_provenance(const TrainedCascade& result) const;
  TrainHooks training_hooks(const std::string& stage) const;
  std::string checkpoint_folder(const std::string& stage) const;  // "": no checkpoints
  void note(const std::string& line) const;

  Backbone& backbone_;
  DataSplits data_;
  const CascadeTraining& settings_;
  TrainSettings training_;
  const RunHooks& hooks_;
  std::shared_ptr<const LearnedStart> dispatcher_;
  std::optional<StageStore> store_;
  std::vector<Task> members_;  // dispatcher, then experts, as read back from their packed form
};

}  // namespace submask
