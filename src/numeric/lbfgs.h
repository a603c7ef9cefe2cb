// Limited-memory BFGS (Nocedal and Wright 2006, algorithm 7.5) with a strong-Wolfe line search.
#pragma once

#include <cstdint>
#include <functional>

#include <ATen/core/Tensor.h>

namespace submask {

struct Evaluation {
  double value = 0;
  at::Tensor gradient;  // float64, the point's shape
};
using DifferentiableFunction = std::function<Evaluation(const at::Tensor& point)>;

// A fixed symmetric positive definite map close to the inverse Hessian, in place of the scaled
// identity of plain L-BFGS. It changes how fast the optimum is reached, never the optimum.
using Preconditioner = std::function<at::Tensor(const at::Tensor& gradient)>;

struct LbfgsOptions {
  int64_t history = 10;
  int64_t max_iterations = 1000;
  double tolerance = 1e-6;  // largest absolute gradient entry at which it stops
};

struct LbfgsResult {
  at::Tensor point;
  double value = 0;
  double gradient_norm = 0;  // largest absolute entry
  int64_t iterations = 0;
};

// Minimises the function from `start` (float64). Ends at the tolerance, at max_iterations, or where
// rounding leaves no descent; gradient_norm shows which it was.
LbfgsResult minimise(const DifferentiableFunction& function, at::Tensor start,
                     const Preconditioner& precondition, const LbfgsOptions& options);

}  // namespace submask
