// How scores become a mask, and a mask weights:
//
//   m = criterion(s),  c = 1 / sqrt(mean(m)) per unit,  w = c * theta * m
#pragma once

#include <array>

namespace submask {

enum class CriterionKind {
  threshold,  // on where s > mu
  topk,       // on for the keep_share largest scores of the unit; ties go to the lowest index
  flip,       // +1 where s > mu, -1 elsewhere
};
constexpr auto names_of(CriterionKind) { return std::array{"threshold", "topk", "flip"}; }

struct Criterion {
  CriterionKind kind = CriterionKind::threshold;
  double mu = 0;            // threshold, flip
  double keep_share = 0.9;  // topk: (0, 1]
  bool scale = true;        // c = 1 / sqrt(mean(m)); a flip is never scaled
};

}  // namespace submask
