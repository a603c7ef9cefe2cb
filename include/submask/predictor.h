// Predicts by many tasks over one backbone.
//
// select() binds the weights of a task (theta times mask) to the network; another select() puts
// other weights in their place and never reloads the backbone. After the predictor is destroyed, a
// backbone that was passed to it is as before. Only one thread may use a predictor at a time.
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
  std::string label;       // the name of the class, or its number where it has no name
  double probability = 0;  // softmax of the logits; by a bank the share of the votes
};

class Predictor {
 public:
  // Opens the backbone that a task or cascade file names, from `weights` ("": the embedded ones),
  // and selects the file. Throws as Backbone::load() and select(), and invalid_argument for a
  // TorchScript backbone, which is a program and runs only where it is named.
  explicit Predictor(const std::filesystem::path& task, const std::string& weights = "");

  // Predicts by the plain backbone until select(). `backbone` must outlive the predictor.
  explicit Predictor(Backbone& backbone);

  ~Predictor();
  Predictor(const Predictor&) = delete;
  Predictor& operator=(const Predictor&) = delete;

  // Throw invalid_argument for a task or cascade of another backbone; for a file also as
  // read_packed_task(). After an error the earlier selection stays.
  void select(const std::filesystem::path& file);
  void select(const Task& task);
  void clear();  // back to the plain backbone

  // At most `top` classes, the most probable first. Throw invalid_argument where there is no head
  // and for pixels that are not width x height x 3 bytes; for a file also as read_image().
  std::vector<Prediction> predict(const std::filesystem::path& image, int64_t top = 5);
  std::vector<Prediction> predict(const Image& pixels, int64_t top = 5);

  // images: float32 [N, 3, S, S], normalised (loader.h). Features [N, D]; logits [N, C] of head(),
  // which throws invalid_argument where there is no head.
  at::Tensor features(const at::Tensor& images);
  at::Tensor logits(const at::Tensor& images);

  // The head (head.h), the names of the classes and the preprocessing of images, of the selected
  // task or cascade or of the plain backbone. The plain backbone has no names of classes here.
  const std::optional<Head>& head() const;
  const std::vector<std::string>& classes() const;
  const Preprocessing& preprocessing() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace submask
