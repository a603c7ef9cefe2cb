#include "cli/adaptation.h"

namespace submask::cli {

// The dispatcher stands for what all members of a cascade share.
const TaskDescription& Adaptation::description() const {
  if (cascade() != nullptr) return cascade()->dispatcher;
  return std::get<PackedTask>(content);
}

const std::optional<Head>& Adaptation::head() const {
  return cascade() != nullptr ? cascade()->view(mode).head : std::get<PackedTask>(content).head;
}

const std::vector<std::string>& Adaptation::classes() const {
  return cascade() != nullptr ? cascade()->classes : std::get<PackedTask>(content).classes;
}

const std::string& Adaptation::provenance() const {
  return cascade() != nullptr ? cascade()->provenance : std::get<PackedTask>(content).provenance;
}

double Adaptation::masked_fraction() const {
  return cascade() != nullptr ? cli::masked_fraction(*cascade())
                              : std::get<PackedTask>(content).masked_fraction();
}

Adaptation read_adaptation(const std::string& path, CascadeMode mode) {
  if (is_cascade_file(path)) return {path, read_cascade(path), mode};
  return {path, read_packed_task(path), mode};
}

double masked_fraction(const Cascade& cascade) {
  double off =
      cascade.dispatcher.masked_fraction() * static_cast<double>(cascade.dispatcher.weights());
  double all = static_cast<double>(cascade.dispatcher.weights());
  for (const PackedTask& expert : cascade.experts) {
    off += expert.masked_fraction() * static_cast<double>(expert.weights());
    all += static_cast<double>(expert.weights());
  }
  return all > 0 ? off / all : 0;
}

void add_cascade_mode(CLI::App& command, CascadeMode& mode) {
  command
      .add_option_function<std::string>(
          "--cascade", [&mode](const std::string& name) { mode = cascade_mode(name); },
          "Of a cascade file: conditional (the routed expert alone, two passes an image) or "
          "unconditional (all experts; the default)")
      ->check(CLI::IsMember({"conditional", "unconditional"}));
}

AdaptedNetwork::AdaptedNetwork(Backbone& backbone) : backbone_(backbone), predictor_(backbone) {}

void AdaptedNetwork::select(const Adaptation& adaptation) {
  cascade_.reset();
  if (const Cascade* cascade = adaptation.cascade()) {
    predictor_.clear();
    cascade_ = std::make_unique<CascadePredictor>(backbone_, *cascade, adaptation.mode);
  } else {
    predictor_.select(read_task(adaptation.path, backbone_));
  }
}

at::Tensor AdaptedNetwork::logits(const at::Tensor& images) {
  return cascade_ ? cascade_->logits(images) : predictor_.logits(images);
}

}  // namespace submask::cli
