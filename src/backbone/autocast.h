// Half-precision arithmetic in a scope.
#pragma once

#include <ATen/autocast_mode.h>

#include <submask/backbone.h>

namespace submask {

// Turns on autocast for bfloat16 or float16 until the end of the scope. Does nothing for float32.
class Autocast {
 public:
  Autocast(Precision precision, const at::Device& device)
      : type_(device.type()), active_(precision != Precision::float32) {
    if (!active_) return;
    at::autocast::set_autocast_dtype(type_,
                                     precision == Precision::float16 ? at::kHalf : at::kBFloat16);
    at::autocast::set_autocast_enabled(type_, true);
  }
  ~Autocast() {
    if (!active_) return;
    at::autocast::set_autocast_enabled(type_, false);
    at::autocast::clear_cache();  // it keeps casts of weights, which a step may change
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType type_;
  bool active_;
};

}  // namespace submask
