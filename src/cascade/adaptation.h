// What a user's file adapts a network by: a task or a cascade. Whoever only uses one need not know
// which.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <submask/task_file.h>

#include "cascade/cascade.h"
#include "mask/weight_set.h"

namespace submask {

struct Adaptation {
  std::string path;
  std::variant<PackedTask, Cascade> content;
  CascadeMode mode = CascadeMode::unconditional;  // of a cascade

  const Cascade* cascade() const { return std::get_if<Cascade>(&content); }

  const TaskDescription& description() const;  // a cascade's is its dispatcher's, without classes
  const std::optional<Head>& head() const;
  const std::vector<std::string>& classes() const;  // of the head
  const std::string& provenance() const;
  double masked_fraction() const;  // over all masks
};

// Throws as read_packed_task() and read_cascade() do.
Adaptation read_adaptation(const std::string& path, CascadeMode mode = CascadeMode::unconditional);

// Share of the weights that the masks of a cascade switch off, over all of them.
double masked_fraction(const Cascade& cascade);

// A backbone under one adaptation after another; plain until one is selected, and as it was when
// this is gone. One thread at a time.
class AdaptedNetwork {
 public:
  // `backbone` must outlive it.
  explicit AdaptedNetwork(Backbone& backbone);

  // Throws invalid_argument for what belongs to another backbone; what was selected before then
  // stays. An adaptation that is a cascade must outlive its use.
  void select(const Adaptation& adaptation);
  void select(const Task& task);
  void clear();  // the plain backbone again

  // float32 [N, 3, S, S], normalised -> features [N, D]; logits [N, C] of the head in use. Throws
  // invalid_argument where there is no head.
  at::Tensor features(const at::Tensor& images);
  at::Tensor logits(const at::Tensor& images);

  // The selected task's or cascade's; the plain backbone's own.
  const std::optional<Head>& head() const;

  // Of a data set, as extract_features() (evaluate.h).
  Features extract(const std::shared_ptr<const Dataset>& dataset, const Transform& transform,
                   const LoaderOptions& loader,
                   const std::function<void(int64_t, int64_t)>& progress);

  bool is_cascade() const { return cascade_ != nullptr; }
  Backbone& backbone() { return backbone_; }

 private:
  Backbone& backbone_;
  WeightSet weights_;  // reused from task to task
  std::optional<WeightBinding> binding_;
  std::optional<Head> head_;
  std::unique_ptr<CascadePredictor> cascade_;
};

}  // namespace submask
