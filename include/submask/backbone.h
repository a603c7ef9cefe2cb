// Backbones: pretrained vision networks by the names timm and torchvision give them.
//
// A Backbone owns one network object and its pretrained weights (theta). While a task is learned
// or applied, the network computes with other weights, which are bound to it; theta itself never
// changes. Only one thread may use a Backbone at a time.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/head.h>
#include <submask/mask_unit.h>
#include <submask/preprocessing.h>
#include <submask/update_settings.h>
#include <submask/weight_file.h>

namespace submask {

// The number format that a network computes in. The half precisions use autocast.
enum class Precision { float32, bfloat16, float16 };
constexpr auto names_of(Precision) { return std::array{"float32", "bfloat16", "float16"}; }

// How masks and networks learn on a backbone unless the user chooses otherwise.
struct MaskDefaults {
  UpdateRule update_rule = UpdateRule::sgd;
  double rate = 50;  // of all units
  // Where it is above 0, a mask with labels learns by unit rates of this rate instead, with this
  // norm_rate and byte_price (TrainSettings).
  double unit_rate = 0;
  double norm_rate = 0;
  double byte_price = 0;
  double head_rate = 7e-4;
  double fine_tune_rate = 1e-3;  // full fine-tuning
};

struct BackboneInfo {
  std::string name;
  std::string family;         // "CIFAR ResNet", "ResNet", "EfficientNet-Lite"
  int64_t feature_width = 0;  // D
  int64_t parameters = 0;     // without the head
  std::string head_name;      // module of the classifier in state dicts: "fc", "linear"
  int64_t stages = 0;         // for selective masking: stage_of() counts 0 (stem) ... stages
  Preprocessing preprocessing;
  MaskDefaults defaults;
  std::string weights_source;  // where users find its weights
  std::string published;    // what --weights auto fetches: hf:ORG/NAME or an address; "": nothing
  bool quick_gelu = false;  // of CLIP: towers with QuickGELU, as OpenAI's; else GELU
  bool has_embedded_weights = false;
};

// How the network's tensors were found in a weight file.
struct CheckpointReport {
  std::string format;                // WeightFile::format and ::layout (weight_file.h)
  std::string layout;                // of the names: "its own names", "transformers", ...
  std::string prefix;                // of each name in the file
  int64_t used = 0;                  // number of the network's tensors
  std::vector<std::string> ignored;  // tensors of the file that are not the network's
  std::vector<std::string> notes;    // what was chosen among several, a line each
  // Names of the classes of Backbone::head(), in its order; empty where they are not known.
  std::vector<std::string> head_classes = {};
};

class Network;  // a torch::nn::Module, of the library alone

class Backbone {
 public:
  // Random weights that depend only on `seed`: Kaiming normal, fan out, for convolutions, and
  // normal with deviation .02 for other layers. Throws invalid_argument for an unknown name.
  static std::unique_ptr<Backbone> create(const std::string& name, uint64_t seed);

  // Reads weights from a file or folder (weight_file.h), or the embedded ones where `weights_path`
  // is empty. `checkpoint_key` names the state dict or prefix to take, where the file has several;
  // empty: the one that holds most of the network, a moving average before the weights beside it.
  // Throws corrupt_file with the names of all missing, unexpected or wrongly shaped
  // tensors, invalid_argument (an unknown name, no weights), unavailable (embedded weights are not
  // found) or io. A classifier in the file becomes head(). `name` may be "torchscript:FILE": the
  // program in FILE is then run and brings its own weights. A tensor that the file holds as
  // float32, or a matrix or filter in the type of `precision`, shares the file's memory mapping,
  // and so its pages with other processes.
  static std::unique_ptr<Backbone> load(const std::string& name, const std::string& weights_path,
                                        Precision precision = Precision::float32,
                                        const std::string& checkpoint_key = "");

  // Another network over the same weights: theta and buffers are one memory, what is bound is not.
  // For another thread; this backbone must not be bound, moved or widened meanwhile.
  std::unique_ptr<Backbone> share() const;

  ~Backbone();

  const BackboneInfo& info() const { return info_; }
  const std::vector<MaskUnit>& mask_units() const { return mask_units_; }

  // SHA-256 (hex) over every mask unit in order: name, shape, float32 little-endian values of
  // theta. Computed at the first call.
  const std::string& identity() const;

  // SHA-256 (hex) over all that was loaded, whatever is bound: parameters, buffers, classifier and,
  // for a TorchScript backbone, the program. It differs where backbones have the same identity but
  // other norms, biases or running statistics. Computed at the first call.
  const std::string& weights_digest() const;

  // The file of a TorchScript backbone's program, as it was named; "" of others.
  const std::string& program() const { return program_; }

  // Normalised images float32 [N, 3, H, W] -> pooled features float32 [N, feature_width]. Throws
  // invalid_argument for another shape.
  at::Tensor features(const at::Tensor& images);

  // The classifier of the weight file, linear or cosine; not set where the file has none.
  const std::optional<Head>& head() const { return head_; }

  // Empty for random weights.
  const CheckpointReport& checkpoint() const { return checkpoint_; }

  // Parameters and buffers by state dict name, without the head. These are the network's own
  // tensors and hold the weights that are bound.
  TensorMap parameters() const;
  TensorMap buffers() const;

  // The pretrained parameters and buffers, whatever is bound. Read-only.
  const TensorMap& theta() const { return theta_; }
  const TensorMap& pretrained_buffers() const { return pretrained_buffers_; }

  // 0 for the stem, 1... for the stages, by parameter name (selective masking).
  int64_t stage_of(const std::string& parameter) const;

  // Sets the number format that features() computes in, at first float32. Features are always
  // returned as float32. Where weights are kept in the other half precision, widen() is called
  // first, so that no other weights may be bound then.
  void set_precision(Precision precision);
  Precision precision() const { return precision_; }

  // Converts weights that are kept in half precision to float32, which learning needs. No other
  // weights may be bound.
  void widen();

  // Moves network, theta and head. No other weights may be bound.
  void to(const at::Device& device);

 private:
  friend Network& network_of(Backbone& backbone);
  friend const Network& network_of(const Backbone& backbone);
  explicit Backbone(const std::string& name);
  void keep_theta();
  BackboneInfo info_;
  std::string program_;  // a TorchScript backbone's file
  std::shared_ptr<Network> network_;
  std::vector<MaskUnit> mask_units_;
  mutable std::string identity_, weights_digest_;
  CheckpointReport checkpoint_;
  Precision precision_ = Precision::float32;
  TensorMap theta_, pretrained_buffers_;
  std::optional<Head> head_;
};

// All backbones of this build, in the order in which `submask backbones` lists them.
const std::vector<BackboneInfo>& backbone_list();

// The mask units of a backbone; its weights are not needed. Throws as backbone_info().
std::vector<MaskUnit> backbone_mask_units(const std::string& name);

// Throws invalid_argument that names the nearest backbone, where `name` is unknown.
const BackboneInfo& backbone_info(const std::string& name);

}  // namespace submask
