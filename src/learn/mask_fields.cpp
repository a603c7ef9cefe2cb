#include "learn/mask_fields.h"

namespace submask {
namespace {

using S = TrainSettings;

bool has_masks(const S& s) { return learns_masks(s.method); }

// The option takes two numbers as two words.
Field<S> progressive_field() {
  return {"progressive",
          [](const S& s) {
            return s.criterion_schedule
                       ? std::vector<double>{s.criterion_schedule->from, s.criterion_schedule->to}
                       : std::vector<double>();
          },
          [](S& s, const std::vector<double>& ends) {
            s.criterion_schedule = CriterionSchedule{ends.at(0), ends.at(1)};
          },
          "Two numbers: mu (or the topk share) moves from the first to the second",
          {pair_of_numbers()}};
}

// Scores that start from a task's mask lie on both sides of mu whatever the criterion.
bool has_mu(const S& s) {
  return has_masks(s) && (s.criterion.kind != CriterionKind::topk || !s.from_task.empty());
}
bool keeps_a_share(const S& s) { return has_masks(s) && s.criterion.kind == CriterionKind::topk; }
bool may_scale(const S& s) { return has_masks(s) && s.criterion.kind != CriterionKind::flip; }
bool has_score_mean(const S& s) {
  return has_masks(s) && s.score_start.kind != ScoreStartKind::kaiming;
}
bool has_score_std(const S& s) {
  return has_score_mean(s) && s.score_start.kind != ScoreStartKind::constant;
}

}  // namespace

Section<S> mask_fields() {
  return {
      "Mask (fs)",
      {
          {"criterion", &S::criterion, &Criterion::kind, "How scores become bits"},
          Field<S>("mu", &S::criterion, &Criterion::mu, "Threshold of the scores")
              .used_where(has_mu),
          Field<S>("keep", &S::criterion, &Criterion::keep_share,
                   "topk: share of each unit's weights that stays on", {positive_share()})
              .used_where(keeps_a_share),
          Field<S>("scale", &S::criterion, &Criterion::scale,
                   "Keep the output variance by 1 / sqrt(mean(mask))")
              .used_where(may_scale),
          progressive_field(),
          {"score-start", &S::score_start, &ScoreStart::kind, "Where scores start"},
          Field<S>("score-mean", &S::score_start, &ScoreStart::mean, "The constant, or the mean")
              .used_where(has_score_mean),
          Field<S>("score-std", &S::score_start, &ScoreStart::std,
                   "Standard deviation of normal scores", {at_least(0)})
              .used_where(has_score_std),
          Field<S>("byte-price", &S::byte_price,
                   "What a mask pays for weights that are off, so that its file is smaller: a step "
                   "at the full rate draws scores back by this share of their first distance from "
                   "mu; .0025 to .1 are of use",
                   {at_least(0)})
              .used_where(has_score_mean),
          Field<S>("price-by", &S::price_by,
                   "What a weight that is off pays: as much as any other (uniform), or what the "
                   "file's coder takes to say it (coder)")
              .used_where([](const S& s) {
                return has_score_mean(s) && s.pays_for_bytes() &&
                       s.epochs > 1;  // the coder is asked from the second on
              }),
          Field<S>("bytes", &S::bytes,
                   "Of the task file: the run finds the --byte-price for it, beginning at the one "
                   "given, and moves mu for what the price leaves; a mask that takes less without "
                   "a price stays",
                   {at_least(1)}),
          Field<S>("unit-rates", &S::unit_rates,
                   "Divide each mask unit's --rate by the root mean square of its score gradients: "
                   ".02 suits CIFAR's ResNets, and is a start elsewhere")
              .used_where(
                  [](const S& s) { return has_masks(s) && s.update.rule == UpdateRule::sgd; }),
          {"norm-rate",
           &S::norm_rate,
           "Let batch norms' weights and biases learn beside the mask, at this rate; the task file "
           "has them within the running statistics, without a byte more",
           {at_least(0)}},
          {"random-share",
           &S::selection,
           &MaskSelection::random_share,
           "Let only this random share of each tensor be masked",
           {positive_share()}},
          {"largest-share",
           &S::selection,
           &MaskSelection::largest_share,
           "Let only this share of largest weights be masked",
           {positive_share()}},
      },
      has_masks};
}

Section<S> unit_fields() {
  return {"Units",
          {
              {"mask-only", &S::selection, &MaskSelection::only,
               "Patterns of the units to mask or to adapt, as 'layer3.*'"},
              {"mask-exclude", &S::selection, &MaskSelection::exclude,
               "Patterns of units to leave as they are"},
              {"stages",
               &S::selection,
               &MaskSelection::stages,
               "The units of the stem and the first N stages only",
               {at_least(0)}},
          },
          [](const S& s) { return has_masks(s) || learns_small_change(s.method); }};
}

}  // namespace submask
