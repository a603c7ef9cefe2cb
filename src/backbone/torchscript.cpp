#include "backbone/torchscript.h"

#include <array>
#include <filesystem>
#include <memory>
#include <utility>

#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/serialization/import.h>

#include "backbone/layers.h"
#include "base/fail.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

namespace jit = torch::jit;

constexpr const char* how_to_save =
    "; save the model by torch.jit.script(model).save(FILE), neither frozen nor traced";

// Whether the mode (training or not) of a batch norm or dropout is a constant, as after tracing and
// freezing. Such a batch norm could not switch between learning and keeping its statistics.
bool has_constant_mode(at::ArrayRef<jit::Block*> blocks) {
  for (jit::Block* block : blocks)
    for (jit::Node* node : block->nodes()) {
      // batch_norm(input, weight, bias, mean, var, training, ...), dropout(input, p, training)
      const size_t mode = node->kind() == at::aten::batch_norm ? 5
                          : node->kind() == at::aten::dropout  ? 2
                                                               : 0;
      if (mode > 0 && node->input(mode)->node()->kind() == at::prim::Constant) return true;
      if (has_constant_mode(node->blocks())) return true;
    }
  return false;
}

std::string first_line(const char* message) {
  const std::string_view text(message);
  return std::string(text.substr(0, std::min<size_t>(text.find('\n'), 200)));
}

jit::Module read_program(const std::string& path) {
  if (std::error_code missing; !std::filesystem::exists(path, missing))
    fail(ErrorKind::io, "cannot open ", path, ": no such file");
  jit::Module program;
  try {
    program = jit::load(path, at::Device(at::kCPU));
  } catch (const std::exception& error) {
    fail_corrupt("a TorchScript program", first_line(error.what()), path);
  }
  if (program.named_parameters(/*recurse=*/true).size() == 0)
    fail_corrupt("a TorchScript program with parameters",
                 std::string("one without: frozen") + how_to_save, path);
  const auto graph = program.get_method("forward").graph()->copy();
  jit::Inline(*graph);
  if (has_constant_mode(graph->block()))
    fail_corrupt("a scripted program",
                 std::string("one that is traced: whether it trains is baked in") + how_to_save,
                 path);
  return program;
}

class TorchScriptNetwork final : public Network {
 public:
  explicit TorchScriptNetwork(jit::Module program) : program_(std::move(program)) {
    // Masks are learned in float32, also for programs in half precision.
    for (auto& [name, tensor] : own_parameters())
      if (tensor.is_floating_point()) tensor.set_data(tensor.detach().to(at::kFloat));
  }

  at::Tensor forward_features(const at::Tensor& images) override {
    const c10::IValue result = program_.forward({images});
    if (!result.isTensor())
      fail_argument("features [N,D] of a TorchScript program", result.tagKind());
    const at::Tensor& features = result.toTensor();
    return features.dim() == 4 ? global_average_pool(features) : features;
  }

  // A program does not tell its stages.
  int64_t stage_of(std::string_view /*parameter*/) const override { return 0; }

  // One unit for each floating-point parameter. Its number of dimensions tells its kind.
  std::vector<MaskUnit> mask_units() const override {
    std::vector<MaskUnit> units;
    for (const auto& item : program_.named_parameters()) {
      const at::Tensor& parameter = item.value;
      if (parameter.dim() == 0 || !parameter.is_floating_point()) continue;
      const bool depthwise = parameter.dim() == 4 && parameter.size(1) == 1;
      const std::string kind = depthwise              ? "depthwise"
                               : parameter.dim() == 4 ? "conv"
                               : parameter.dim() == 2 ? "linear"
                                                      : "other";
      units.push_back({.name = item.name,
                       .parameter = item.name,
                       .row_begin = 0,
                       .row_end = parameter.size(0),
                       .kind = kind,
                       .masked_by_default = kind == "conv" || kind == "linear"});
    }
    return units;
  }

  TensorMap own_parameters() const override {
    TensorMap map;
    for (const auto& item : program_.named_parameters()) map.emplace(item.name, item.value);
    return map;
  }
  TensorMap own_buffers() const override {
    TensorMap map;
    for (const auto& item : program_.named_buffers()) map.emplace(item.name, item.value);
    return map;
  }

  void train(bool on) override {
    Network::train(on);
    program_.train(on);
  }
  void to(at::Device device, bool non_blocking) override { program_.to(device, non_blocking); }
  void hold_statistics() override {
    for (const jit::Module& module : program_.modules())
      if (module.type()->name()->name().find("BatchNorm") != std::string::npos)
        jit::Module(module).train(false);
  }
  void zero_grad(bool /*set_to_none*/) override {
    for (const auto& item : program_.named_parameters())
      if (item.value.grad().defined()) item.value.mutable_grad().reset();
  }

 private:
  jit::Module program_;
};

// Sets info to the first of the usual input sizes that the program accepts, and to the width of its
// features.
void find_sizes(TorchScriptNetwork& network, const std::string& path, BackboneInfo& info) {
  const at::NoGradGuard no_grad;
  network.eval();
  std::string reason;
  for (const int64_t size : std::array<int64_t, 6>{224, 32, 64, 256, 299, 384}) {
    try {
      const at::Tensor features = network.forward_features(at::zeros({2, 3, size, size}));
      if (features.dim() != 2 || features.size(0) != 2)
        fail_corrupt("features [N,D] or maps [N,D,H,W]", text(features.sizes()), path);
      info.feature_width = features.size(1);
      info.preprocessing.input_size = size;
      return;
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      if (reason.empty()) reason = first_line(error.what());
    }
  }
  fail_corrupt("a program that takes images [N,3,S,S]", reason, path);
}

}  // namespace

BackboneEntry torchscript_entry(const std::string& name) {
  const std::string path = name.substr(torchscript_prefix.size());
  const auto network = std::make_shared<TorchScriptNetwork>(read_program(path));
  BackboneInfo info;
  // The folder is left out, because task files hold this name and move between machines.
  info.name = std::string(torchscript_prefix) + std::filesystem::path(path).filename().string();
  info.family = "TorchScript";
  info.head_name = "submask_head";
  for (const auto& [parameter, tensor] : network->own_parameters())
    info.parameters += tensor.numel();
  info.weights_source = "the program itself";
  find_sizes(*network, path, info);
  return {info, [network = std::shared_ptr<Network>(network)] { return network; }};
}

}  // namespace submask
