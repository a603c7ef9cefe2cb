#include "kernels/mask_step.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <deque>
#include <vector>

#include "kernels/mask_blocks.h"

namespace submask::kernels {
namespace {

// Those who share a step meet once, and not after each sweep over each unit: the blocks of all
// sweeps stand in one line, from which whoever has time takes the next. A block waits until the
// sweep before its own has ended, all of whose blocks were taken earlier, so that whoever waits
// waits for somebody at work. Every second sweep goes backwards: what the one before it read last
// is in the cache still. A unit of few blocks is one block of the line, all sweeps of it.
class UnitSteps {
 public:
  UnitSteps(const MaskStep& step, StepUnit& unit)
      : step_(step), unit_(unit), blocks_(block_count(unit.count)), how_(step.score) {
    if (has_sums()) sums_.resize(static_cast<size_t>(blocks_));
    for (std::atomic<int64_t>& left : left_) left = blocks_;
    if (!has_sums()) begin_scores();
    streamed_ = is_streamed(unit.weight, unit.count);
  }

  // That stand in the line.
  int64_t blocks() const { return is_whole() ? 1 : blocks_of_sweeps(); }

  void run(int64_t index) {
    if (!is_whole()) return run_block(index);
    for (int64_t i = 0; i < blocks_of_sweeps(); ++i) run_block(i);
  }

 private:
  static constexpr int64_t few_blocks = 4;
  struct Sums {          // over a block
    double dot = 0;      // of gradient and weight
    double squares = 0;  // of theta * gradient
  };

  bool is_whole() const { return blocks_ <= few_blocks; }
  bool has_sums() const { return step_.is_scaled || step_.has_unit_rates; }
  int64_t blocks_of_sweeps() const { return (has_sums() ? 3 : 2) * blocks_; }

  void run_block(int64_t index) {
    if (!has_sums()) index += blocks_;
    const int64_t sweep = index / blocks_, place = index % blocks_;
    const int64_t first = (sweep == 1 ? blocks_ - 1 - place : place) * block_size;
    const int64_t length = std::min(block_size, unit_.count - first);
    if (sweep == 0) {
      Sums& sums = sums_[static_cast<size_t>(place)];
      const float* gradient = unit_.gradient + first;
      if (step_.is_scaled) sums.dot = dot_block(gradient, unit_.weight + first, length);
      if (step_.has_unit_rates) sums.squares = squares_block(unit_.theta + first, gradient, length);
      end_block(0, [&] { begin_scores(); });
    } else if (sweep == 1) {
      wait(begun_scores_);
      score_block(how_, unit_.theta + first, unit_.gradient + first, unit_.score + first,
                  unit_.velocity + first, length);
      on_ += count_above(unit_.score + first, how_.mu, length);
      end_block(1, [&] { begin_weights(); });
    } else {
      wait(begun_weights_);
      if (unit_.on == 0 && step_.off_scale == 0) return;
      masked_block(unit_.score + first, how_.mu, static_cast<float>(unit_.scale), step_.off_scale,
                   unit_.theta + first, unit_.weight + first, length, streamed_);
    }
  }

  static void wait(const std::atomic<bool>& begun) { begun.wait(false, std::memory_order_acquire); }
  static void open(std::atomic<bool>& begun) {
    begun.store(true, std::memory_order_release);
    begun.notify_all();
  }

  void end_block(size_t sweep, const auto& begin_next) {
    if (--left_[sweep] == 0) begin_next();
  }

  void begin_scores() {
    Sums total;
    for (const Sums& part : sums_) {
      total.dot += part.dot;
      total.squares += part.squares;
    }
    if (step_.is_scaled) {
      const double c = unit_.scale;
      how_.gradient_scale = static_cast<float>(c);
      how_.shift = static_cast<float>(c * c / (2.0 * static_cast<double>(unit_.count)) * total.dot);
    }
    if (step_.has_unit_rates) {
      double average = unit_.gradient_size;
      how_.rate = static_cast<float>(
          unit_rate(how_.rate, unit_.scale, total.squares, unit_.count, average));
      unit_.gradient_size = static_cast<float>(average);
    }
    open(begun_scores_);
  }

  void begin_weights() {
    unit_.on = on_;
    if (step_.is_scaled && unit_.on > 0)
      unit_.scale = std::sqrt(static_cast<double>(unit_.count) / static_cast<double>(unit_.on));
    open(begun_weights_);
  }

  const MaskStep& step_;
  StepUnit& unit_;
  const int64_t blocks_;
  ScoreStep how_;
  std::vector<Sums> sums_;  // of each block, added in their order
  std::array<std::atomic<int64_t>, 2> left_;
  std::atomic<int64_t> on_ = 0;
  std::atomic<bool> begun_scores_ = false, begun_weights_ = false;
  bool streamed_ = false;
};

}  // namespace

void step_masks(const ParallelFor& parallel_for, const MaskStep& step, std::span<StepUnit> units) {
  std::deque<UnitSteps> steps;
  std::vector<int64_t> begins;  // of each unit in the line
  int64_t end = 0;
  for (StepUnit& unit : units) {
    begins.push_back(end);
    end += steps.emplace_back(step, unit).blocks();
  }
  std::atomic<int64_t> next = 0;
  parallel_for(end, [&](int64_t, int64_t) {
    for (int64_t place = next++; place < end; place = next++) {
      const auto unit = std::ranges::upper_bound(begins, place) - begins.begin() - 1;
      steps[static_cast<size_t>(unit)].run(place - begins[static_cast<size_t>(unit)]);
    }
  });
}

}  // namespace submask::kernels
