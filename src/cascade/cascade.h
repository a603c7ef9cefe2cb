// Cascades: one frozen network under several masks (Warmerdam, Caron and Asano, GCPR 2024). One
// mask is the dispatcher's; the others are those of experts, each learned from a part of the
// images.
//
// The router chooses an image's expert from the dispatcher's features. The features of dispatcher
// and experts are joined, [dispatcher | expert 1 | ... | expert K], and projected to at most the
// network's width. In the conditional mode only the chosen expert's block is filled, which takes
// two passes an image. In the unconditional mode all blocks are, which takes K + 1 passes.
// train_cascade.h learns a cascade.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
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
  // The dispatcher's features [N, D] -> experts, int64 [N] in 0 ... K-1; of equally good experts
  // the lowest.
  at::Tensor route(const at::Tensor& features) const;
};

// How a mode uses joined features.
struct CascadeView {
  Projection projection;     // float32, [(1 + K) D] -> [width]
  std::optional<Head> head;  // over the projected features
};

struct Cascade {
  // Members have no head and no classes. The K experts have the dispatcher's backbone and
  // preprocessing, and their masks are coded against the dispatcher's.
  PackedTask dispatcher;
  std::vector<PackedTask> experts;
  Router router;
  CascadeView conditional, unconditional;
  std::vector<std::string> classes;  // of the heads
  std::string provenance = "{}";     // a JSON object

  const CascadeView& view(CascadeMode mode) const;
};

// A cascade is one safetensors file (docs/mask_format.md). It is written atomically, and the same
// cascade gives the same bytes; throws io. Reading checks everything that can be checked without
// the backbone's weights; throws corrupt_file, unsupported_version, io.
void write_cascade(const std::filesystem::path& path, const Cascade& cascade);
Cascade read_cascade(const std::filesystem::path& path);

// The same from memory. `name` stands for the file in errors.
Cascade parse_cascade(std::span<const uint8_t> bytes, const std::string& name);

// Whether a file's metadata say that it holds a cascade. Throws corrupt_file for a file that is not
// safetensors, and io.
bool is_cascade_file(const std::filesystem::path& path);
bool is_cascade(std::span<const uint8_t> bytes, const std::string& name);

// Throws invalid_argument where the cascade belongs to another backbone.
void check_cascade_fits(const Cascade& cascade, const Backbone& backbone);

// Returns a copy of joined features [N, (1 + K) D] in which the blocks of experts that `routes`
// (int64 [N]) did not choose are zero.
at::Tensor conditional_rows(const at::Tensor& joined, const at::Tensor& routes, int64_t experts);

// Computes the features and scores of a cascade, whose weights it binds to the backbone for one
// pass at a time. One thread may use it at a time.
class CascadePredictor {
 public:
  // The weights under the mask of the dispatcher (0) or of an expert (1 ... K).
  using WeightsOfMember = std::function<std::shared_ptr<const WeightSet>(size_t member)>;

  // `backbone` and `cascade` must outlive it. The first one keeps the weights under every mask, the
  // other asks for those that a pass needs. Throw as check_cascade_fits() does.
  CascadePredictor(Backbone& backbone, const Cascade& cascade, CascadeMode mode);
  CascadePredictor(Backbone& backbone, const Cascade& cascade, CascadeMode mode,
                   WeightsOfMember weights_of);

  // float32 [N, 3, S, S], normalised -> projected features float32 [N, width()] on the CPU, or
  // scores [N, C] of the mode's head. logits() throws invalid_argument where there is no head.
  at::Tensor features(const at::Tensor& images);
  at::Tensor logits(const at::Tensor& images);

  const CascadeView& view() const { return cascade_.view(mode_); }
  int64_t width() const { return view().projection.width(); }
  int64_t image_passes() const {
    return image_passes_;
  }  // images that went through the network so far
  Backbone& backbone() { return backbone_; }

 private:
  at::Tensor pass(size_t member, const at::Tensor& images);

  Backbone& backbone_;
  const Cascade& cascade_;
  CascadeMode mode_;
  WeightsOfMember weights_of_;
  int64_t image_passes_ = 0;
};

// Does what extract_features() does with a backbone (evaluate.h).
Features extract_features(CascadePredictor& predictor, std::shared_ptr<const Dataset> dataset,
                          const Transform& transform, const LoaderOptions& loader,
                          const std::function<void(int64_t, int64_t)>& progress = {});

}  // namespace submask
