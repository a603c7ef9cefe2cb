// Predicts the bits of a mask: for each weight, the probability that it is off.
//
// Learning switches a weight off when its value times the gradient it has met is large enough. So
// the size of the weight tells most. The bits around it tell more about the gradient: whether more
// weights of its sign are off than their sizes let expect in its output channel, in its input
// channel, at its position in the kernel and in its kernel, and how surprising the bits beside it
// were. These logarithms of ratios, and the probabilities of a few contexts, are mixed in the
// logistic domain (as in Mahoney's PAQ), with mixing weights that are learned on the way. They
// enter as differences from the logit by size, so that an input without knowledge changes nothing.
// Encoder and decoder compute the same integers.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "codec/adaptive_bit.h"
#include "codec/excess.h"
#include "codec/logistic.h"
#include "codec/magnitude.h"
#include "codec/mask_codec.h"

namespace submask {

class MaskModel {
 public:
  // The memory of the block's spans must outlive the model.
  explicit MaskModel(const MaskBlock& block);

  // The probability that the next weight is off: in 65536ths, 16 ... 65520.
  uint32_t predict();
  // Takes in whether that weight is off, and goes on to the next one.
  void learn(bool off);

 private:
  enum Context { by_size, by_output, by_neighbours, by_parent, contexts };
  static constexpr size_t mix_inputs = 11;

  // The excess of a group's weights by sign: [0] negative ones and zeros, [1] positive ones.
  using SignedExcess = std::array<Excess, 2>;

  // A position of the current kernel.
  struct Cell {
    int8_t off_sign = 0;   // +-1 where off, 0 where on
    int16_t surprise = 0;  // (off - probability by size) times the weight's sign, in 256ths
  };

  void begin_kernel();
  void advance();
  std::array<size_t, contexts> context_indices(int bin) const;
  bool off_in_parent(size_t i) const { return (parent_[i / 8] >> (i % 8) & 1) == 0; }

  MaskShape shape_;
  std::span<const float> weights_;
  std::span<const uint8_t> parent_;
  MagnitudeScale scale_;
  const Logistic& logistic_ = Logistic::tables();
  std::array<std::vector<AdaptiveBit>, contexts> tables_;
  std::vector<SignedExcess> output_excess_, input_excess_, position_excess_;
  SignedExcess kernel_excess_;
  std::vector<int8_t> off_signs_;       // of all weights, after a zero for each weight of an output
  size_t row_cells_ = 0;                // kernel_width and one cell before and after it
  std::vector<Cell> cells_;             // of the current kernel, after a row of empty cells
  std::array<int, 2> kernel_parent_{};  // weights of the kernel that are off in the parent, by sign
  std::array<int32_t, mix_inputs> mix_weights_{};  // in 65536ths

  // These describe the next weight.
  size_t output_ = 0, input_ = 0, position_ = 0, column_ = 0, next_ = 0, cell_ = 0;
  bool positive_ = false;
  std::array<AdaptiveBit*, contexts> context_bits_{};
  std::array<int32_t, mix_inputs> inputs_{};
  uint32_t size_probability_ = 0, predicted_ = 0;
};

}  // namespace submask
