// The price for a task file of so many bytes, found within the run (TrainSettings::bytes).
//
// Over the run the price follows the bytes that masks take. What it leaves is met by the threshold:
// once before the last epoch, so that the weights' running statistics and the head are those of
// the masks in the file, and once after it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <submask/train_settings.h>

#include "mask/optimizer.h"

namespace submask {

class ByteTarget {
 public:
  // `optimizer` must outlive this object.
  ByteTarget(const TrainSettings& settings, MaskOptimizer& optimizer);

  // Takes the bytes of the task file as it would be now: what masks may take of them changes with
  // the form of the statistics. Throws invalid_argument where the rest leaves masks no bytes when
  // this is called first.
  void measure(int64_t file_bytes);
  double price() const { return pays() ? pull_ / distance_ : 0; }  // as byte_price, now
  // Why the file that is learned takes other bytes, given its bytes now; nothing where it takes
  // those that were asked for.
  std::optional<std::string> note_of_miss(int64_t file_bytes) const;
  // After a step, with this share of the run done: a few times in a run the price rises where masks
  // take more than they may, and falls where they take less.
  void follow(double run_share);
  // Moves mu so that masks take what they may. Where masks without a price take less, they stay.
  void settle();

  void save(const std::string& prefix, TensorMap& state) const;
  void load(const std::string& prefix, const TensorMap& state);

 private:
  bool pays() const { return pull_ > least_pull_; }
  double mask_bytes() const;  // now
  at::Tensor scores_that_may_be_off() const;
  void set_mu(double mu);

  int64_t bytes_, later_bytes_;
  MaskOptimizer& optimizer_;
  Criterion criterion_;
  double first_mu_;       // from which mu moves
  double distance_;       // from where scores start to it
  double pull_;           // its height now
  double least_pull_;     // below which nothing is paid
  double target_ = 0;     // bytes that masks may take
  int64_t followed_ = 0;  // points at which the price was set
};

}  // namespace submask
