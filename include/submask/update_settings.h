// How a gradient moves a value: scores, weights and heads alike.
//
//   sgd    v = momentum * v + d;  x -= rate * (nesterov ? d + momentum * v : v)
//   adam   Kingma and Ba 2015, algorithm 1
// with d = gradient + weight_decay * x. They give the values of torch.optim's SGD (dampening 0) and
// Adam.
#pragma once

#include <array>

namespace submask {

enum class UpdateRule { sgd, adam };
constexpr auto names_of(UpdateRule) { return std::array{"sgd", "adam"}; }

struct UpdateSettings {
  UpdateRule rule = UpdateRule::sgd;
  double rate = 0;          // full rate; a schedule uses a share of it at each step
  double momentum = 0.9;    // of sgd, [0, 1)
  bool nesterov = false;    // of sgd
  double weight_decay = 0;  // L2, >= 0; infinite scores do not decay
  double beta1 = 0.9;       // of adam, [0, 1)
  double beta2 = 0.999;     // [0, 1)
  double epsilon = 1e-8;

  bool operator==(const UpdateSettings&) const = default;
};

}  // namespace submask
