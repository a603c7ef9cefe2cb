// What is expected of a mask's bits: of each weight, the probability that it is off.
//
// A weight is learned to be off when its value times the gradient it has met is large enough. So
// its own size says most, and what was found of the gradient around it says the rest: whether more
// weights of its sign are off than their sizes let expect in its output channel, its input channel,
// at its place in the kernel and in its kernel, and how surprising the bits beside it were. These
// logarithms of ratios, and what a few contexts have seen, are mixed in the logistic domain as
// differences from what the size says, with shares that are learned on the way (as in Mahoney's
// PAQ): what knows nothing yet changes nothing. Whoever encodes and whoever decodes run the same
// integers.
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
  // What the block's spans show must outlive the model.
  explicit MaskModel(const MaskBlock& block);

  // Of the next weight, that it is off: in 65536ths, 1 ... 65535.
  uint32_t predict();
  // And what it was.
  void learn(bool off);

 private:
  enum Context { by_size, by_output, by_neighbours, by_parent, contexts };
  static constexpr size_t inputs = contexts - 1 + 8;  // of the mix

  // A group's weights by sign: negative ones and zeros, positive ones.
  using Signed = std::array<Excess, 2>;

  // What was found at a place of the kernel at hand.
  struct Found {
    int8_t off_sign = 0;   // +-1 where off, 0 where on
    int16_t surprise = 0;  // 256ths of off - probability by size, times the weight's sign
  };

  void begin_kernel();
  void advance();
  std::array<size_t, contexts> places(int bin) const;
  bool off_in_parent(size_t i) const { return (parent_[i / 8] >> (i % 8) & 1) == 0; }

  MaskShape shape_;
  std::span<const float> weights_;
  std::span<const uint8_t> parent_;
  MagnitudeScale scale_;
  const Logistic& logistic_ = Logistic::tables();
  std::array<std::vector<AdaptiveBit>, contexts> tables_;
  std::vector<Signed> of_output_, of_input_, of_place_;  // of_place_: none by coder 1
  Signed of_kernel_;
  std::vector<int8_t> off_signs_;  // of all weights, after as many zeros as an output has weights
  size_t row_ = 0;                 // places of a row in kernel_: one before and one after it
  std::vector<Found> kernel_;      // after a row of nothing
  std::array<int, 2> kernel_parent_{};    // weights off in the parent, by sign
  std::array<int32_t, inputs> shares_{};  // of the mix, 65536ths

  // Of the next weight.
  size_t output_ = 0, input_ = 0, position_ = 0, column_ = 0, next_ = 0, place_ = 0;
  bool positive_ = false;
  std::array<AdaptiveBit*, contexts> used_{};
  std::array<int32_t, inputs> inputs_{};
  uint32_t by_size_ = 0, predicted_ = 0;
};

}  // namespace submask
