#include "learn/learned_weights.h"

#include <cassert>
#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/names.h"
#include "base/natural_order.h"
#include "mask/criterion.h"
#include "mask/mask_selection.h"
#include "mask/score_start.h"
#include "mask/unit_rows.h"
#include "weights/tensor_hash.h"

namespace submask {
namespace {

bool is_statistic(const std::string& buffer) {
  return buffer.ends_with("running_mean") || buffer.ends_with("running_var");
}

// Only norms have a weight of one dimension.
bool belongs_to_norm(const std::string& name, const TensorMap& parameters) {
  const auto weight = parameters.find(name.substr(0, name.rfind('.') + 1) + "weight");
  return weight != parameters.end() && weight->second.dim() == 1;
}

bool is_learned(Method method, const std::string& name, const TensorMap& parameters) {
  if (method == Method::norm) return belongs_to_norm(name, parameters);
  if (method == Method::bias) return name.ends_with("bias");
  return true;
}

}  // namespace

std::shared_ptr<const LearnedStart> learned_start(const TrainSettings& settings,
                                                  const Backbone& backbone) {
  auto start = settings.start;
  if (!settings.from_task.empty())
    start =
        std::make_shared<LearnedStart>(LearnedStart{read_task(settings.from_task, backbone), {}});
  if (start) check_task_fits(start->task, backbone);
  return start;
}

LearnedWeights::LearnedWeights(Backbone& backbone, const TrainSettings& settings)
    : backbone_(backbone), settings_(settings) {
  if (learns_masks(settings_.method))
    learn_masks();
  else if (learns_small_change(settings_.method))
    learn_small_change();
  else
    learn_weights();
}

LearnedWeights::~LearnedWeights() = default;

void LearnedWeights::learn_masks() {
  const auto from = learned_start(settings_, backbone_);
  const TensorMap parameters = backbone_.parameters();
  std::vector<MaskedTensor> tensors;
  std::set<std::string> learned;
  for (const MaskUnit& unit : select_units(backbone_, settings_.selection)) {
    ParameterRows rows = rows_of(unit, parameters);
    const at::Tensor score = first_scores(unit, rows.theta, tensors.size(), from.get());
    tensors.push_back({std::move(rows), score});
    learned.insert(unit.parameter);
  }
  if (settings_.norm_rate > 0)
    for (std::string& name : batch_norm_parameters(backbone_)) learned.insert(std::move(name));
  bind(learned);
  if (settings_.norm_rate > 0) norms_.emplace(backbone_, settings_.norm_rate);
  if (from) start_from(from->task.statistics);
  const Criterion first_criterion =
      scheduled_criterion(settings_.criterion, settings_.criterion_schedule, 0, settings_.epochs);
  const double first_score = settings_.score_start.mean;
  const ScorePull pull{settings_.byte_price * (first_score - first_criterion.mu), first_score};
  auto optimizer =
      std::make_unique<MaskOptimizer>(std::move(tensors), first_criterion, settings_.update, pull);
  if (settings_.has_unit_rates()) optimizer->use_unit_rates();
  mask_optimizer_ = optimizer.get();
  price_.emplace(settings_, *optimizer);
  if (settings_.bytes) target_.emplace(settings_, *optimizer);
  optimizer_ = std::move(optimizer);
}

// Where the earlier mask is known but not its scores, the first scores give that mask again: each
// is as far from mu as score_start says, above mu where the mask is on and below it where it is
// off.
at::Tensor LearnedWeights::first_scores(const MaskUnit& unit, const at::Tensor& theta,
                                        uint64_t index, const LearnedStart* from) const {
  const at::NoGradGuard no_grad;
  at::Tensor score = start_scores(settings_.score_start, theta, settings_.seed, index);
  assert(score.sizes() == theta.sizes());
  if (from != nullptr && from->scores.contains(unit.name)) {
    score.copy_(from->scores.at(unit.name));
  } else if (from != nullptr) {
    for (const UnitMask& stored : from->task.units) {
      if (stored.name != unit.name) continue;
      const at::Tensor on = unpack_mask(stored).to(score.device());
      const at::Tensor distance = (score - settings_.criterion.mu).abs();
      score = at::where(on, distance, -distance) + settings_.criterion.mu;
    }
  }
  protect_unselected(settings_.selection, theta, settings_.seed, index, score);
  return score;
}

// Of the units those that are matrices or kernels: a bias has no rows to share a scale or a factor.
void LearnedWeights::learn_small_change() {
  const TensorMap parameters = backbone_.parameters();
  std::vector<ParameterRows> tensors;
  std::set<std::string> changed;
  for (const MaskUnit& unit : select_units(backbone_, settings_.selection)) {
    ParameterRows rows = rows_of(unit, parameters);
    if (rows.theta.dim() < 2) continue;
    tensors.push_back(std::move(rows));
    changed.insert(unit.parameter);
  }
  bind(changed);
  std::unique_ptr<AdapterOptimizer> optimizer;
  switch (settings_.method) {
    case Method::lora:
      optimizer =
          make_lora(std::move(tensors), settings_.adapter, settings_.update, settings_.seed);
      break;
    case Method::sparse:
      optimizer = make_sparse(std::move(tensors), settings_.adapter, settings_.update);
      break;
    default:
      optimizer = make_bitdelta(std::move(tensors), settings_.update);
  }
  adapter_ = optimizer.get();
  optimizer_ = std::move(optimizer);
}

void LearnedWeights::learn_weights() {
  const TensorMap all = backbone_.parameters();
  std::vector<at::Tensor> parameters;
  std::set<std::string> learned;
  for (const auto& [name, parameter] : all) {
    if (!is_learned(settings_.method, name, all)) continue;
    learned.insert(name);
    parameters.push_back(parameter);
  }
  if (learned.empty())
    fail_argument(text("a network with ", settings_.method == Method::norm ? "norms" : "biases",
                       " for --method ", name_of(settings_.method)),
                  backbone_.info().name);
  bind(learned);
  if (may_start_from_task(settings_.method))
    if (const auto from = learned_start(settings_, backbone_)) {
      WeightSet masked;
      apply_task(from->task, backbone_, masked);
      start_from(masked);
    }
  optimizer_ = std::make_unique<DenseOptimizer>(parameters, settings_.update);
}

// Only learned parameters need gradients; others then cost nothing in the backward pass.
void LearnedWeights::bind(const std::set<std::string>& learned) {
  for (auto& [name, parameter] : backbone_.parameters()) {
    at::Tensor leaf = parameter;
    leaf.requires_grad_(learned.contains(name));
  }
  weights_ = copy_weights(backbone_, {learned.begin(), learned.end()});
  binding_ = std::make_unique<WeightBinding>(backbone_, weights_);
}

// Writes values into what is bound, from where steps go on.
void LearnedWeights::start_from(const TensorMap& values) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, value] : values) weights_.at(name).copy_(value);
}

ParameterRows LearnedWeights::rows_of(const MaskUnit& unit, const TensorMap& parameters) const {
  return {unit.name, parameters.at(unit.parameter),
          unit_rows(backbone_.theta().at(unit.parameter), unit), unit.row_begin, unit.row_end};
}

bool LearnedWeights::has_its_form() const {
  return adapter_ == nullptr || adapter_->has_its_form();
}

AdapterContent LearnedWeights::content() const {
  if (adapter_ != nullptr) return adapter_->content();
  AdapterContent content;
  for (const auto& [name, parameter] : backbone_.parameters())
    if (parameter.requires_grad())
      content.values[name] = parameter.detach() - backbone_.theta().at(name);
  return content;
}

void LearnedWeights::start_epoch(int64_t epoch, bool resumed) {
  if (adapter_ != nullptr) adapter_->start_epoch(epoch, settings_.epochs);
  if (price_ && !resumed) price_->start_epoch(epoch);
  if (mask_optimizer_ != nullptr && settings_.criterion_schedule)
    mask_optimizer_->set_criterion(scheduled_criterion(
        settings_.criterion, settings_.criterion_schedule, epoch, settings_.epochs));
}

void LearnedWeights::step(const StepShares& shares) {
  optimizer_->step(settings_.update.rate * shares.weights);
  if (norms_) norms_->step(shares.head);
}

double LearnedWeights::masked_fraction() const {
  return mask_optimizer_ != nullptr ? mask_optimizer_->masked_fraction() : 0;
}

void LearnedWeights::save(TensorMap& state) const {
  if (target_) target_->save("weights.", state);
  optimizer_->save("weights.", state);
  if (norms_) norms_->save("norms.", state);
  for (const auto& [name, buffer] : backbone_.buffers()) state["buffer." + name] = buffer;
}

void LearnedWeights::load(const TensorMap& state) {
  optimizer_->load("weights.", state);
  if (target_) target_->load("weights.", state);
  if (norms_) norms_->load("norms.", state);
  for (auto& [name, buffer] : backbone_.buffers()) {
    at::Tensor target = buffer;
    load_state(state, "buffer." + name, target);
  }
}

std::vector<at::Tensor> LearnedWeights::parameters() const {
  std::map<std::string, at::Tensor, NaturalOrder> learned;
  for (const auto& [name, parameter] : backbone_.parameters())
    if (parameter.requires_grad()) learned.emplace(name, parameter);
  std::vector<at::Tensor> parameters;
  for (const auto& [name, parameter] : learned) parameters.push_back(parameter);
  return parameters;
}

std::vector<at::Tensor> LearnedWeights::running_statistics() const {
  std::vector<at::Tensor> statistics;
  for (const auto& [name, buffer] : backbone_.buffers())
    if (is_statistic(name)) statistics.push_back(buffer);
  return statistics;
}

std::string LearnedWeights::digest() const {
  TensorMap learned;
  if (mask_optimizer_ == nullptr) learned = backbone_.parameters();
  for (size_t i = 0; mask_optimizer_ != nullptr && i < mask_optimizer_->size(); ++i)
    learned[mask_optimizer_->name(i)] = mask_optimizer_->mask(i);
  Sha256 hash;
  hash_tensors(learned, hash);
  return hash.hex();
}

std::vector<UnitMask> LearnedWeights::masks() const {
  std::vector<UnitMask> masks;
  for (size_t i = 0; mask_optimizer_ != nullptr && i < mask_optimizer_->size(); ++i)
    masks.push_back(pack_mask(mask_optimizer_->name(i), mask_optimizer_->mask(i)));
  return masks;
}

TensorMap LearnedWeights::scores() const {
  TensorMap scores;
  for (size_t i = 0; mask_optimizer_ != nullptr && i < mask_optimizer_->size(); ++i)
    scores[mask_optimizer_->name(i)] =
        mask_optimizer_->score(i).detach().to(at::kCPU, at::kFloat).clone();
  return scores;
}

TensorMap LearnedWeights::statistics() const {
  TensorMap statistics;
  for (const auto& [name, buffer] : backbone_.buffers())
    if (is_statistic(name)) statistics[name] = buffer.detach().to(at::kCPU, at::kFloat).clone();
  if (norms_) norms_->fold(statistics);
  return statistics;
}

TensorMap LearnedWeights::state_dict() const {
  TensorMap state = backbone_.parameters();
  state.merge(backbone_.buffers());
  for (auto& [name, tensor] : state) tensor = tensor.detach().to(at::kCPU).clone();
  return state;
}

}  // namespace submask
