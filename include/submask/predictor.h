// Answers for many tasks over one backbone.
//
// select() binds a task's weights to the network; switching to another task writes its weights over
// theta times mask and never reloads the backbone. When the predictor goes, a backbone that was
// handed to it is as it was. One thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/backbone.h>
#include <submask/head.h>
#include <submask/image.h>
#include <submask/task.h>

namespace submask {

struct Prediction {
  std::string label;       // the class's name, or its number where it has none
  double probability = 0;  // softmax of the head; of a bank the share of the votes
};

class Predictor {
 public:
  // With a task or cascade file selected, over the backbone that it names, which is opened from
  // `weights` ("": the embedded ones). Throws as Backbone::load() and select().
  explicit Predictor(const std::filesystem::path& task, const std::string& weights = "");

  // The plain backbone until something is selected. `backbone` must outlive the predictor.
  explicit Predictor(Backbone& backbone);

  ~Predictor();
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  // Throws invalid_argument for a task or cascade of another backbone, and for a file as
  // read_packed_task(); what was selected before stays.
  void select(const std::filesystem::path& file);
  void select(const Task& task);
  void clear();  // the plain backbone again

  // The likeliest classes of an image, `top` at most, the likeliest first. Throws invalid_argument
  // where there is no head, and as read_image().
  std::vector<Prediction> predict(const std::filesystem::path& image, int64_t top = 5);
  std::vector<Prediction> predict(const Image& pixels, int64_t top = 5);

  // float32 [N, 3, S, S], normalised (loader.h) -> features [N, D]; logits [N, C] of the head in
  // use. Throws invalid_argument where there is no head.
  at::Tensor features(const at::Tensor& images);
  at::Tensor logits(const at::Tensor& images);

  // Of what is selected: its head (head.h; none where it has none), the names of its classes and
  // how images become its input.
  const std::optional<Head>& head() const;
  const std::vector<std::string>& classes() const;
  const Preprocessing& preprocessing() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace submask
