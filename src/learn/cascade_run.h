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
    at::Tensor images;  // int64 [N], of the training set: those that decode
  };

  void share_decoded_images();
  std::shared_ptr<const LearnedStart> learn_dispatcher();
  std::shared_ptr<const LearnedStart> read_dispatcher() const;
  PackedTask add_member(const Task& task);
  MemberFeatures extract(size_t member);
  MemberFeatures features_of(size_t member);
  Router route_images(const MemberFeatures& features);
  void learn_experts(const at::Tensor& images, TrainedCascade& result);
  void join(const MemberFeatures& dispatcher, TrainedCascade& result);
  void project(TrainedCascade& result);
  std::string provenance(const TrainedCascade& result) const;
  TrainHooks training_hooks(const std::string& stage) const;
  std::string folder(const std::string& stage) const;  // of its checkpoint; "" for none
  void note(const std::string& line) const;

  Backbone& backbone_;
  DataSplits data_;
  const CascadeTraining& settings_;
  TrainSettings training_;
  const RunHooks& hooks_;
  std::shared_ptr<const LearnedStart> dispatcher_;
  std::optional<StageStore> store_;
  std::vector<Task> members_;  // of the cascade, as its file rounds them: dispatcher, then experts
};

}  // namespace submask
