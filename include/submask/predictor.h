// Answers for many tasks over one backbone.
//
// select() binds a task's weights to the network; switching to another task writes its weights over
// theta times mask and never reloads the backbone. When the predictor goes, the backbone is as it
// was. One thread at a time.
#pragma once

#include <memory>
#include <optional>

#include <ATen/core/Tensor.h>

#include <submask/backbone.h>
#include <submask/evaluate.h>
#include <submask/head.h>
#include <submask/task_file.h>

namespace submask {

class Predictor {
 public:
  // The plain backbone until a task is selected. `backbone` must outlive the predictor.
  explicit Predictor(Backbone& backbone);
  ~Predictor();
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  // Throws invalid_argument for a task of another backbone; the task selected before stays.
  void select(const Task& task);
  void clear();  // the plain backbone again

  // float32 [N, 3, S, S], normalised -> features [N, D]; logits [N, C] of the task's head (or the
  // backbone's own). Throws invalid_argument where there is no head.
  at::Tensor features(const at::Tensor& images);
  at::Tensor logits(const at::Tensor& images);

  // The head in use: the task's, or the backbone's own.
  const std::optional<Head>& head() const;

 private:
  struct Bound;
  Backbone& backbone_;
  std::unique_ptr<Bound> bound_;
};

}  // namespace submask
