#include "codec/mask_model.h"

#include <algorithm>
#include <cassert>

#include "base/ceil_div.h"

namespace submask {
namespace {

constexpr size_t channel_bins = 8, neighbour_bins = 12, neighbour_states = 81, parent_states = 64;
constexpr uint32_t channel_prior = 8 * 65536, kernel_prior = 65536 / 4;
constexpr int64_t learning_rate = 200;  // a step is input * error * learning_rate / 2^22
constexpr int32_t largest_mix_weight = 16 * 65536;
// In 256ths: the three contexts; the excess of output, input and kernel; the surprises left, above,
// above left and above right; the excess of the position.
constexpr std::array first_mix_weights = {32, 32, 32, 150, 150, 120, 190, 190, 60, 110, 100};

uint32_t within(uint32_t probability) { return std::clamp<uint32_t>(probability, 16, 65536 - 16); }

size_t neighbour_bin(int bin) { return static_cast<size_t>(std::clamp((bin - 4) / 3, 0, 11)); }

// 0: on, 1: off with the sign of the next weight, 2: off with the other sign.
size_t state_of(int off_sign, int sign) { return off_sign == 0 ? 0 : off_sign == sign ? 1 : 2; }

}  // namespace

MaskModel::MaskModel(const MaskBlock& block)
    : shape_(block.shape), weights_(block.weights), parent_(block.parent), scale_(block.weights) {
  const auto outputs = static_cast<size_t>(shape_.outputs),
             inputs = static_cast<size_t>(shape_.inputs),
             kernel = static_cast<size_t>(shape_.kernel),
             width = static_cast<size_t>(shape_.kernel_width);
  assert(weights_.size() == outputs * inputs * kernel);
  assert(parent_.empty() || parent_.size() == (weights_.size() + 7) / 8);
  tables_[by_size].resize(size_t{2} * MagnitudeScale::bins);
  tables_[by_output].resize(outputs * channel_bins);
  tables_[by_neighbours].resize(neighbour_bins * neighbour_states);
  if (!parent_.empty()) tables_[by_parent].resize(neighbour_bins * parent_states);
  for (AdaptiveBit& bit : tables_[by_size]) bit.start_at(within(block.off_share));
  output_excess_.resize(outputs);
  input_excess_.resize(inputs);
  position_excess_.resize(kernel);
  off_signs_.resize(inputs * kernel + weights_.size());
  row_cells_ = width + 2;
  const size_t rows = ceil_div(kernel, width);
  cells_.resize(row_cells_ + row_cells_ * rows);
  static_assert(first_mix_weights.size() == mix_inputs);
  for (size_t i = 0; i < mix_weights_.size(); ++i) mix_weights_[i] = first_mix_weights[i] * 256;
  begin_kernel();
}

void MaskModel::begin_kernel() {
  position_ = column_ = 0;
  cell_ = row_cells_ + 1;
  kernel_excess_ = {};
  if (parent_.empty()) return;
  kernel_parent_ = {};
  const size_t end = std::min(next_ + static_cast<size_t>(shape_.kernel), weights_.size());
  for (size_t i = next_; i < end; ++i) kernel_parent_[weights_[i] > 0] += off_in_parent(i) ? 1 : 0;
}

std::array<size_t, MaskModel::contexts> MaskModel::context_indices(int bin) const {
  const int sign = positive_ ? 1 : -1;
  const size_t narrow = neighbour_bin(bin);
  const auto per_kernel = static_cast<size_t>(shape_.kernel);
  const int8_t* const here =
      off_signs_.data() + next_ + static_cast<size_t>(shape_.inputs) * per_kernel;
  const size_t around = state_of(cells_[cell_ - 1].off_sign, sign) * 27 +
                        state_of(cells_[cell_ - row_cells_].off_sign, sign) * 9 +
                        state_of(off_signs_[next_], sign) * 3 +
                        state_of(*(here - per_kernel), sign);
  std::array<size_t, contexts> indices = {
      static_cast<size_t>(bin), output_ * channel_bins + narrow * channel_bins / neighbour_bins,
      narrow * neighbour_states + around, 0};
  if (parent_.empty()) return indices;
  const bool off = off_in_parent(next_);
  const int same = kernel_parent_[positive_] - (off ? 1 : 0), opposite = kernel_parent_[!positive_];
  indices[by_size] += off ? MagnitudeScale::bins : 0;
  indices[by_parent] = narrow * parent_states + (off ? 32 : 0) +
                       static_cast<size_t>(std::min(same, 3) * 8 + std::min(opposite, 7));
  return indices;
}

uint32_t MaskModel::predict() {
  assert(next_ < weights_.size() && output_ < output_excess_.size());
  const float weight = weights_[next_];
  positive_ = weight > 0;
  const auto indices = context_indices(scale_.bin(weight));
  const size_t count = parent_.empty() ? by_parent : contexts;
  for (size_t i = 0; i < count; ++i) context_bits_[i] = &tables_[i][indices[i]];
  size_probability_ = context_bits_[by_size]->probability();
  const int32_t size_logit = logistic_.logit(within(size_probability_));
  for (size_t i = 1; i < count; ++i) {
    if (context_bits_[i]->is_new()) context_bits_[i]->start_as(*context_bits_[by_size]);
    inputs_[i - 1] = logistic_.logit(within(context_bits_[i]->probability())) - size_logit;
  }
  const int sign = positive_ ? 1 : -1;
  const Cell* const above = &cells_[cell_ - row_cells_];
  inputs_[3] = output_excess_[output_][positive_].log_ratio();
  inputs_[4] = input_excess_[input_][positive_].log_ratio();
  inputs_[5] = kernel_excess_[positive_].log_ratio();
  inputs_[6] = sign * cells_[cell_ - 1].surprise;
  inputs_[7] = sign * above[0].surprise;
  inputs_[8] = sign * above[-1].surprise;
  inputs_[9] = sign * above[1].surprise;
  inputs_[10] = position_excess_[position_][positive_].log_ratio();
  int64_t sum = 0;
  for (size_t i = 0; i < mix_inputs; ++i) sum += static_cast<int64_t>(mix_weights_[i]) * inputs_[i];
  predicted_ = within(logistic_.probability(size_logit + static_cast<int32_t>(sum >> 16)));
  return predicted_;
}

void MaskModel::learn(bool off) {
  const int64_t error = (off ? 65536 : 0) - static_cast<int64_t>(predicted_);
  for (size_t i = 0; i < mix_inputs; ++i) {
    const auto step = static_cast<int32_t>(inputs_[i] * error * learning_rate >> 22);
    mix_weights_[i] = std::clamp(mix_weights_[i] + step, -largest_mix_weight, largest_mix_weight);
  }
  output_excess_[output_][positive_].add(off, size_probability_, channel_prior);
  input_excess_[input_][positive_].add(off, size_probability_, channel_prior);
  position_excess_[position_][positive_].add(off, size_probability_, channel_prior);
  kernel_excess_[positive_].add(off, predicted_, kernel_prior);
  const int sign = positive_ ? 1 : -1;
  const int surprise = ((off ? 65536 : 0) - static_cast<int>(size_probability_)) >> 8;
  const auto off_sign = static_cast<int8_t>(off ? sign : 0);
  cells_[cell_] = {off_sign, static_cast<int16_t>(sign * surprise)};
  off_signs_[static_cast<size_t>(shape_.inputs * shape_.kernel) + next_] = off_sign;
  for (size_t i = 0; i < (parent_.empty() ? by_parent : contexts); ++i)
    context_bits_[i]->learn(off);
  advance();
}

void MaskModel::advance() {
  ++next_;
  ++cell_;
  if (++column_ == static_cast<size_t>(shape_.kernel_width)) {
    column_ = 0;
    cell_ += 2;
  }
  if (++position_ < static_cast<size_t>(shape_.kernel)) return;
  if (++input_ == static_cast<size_t>(shape_.inputs)) {
    input_ = 0;
    ++output_;
  }
  begin_kernel();
}

}  // namespace submask
