// An adaptation of a network that a user's file holds: a task or a cascade. Code that only uses it
// need not know which.
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
  CascadeMode mode = CascadeMode::unconditional;  // a task has no use for it

  // Null for a task.
  const Cascade* cascade() const { return std::get_if<Cascade>(&content); }

  const TaskDescription& description() const;  // for a cascade its dispatcher's, without classes
  std::optional<Head> head() const;
  const std::vector<std::string>& classes() const;  // of the head
  const std::string& provenance() const;
  double masked_fraction() const;  // over all masks
};

// Throws as read_packed_task() and read_cascade() do.
Adaptation read_adaptation(const std::string& path, CascadeMode mode = CascadeMode::unconditional);

// Returns the share of weights that the masks of a cascade switch off, over the masks of all
// members.
double masked_fraction(const Cascade& cascade);

// A backbone that is used under one adaptation after another. It is plain until one is selected,
// and as it was before once this object is destroyed. One thread may use it at a time.
class AdaptedNetwork {
 public:
  // `backbone` must outlive it.
  explicit AdaptedNetwork(Backbone& backbone);

  // Throws invalid_argument for an adaptation of another backbone; the one that was selected before
  // then stays. A task is read again from its file. A cascade is used in place: it must live until
  // another adaptation is selected.
  void select(const Adaptation& adaptation);
  void select(const Task& task);
  void clear();  // the plain backbone again

  // float32 [N, 3, S, S], normalised -> features [N, D], or scores [N, C] of the head in use.
  // logits() throws invalid_argument where there is no head.
  at::Tensor features(const at::Tensor& images);
  at::Tensor logits(const at::Tensor& images);

  // The head of the selected task or cascade, or the plain backbone's own.
  const std::optional<Head>& head() const;

  // Extracts the features of a data set, as extract_features() does (evaluate.h).
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
