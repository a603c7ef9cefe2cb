// Backbones: pretrained vision networks by the names timm and torchvision give them.
//
// A Backbone owns one network object and its pretrained weights (theta). Tasks are learned and
// applied by binding other weights to the network for a while (weight_set.h); theta itself never
// changes. One Backbone serves one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/head.h>
#include <submask/update_settings.h>
#include <submask/weight_file.h>

namespace submask {

// How images are resized, antialiased as Pillow does.
enum class Interpolation { bicubic, bilinear };
constexpr auto names_of(Interpolation) { return std::array{"bicubic", "bilinear"}; }

// How an image becomes a network's input: resized to `input_size` / `crop_share` (shorter side),
// centre-cropped to `input_size`, scaled to [0, 1], then (x - mean) / std for each of red, green,
// blue.
struct Preprocessing {
  int64_t input_size = 224;  // pixels, square
  double crop_share = 1.0;   // (0, 1]
  Interpolation interpolation = Interpolation::bicubic;
  std::array<double, 3> mean{0.485, 0.456, 0.406};
  std::array<double, 3> std{0.229, 0.224, 0.225};
  bool operator==(const Preprocessing&) const = default;
};

// What a mask is learned for: rows [row_begin, row_end) of a parameter's first dimension. A fused
// qkv is three units of one parameter. `kind` is one of conv, depthwise, downsample.conv,
// downsample.norm, squeeze, patch, q, k, v, out, fc1, fc2, linear, projection, and bias of these
// last eight.
struct MaskUnit {
  std::string name;       // canonical, e.g. "layer1.0.conv1.weight"
  std::string parameter;  // the network's parameter, by its state dict name
  int64_t row_begin = 0;
  int64_t row_end = 0;
  std::string kind;
  bool masked_by_default = true;  // false: learned only where --mask-only names it
};

// What a network computes in; half precisions by autocast.
enum class Precision { float32, bfloat16, float16 };
constexpr auto names_of(Precision) { return std::array{"float32", "bfloat16", "float16"}; }

// The rates a mask is learned with unless the user says otherwise; they learn on this backbone
// (RECIPES).
struct MaskDefaults {
  UpdateRule update_rule = UpdateRule::sgd;
  double rate = 50;
  double head_rate = 7e-4;
  double fine_tune_rate = 1e-3;  // full fine-tuning
};

struct BackboneInfo {
  std::string name;
  std::string family;         // "CIFAR ResNet", "ResNet", "EfficientNet-Lite"
  int64_t feature_width = 0;  // D
  int64_t parameters = 0;     // without the head
  std::string
      head_name;       // module name of its classifier in state dicts: "fc", "linear", "classifier"
  int64_t stages = 0;  // for selective masking: stage_of() counts 0 (stem) ... stages
  Preprocessing preprocessing;
  MaskDefaults defaults;
  std::string weights_source;  // where users find its weights
  bool has_embedded_weights = false;
};

// How a network was found in its weight file.
struct CheckpointReport {
  std::string format;                // of the file, and how tensors lay in it (weight_file.h)
  std::string layout;                // whose names: "its own names", "transformers", ...
  std::string prefix;                // what stood before each name
  int64_t used = 0;                  // tensors of the network
  std::vector<std::string> ignored;  // tensors of the file that belong to something else
};

class Network;  // src/backbone/network.h: a torch::nn::Module with forward_features()

class Backbone {
 public:
  // Random weights (Kaiming normal, fan out, for convolutions) that depend only on `seed`.
  static std::unique_ptr<Backbone> create(const std::string& name, uint64_t seed);

  // Weights from a file or folder (weight_file.h), or the embedded ones where `weights_path` is
  // empty. Missing, unexpected or wrongly shaped tensors: Error corrupt_file that lists them all by
  // name. A classifier in the file becomes head(). `name` may be "torchscript:FILE": the program in
  // FILE is then run, and brings its own weights. Tensors share the file's memory mapping, and so
  // its pages with other processes, where they lie there as float32, or in the very type of
  // `precision`.
  static std::unique_ptr<Backbone> load(const std::string& name, const std::string& weights_path,
                                        Precision precision = Precision::float32);

  ~Backbone();

  const BackboneInfo& info() const { return info_; }
  const std::vector<MaskUnit>& mask_units() const { return mask_units_; }

  // SHA-256 (hex) over every mask unit in order: name, shape, float32 little-endian values of
  // theta. Worked out when it is first asked for.
  const std::string& identity() const;

  // SHA-256 (hex) over all that was loaded, whatever is bound: parameters, buffers, classifier and,
  // of a TorchScript backbone, the program. It tells apart what has one identity but other norms,
  // biases or running statistics. Worked out when it is first asked for.
  const std::string& weights_digest() const;

  // float32 [N, 3, H, W], normalised -> pooled features float32 [N, feature_width].
  at::Tensor features(const at::Tensor& images);

  // The backbone's own classifier, linear or cosine; none where the file had none.
  const std::optional<Head>& head() const { return head_; }

  // Empty for random weights.
  const CheckpointReport& checkpoint() const { return checkpoint_; }

  // Parameters and buffers by state dict name, without the head; the tensors are the network's own,
  // and point to whatever weights are bound.
  TensorMap parameters() const;
  TensorMap buffers() const;

  // The pretrained parameters, whatever is bound. Read-only.
  const TensorMap& theta() const { return theta_; }
  // And buffers.
  const TensorMap& pretrained_buffers() const { return pretrained_buffers_; }

  // 0 for the stem, 1... for the stages, by parameter name (selective masking).
  int64_t stage_of(const std::string& parameter) const;

  // What features() computes in, at first float32. Features come out as float32 whatever it is.
  // Weights kept in another half precision are widened first, which only goes while none are
  // bound.
  void set_precision(Precision precision);
  Precision precision() const { return precision_; }

  // Weights kept in half precision become float32, as learning needs them; only while none are
  // bound.
  void widen();

  // Moves network, theta and head; only while no weights are bound.
  void to(const at::Device& device);

 private:
  friend Network& network_of(Backbone& backbone);
  explicit Backbone(const std::string& name);
  void keep_theta();
  BackboneInfo info_;
  std::shared_ptr<Network> network_;
  std::vector<MaskUnit> mask_units_;
  mutable std::string identity_, weights_digest_;
  CheckpointReport checkpoint_;
  Precision precision_ = Precision::float32;
  TensorMap theta_, pretrained_buffers_;
  std::optional<Head> head_;
};

// Every backbone this build knows, in the order `submask backbones` lists them.
const std::vector<BackboneInfo>& backbone_list();

// What masks can be learned for in one of them, without its weights.
std::vector<MaskUnit> backbone_mask_units(const std::string& name);

// Throws invalid_argument that names the nearest.
const BackboneInfo& backbone_info(const std::string& name);

}  // namespace submask
