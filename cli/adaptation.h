// What --task FILE names: a task or a cascade. Commands that only use one need not know which.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <submask/head.h>
#include <submask/predictor.h>
#include <submask/task_file.h>

#include "cascade/cascade.h"
#include "cli/option/shared_options.h"

namespace submask::cli {

struct Adaptation {
  std::string path;
  std::variant<PackedTask, Cascade> content;
  CascadeMode mode = CascadeMode::unconditional;  // of a cascade

  const Cascade* cascade() const { return std::get_if<Cascade>(&content); }

  const TaskDescription& description() const;  // a cascade's is its dispatcher's, without classes
  const std::optional<Head>& head() const;
  const std::vector<std::string>& classes() const;  // of the head
  const std::string& provenance() const;
  double masked_fraction() const;  // over all masks
};

// Throws as read_packed_task() and read_cascade() do.
Adaptation read_adaptation(const std::string& path, CascadeMode mode = CascadeMode::unconditional);

// Share of the weights that the masks of a cascade switch off, over all of them.
double masked_fraction(const Cascade& cascade);

// --cascade conditional | unconditional
void add_cascade_mode(CLI::App& command, CascadeMode& mode);

// The network under one adaptation after another.
class AdaptedNetwork {
 public:
  // Plain until something is selected. `backbone` must outlive it.
  explicit AdaptedNetwork(Backbone& backbone);

  // Throws invalid_argument for what belongs to another backbone. `adaptation` must outlive its
  // use.
  void select(const Adaptation& adaptation);

  at::Tensor logits(const at::Tensor& images);  // as Predictor's
  CascadePredictor* cascade() { return cascade_.get(); }

 private:
  Backbone& backbone_;
  Predictor predictor_;
  std::unique_ptr<CascadePredictor> cascade_;
};

}  // namespace submask::cli
