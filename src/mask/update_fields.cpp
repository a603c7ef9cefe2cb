#include "mask/update_fields.h"

namespace submask {

const Fields<UpdateSettings>& update_fields() {
  using S = UpdateSettings;
  static const Fields<S> fields{
      {"Learning",
       {
           {"update-rule", &S::rule, "How a gradient moves what is learned"},
           {"rate", &S::rate, "Learning rate at its full height", {factor()}},
           {"weight-decay", &S::weight_decay, "Pull of what is learned towards 0 (L2)", {factor()}},
       }},
      {"Learning",
       {
           {"momentum", &S::momentum, "Momentum of sgd", {share_below_one()}},
           {"nesterov", &S::nesterov, "Whether sgd's momentum is Nesterov's"},
       },
       [](const S& s) { return s.rule == UpdateRule::sgd; }},
      {"Learning",
       {
           {"beta1", &S::beta1, "Decay of adam's mean of gradients", {share_below_one()}},
           {"beta2", &S::beta2, "Decay of adam's mean of squared gradients", {share_below_one()}},
           {"adam-epsilon", &S::epsilon, "What adam adds to the root of that mean", {at_least(0)}},
       },
       [](const S& s) { return s.rule == UpdateRule::adam; }},
  };
  return fields;
}

}  // namespace submask
