// The sweeps of mask learning over one mask unit, on the CPU in float32.
//
// Arrays are contiguous and have `count` elements. Each sweep is vectorised, and the caller brings
// its threads. Results do not depend on their number, because sums are taken over fixed blocks in a
// fixed order. On other devices and in other dtypes, src/mask computes the same with ATen.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include <submask/update_settings.h>

namespace submask::kernels {

// Calls work(begin, end) for parts that together are 0 ... count, on any threads, and returns when
// all are done.
using ParallelFor =
    std::function<void(int64_t count, const std::function<void(int64_t begin, int64_t end)>& work)>;

// sum(a[i] * b[i]), accumulated in double over blocks.
double dot(const ParallelFor& parallel_for, const float* a, const float* b, int64_t count);
// sum((a[i] * b[i])^2), likewise.
double dot_of_squares(const ParallelFor& parallel_for, const float* a, const float* b,
                      int64_t count);

// The rate of a unit by its own gradients (submask/mask.h): the size of these, sqrt(squares /
// count) times scale with `squares` of dot_of_squares(theta, gradient), goes into `average`, over
// which the rate is taken. 0 while all gradients have been 0. An average of 0 has no size in it
// yet.
double unit_rate(double rate, double scale, double squares, int64_t count, double& average);

// One step of SGD on scores, with the straight-through score gradient computed on the fly:
//   d = gradient_scale * theta * g - shift + weight_decay * s     (decay only for finite scores)
// after which a score below `top` rises by `pull`.
struct ScoreStep {
  float gradient_scale = 1;
  float shift = 0;
  float mu = 0;    // after the step, on[i] = s > mu
  float rate = 0;  // of this step
  float pull = 0;
  float top = -std::numeric_limits<float>::infinity();
  UpdateSettings update;  // momentum, nesterov and weight_decay are used
};

// Updates score and velocity and sets on[i] to 0 or 1. With prices, the pull is `pull * prices[i]`.
// Returns the number of weights that are on.
int64_t update_scores(const ParallelFor& parallel_for, const ScoreStep& step, const float* theta,
                      const float* gradient, float* score, float* velocity, uint8_t* on,
                      int64_t count, const float* prices = nullptr);

// w = on ? scale * theta : off_scale * theta. off_scale is 0 for a mask and -scale for flips.
void materialise(const ParallelFor& parallel_for, float scale, float off_scale, const float* theta,
                 const uint8_t* on, float* weight, int64_t count);

// The same with packed bits: element i is bit i % 8 (least significant first) of bits[i / 8].
void materialise_packed(const ParallelFor& parallel_for, float scale, float off_scale,
                        const float* theta, const uint8_t* bits, float* weight, int64_t count);

// One step of SGD on weights, with d = g + weight_decay * w.
void update_weights(const ParallelFor& parallel_for, const UpdateSettings& update, float rate,
                    const float* gradient, float* weight, float* velocity, int64_t count);

}  // namespace submask::kernels
