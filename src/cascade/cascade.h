// Cascades: one frozen network under several masks, a dispatcher's and those of experts that each
// learned from a part of the images (Warmerdam, Caron and Asano, GCPR 2024).
//
// The router tells from the dispatcher's features which expert an image belongs to. The features
// of dispatcher and experts are joined, [dispatcher | expert 1 | ... | expert K], and brought back
// to the network's width. Conditional: only the routed expert's block is filled, two passes an
// image; unconditional: all are, K + 1 passes. train_cascade.h learns one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/backbone.h>
#include <submask/evaluate.h>
#include <submask/head.h>
#include <submask/task_file.h>

#include "mask/weight_set.h"
#include "numeric/projection.h"

namespace submask {

struct Router {
  RouterKind kind = RouterKind::gmm;
  Projection projection;  // float64, whitening
  // float64. gmm: "weights" [K], "means" [K, d], "precision_factors" [K, d, d], upper triangular P
  // with covariance^-1 = P P^T. kmeans: "centres" [K, d].
  TensorMap parameters;

  int64_t experts() const;  // K
  // The dispatcher's features [N, D] -> int64 [N] in 0 ... K-1; of equals the lowest.
  at::Tensor route(const at::Tensor& features) const;
};

// What a mode makes of joined features.
struct CascadeView {
  Projection projection;     // float32, [(1 + K) D] -> [width]
  std::optional<Head> head;  // over that width
};

struct Cascade {
  PackedTask dispatcher;            // without head or classes, as are
  std::vector<PackedTask> experts;  // K of its backbone and preprocessing, coded against its masks
  Router router;
  CascadeView conditional, unconditional;
  std::vector<std::string> classes;  // of the heads
  std::string provenance = "{}";     // a JSON object

  const CascadeView& view(CascadeMode mode) const;
};

// One safetensors file (docs/mask_format.md). Written atomically, the same cascade to the same
// bytes. Reading checks everything; throws corrupt_file, unsupported_version, io.
void write_cascade(const std::filesystem::path& path, const Cascade& cascade);
Cascade read_cascade(const std::filesystem::path& path);

// Whether a file says that it holds a cascade. Throws corrupt_file for no safetensors file, io.
bool is_cascade_file(const std::filesystem::path& path);

// Throws invalid_argument where the cascade belongs to another backbone.
void check_cascade_fits(const Cascade& cascade, const Backbone& backbone);

// Joined features [N, (1 + K) D] with the blocks of the experts that `routes` (int64 [N]) did not
// choose set to zero.
at::Tensor conditional_rows(const at::Tensor& joined, const at::Tensor& routes, int64_t experts);

// Answers of a cascade. Keeps the weights of every mask beside the backbone's, bound for a pass at
// a time. One thread at a time.
class CascadePredictor {
 public:
  // `backbone` and `cascade` must outlive it. Throws as check_cascade_fits() does.
  CascadePredictor(Backbone& backbone, const Cascade& cascade, CascadeMode mode);

  // float32 [N, 3, S, S], normalised -> projected features float32 [N, width()], CPU; scores [N, C]
  // of the mode's head (throws invalid_argument where there is none).
  at::Tensor features(const at::Tensor& images);
  at::Tensor logits(const at::Tensor& images);

  const CascadeView& view() const { return cascade_.view(mode_); }
  int64_t width() const { return view().projection.width(); }
  int64_t image_passes() const { return image_passes_; }  // images through the network, so far
  Backbone& backbone() { return backbone_; }

 private:
  at::Tensor pass(size_t member, const at::Tensor& images);

  Backbone& backbone_;
  const Cascade& cascade_;
  CascadeMode mode_;
  std::vector<WeightSet> weights_;  // of the dispatcher, then of the experts
  int64_t image_passes_ = 0;
};

// As extract_features() of a backbone (evaluate.h).
Features extract_features(CascadePredictor& predictor, std::shared_ptr<const Dataset> dataset,
                          const Transform& transform, const LoaderOptions& loader,
                          const std::function<void(int64_t, int64_t)>& progress = {});

}  // namespace submask
