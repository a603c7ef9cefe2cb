#include "codec/mask_model.h"

#include <algorithm>

namespace submask {
namespace {

constexpr size_t channel_bins = 8, neighbour_bins = 12, neighbour_states = 81, parent_states = 64;
constexpr uint32_t channel_prior = 8 * 65536, kernel_prior = 65536 / 4;
constexpr int64_t learning_rate = 200;  // 2^22nds of (an input times 65536ths of error)
constexpr int32_t largest_share = 16 * 65536;
// In 256ths: contexts; excess of output, input, kernel; surprises to the left, above, and beside
// that; excess of the place.
constexpr std::array<int32_t, 11> first_shares = {32,  32,  32, 150, 150, 120,
                                                  190, 190, 60, 110, 100};

uint32_t within(uint32_t probability) { return std::clamp<uint32_t>(probability, 16, 65536 - 16); }

size_t neighbour_bin(int bin) { return static_cast<size_t>(std::clamp((bin - 4) / 3, 0, 11)); }

// 0: on, 1: off with the next weight's sign, 2: off with the other.
size_t state_of(int off_sign, int sign) { return off_sign == 0 ? 0 : off_sign == sign ? 1 : 2; }

}  // namespace

MaskModel::MaskModel(const MaskBlock& block)
    : shape_(block.shape), weights_(block.weights), parent_(block.parent), scale_(block.weights) {
  const auto outputs = static_cast<size_t>(shape_.outputs),
             inputs = static_cast<size_t>(shape_.inputs),
             kernel = static_cast<size_t>(shape_.kernel),
             width = static_cast<size_t>(shape_.kernel_width);
  tables_[by_size].resize(size_t{2} * MagnitudeScale::bins);
  tables_[by_output].resize(outputs * channel_bins);
  tables_[by_neighbours].resize(neighbour_bins * neighbour_states);
  if (!parent_.empty()) tables_[by_parent].resize(neighbour_bins * parent_states);
  for (AdaptiveBit& each : tables_[by_size]) each.start_at(within(block.off_share));
  of_output_.resize(outputs);
  of_input_.resize(inputs);
  if (block.coder > 1) of_place_.resize(kernel);
  off_signs_.resize(inputs * kernel + weights_.size());
  row_ = width + 2;
  kernel_.resize(row_ * (1 + (kernel + width - 1) / width));
  for (size_t i = 0; i < shares_.size(); ++i) shares_[i] = first_shares[i] * 256;
  begin_kernel();
}

void MaskModel::begin_kernel() {
  position_ = column_ = 0;
  place_ = row_ + 1;
  of_kernel_ = {};
  if (parent_.empty()) return;
  kernel_parent_ = {};
  const size_t end = std::min(next_ + static_cast<size_t>(shape_.kernel), weights_.size());
  for (size_t i = next_; i < end; ++i) kernel_parent_[weights_[i] > 0] += off_in_parent(i) ? 1 : 0;
}

std::array<size_t, MaskModel::contexts> MaskModel::places(int bin) const {
  const int sign = positive_ ? 1 : -1;
  const size_t narrow = neighbour_bin(bin);
  const auto per_kernel = static_cast<size_t>(shape_.kernel);
  const int8_t* const here =
      off_signs_.data() + next_ + static_cast<size_t>(shape_.inputs) * per_kernel;
  const size_t around = state_of(kernel_[place_ - 1].off_sign, sign) * 27 +
                        state_of(kernel_[place_ - row_].off_sign, sign) * 9 +
                        state_of(off_signs_[next_], sign) * 3 +
                        state_of(*(here - per_kernel), sign);
  std::array<size_t, contexts> at = {
      static_cast<size_t>(bin), output_ * channel_bins + narrow * channel_bins / neighbour_bins,
      narrow * neighbour_states + around, 0};
  if (parent_.empty()) return at;
  const bool off = off_in_parent(next_);
  const int same = kernel_parent_[positive_] - (off ? 1 : 0), opposite = kernel_parent_[!positive_];
  at[by_size] += off ? MagnitudeScale::bins : 0;
  at[by_parent] = narrow * parent_states + (off ? 32 : 0) +
                  static_cast<size_t>(std::min(same, 3) * 8 + std::min(opposite, 7));
  return at;
}

uint32_t MaskModel::predict() {
  const float weight = weights_[next_];
  positive_ = weight > 0;
  const auto at = places(scale_.bin(weight));
  const size_t used = parent_.empty() ? by_parent : contexts;
  for (size_t i = 0; i < used; ++i) used_[i] = &tables_[i][at[i]];
  by_size_ = used_[by_size]->probability();
  const int32_t size_logit = logistic_.logit(within(by_size_));
  for (size_t i = 1; i < used; ++i) {
    if (used_[i]->is_new()) used_[i]->start_as(*used_[by_size]);
    inputs_[i - 1] = logistic_.logit(within(used_[i]->probability())) - size_logit;
  }
  const int sign = positive_ ? 1 : -1;
  const Found* const above = &kernel_[place_ - row_];
  inputs_[3] = of_output_[output_][positive_].log_ratio();
  inputs_[4] = of_input_[input_][positive_].log_ratio();
  inputs_[5] = of_kernel_[positive_].log_ratio();
  inputs_[6] = sign * kernel_[place_ - 1].surprise;
  inputs_[7] = sign * above[0].surprise;
  inputs_[8] = sign * above[-1].surprise;
  inputs_[9] = sign * above[1].surprise;
  if (!of_place_.empty()) inputs_[10] = of_place_[position_][positive_].log_ratio();
  int64_t sum = 0;
  for (size_t i = 0; i < inputs; ++i) sum += static_cast<int64_t>(shares_[i]) * inputs_[i];
  predicted_ = within(logistic_.probability(size_logit + static_cast<int32_t>(sum >> 16)));
  return predicted_;
}

void MaskModel::learn(bool off) {
  const int64_t error = (off ? 65536 : 0) - static_cast<int64_t>(predicted_);
  for (size_t i = 0; i < inputs; ++i) {
    const auto step = static_cast<int32_t>(inputs_[i] * error * learning_rate >> 22);
    shares_[i] = std::clamp(shares_[i] + step, -largest_share, largest_share);
  }
  of_output_[output_][positive_].add(off, by_size_, channel_prior);
  of_input_[input_][positive_].add(off, by_size_, channel_prior);
  if (!of_place_.empty()) of_place_[position_][positive_].add(off, by_size_, channel_prior);
  of_kernel_[positive_].add(off, predicted_, kernel_prior);
  const int sign = positive_ ? 1 : -1;
  const int surprise = ((off ? 65536 : 0) - static_cast<int>(by_size_)) >> 8;
  const auto off_sign = static_cast<int8_t>(off ? sign : 0);
  kernel_[place_] = {off_sign, static_cast<int16_t>(sign * surprise)};
  off_signs_[static_cast<size_t>(shape_.inputs * shape_.kernel) + next_] = off_sign;
  for (size_t i = 0; i < (parent_.empty() ? by_parent : contexts); ++i) used_[i]->learn(off);
  advance();
}

void MaskModel::advance() {
  ++next_;
  ++place_;
  if (++column_ == static_cast<size_t>(shape_.kernel_width)) {
    column_ = 0;
    place_ += 2;
  }
  if (++position_ < static_cast<size_t>(shape_.kernel)) return;
  if (++input_ == static_cast<size_t>(shape_.inputs)) {
    input_ = 0;
    ++output_;
  }
  begin_kernel();
}

}  // namespace submask
