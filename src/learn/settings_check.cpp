#include "learn/settings_check.h"

#include <algorithm>
#include <set>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/names.h"
#include "base/option_error.h"
#include "learn/learned_norms.h"
#include "learn/learned_weights.h"
#include "learn/objective_registry.h"
#include "mask/criterion.h"
#include "mask/mask_selection.h"
#include "mask/unit_rows.h"
#include "mask/update_state.h"

namespace submask {
namespace {

void check_rates(const TrainSettings& s) {
  if (!(s.update.rate > 0)) fail_argument("a --rate above 0", s.update.rate);
  if (!(s.head_update.rate >= 0)) fail_argument("a --head-rate of 0 or more", s.head_update.rate);
  check_update(s.update);
  check_update(s.head_update);
  const double warmup = s.warmup_epochs.value_or(0);
  if (warmup < 0 || warmup > static_cast<double>(s.epochs))
    fail_argument(text("a --warmup within the ", s.epochs, " epochs"), warmup);
}

void check_labelled(const TrainSettings& s) {
  if (s.label_smoothing < 0 || s.label_smoothing >= 1)
    fail_argument("a --label-smoothing in [0, 1)", s.label_smoothing);
  if (s.method != Method::lp && (s.crops.size() != 1 || s.crops.front().count != 1))
    fail_argument("one crop an image (--crop) for learning from labels",
                  text(crops_an_image(s.crops), " crops"));
  if (s.method == Method::lp && s.head == HeadKind::clip)
    fail_argument("--method fs or fft for --head clip", "lp");
}

void check_price(const TrainSettings& s, const char* option) {
  const char* otherwise = s.bytes ? "" : " (--byte-price 0 goes without)";
  const Criterion first = scheduled_criterion(s.criterion, s.criterion_schedule, 0, s.epochs);
  if (!(s.score_start.mean > first.mu))
    fail_argument(text("a --score-mean above ", first.mu, ", where the threshold begins, for ",
                       option, otherwise),
                  s.score_start.mean);
  if (s.bytes && s.criterion.kind == CriterionKind::topk)
    fail_argument("--criterion threshold or flip for --bytes", "topk");
  if (s.score_start.kind == ScoreStartKind::kaiming)
    fail_argument(
        text("--score-start constant, normal, magnitude or shuffled for ", option, otherwise),
        name_of(s.score_start.kind));
  if (s.bytes && s.patience)
    fail_argument("all epochs for --bytes, whose last one has them", "--patience");
  if (s.bytes && s.criterion_schedule)
    fail_argument("a threshold that stays, for --bytes to move", "--progressive");
}

void check_mask(const Backbone& backbone, const TrainSettings& s) {
  if (s.criterion.kind == CriterionKind::topk &&
      !(s.criterion.keep_share > 0 && s.criterion.keep_share <= 1))
    fail_argument("a share to --keep in (0, 1]", s.criterion.keep_share);
  // A rate of a mask without unit rates, which would switch weights off at random.
  constexpr double most_unit_rate = 1;
  if (s.has_unit_rates() && s.update.rate > most_unit_rate)
    fail_argument(
        "a --rate of at most 1 with unit rates (--recipe one-rate has one rate for all units)",
        s.update.rate);
  if (!(s.norm_rate >= 0)) fail_argument("a --norm-rate of 0 or more", s.norm_rate);
  if (s.norm_rate > 0 && batch_norm_parameters(backbone).empty())
    fail_argument("a network with batch norms for --norm-rate", backbone.info().name);
  if (s.pays_for_bytes()) check_price(s, s.bytes ? "--bytes" : "--byte-price");
  select_units(backbone, s.selection);
}

// Masks that a run does not learn would be lost, whose statistics it starts from.
void check_start(const Backbone& backbone, const TrainSettings& s) {
  const auto start = learned_start(s, backbone);
  if (!start || !learns_masks(s.method)) return;
  std::set<std::string> learned;
  for (const MaskUnit& unit : select_units(backbone, s.selection)) learned.insert(unit.name);
  for (const UnitMask& unit : start->task.units)
    if (unit.on < unit.count() && !learned.contains(unit.name))
      fail_argument(
          "a start that masks nothing but what is learned (--mask-only, --mask-exclude, "
          "--stages)",
          "a mask of " + unit.name + (s.from_task.empty() ? "" : ", in " + s.from_task));
}

// Smaller tensors take the rank that they can.
void check_lora_rank(const Backbone& backbone, const TrainSettings& s) {
  const TensorMap parameters = backbone.parameters();
  int64_t most = 0;
  for (const MaskUnit& unit : select_units(backbone, s.selection)) {
    const at::Tensor theta = unit_rows(parameters.at(unit.parameter), unit);
    if (theta.dim() >= 2) most = std::max(most, std::min(theta.size(0), theta[0].numel()));
  }
  if (s.adapter.lora_rank > most)
    fail_argument(text("a --lora-rank of at most ", most, ", the full rank of the largest tensor"),
                  s.adapter.lora_rank);
}

}  // namespace

void check_training(const Backbone& backbone, const DataSplits& data, const TrainSettings& s) {
  if (s.epochs < least_epochs(s.method))
    fail_argument(least_epochs(s.method) == 1 ? "at least one epoch (--epochs)"
                                              : text("at least ", least_epochs(s.method),
                                                     " epochs (--epochs) for ", name_of(s.method)),
                  s.epochs);
  if (s.input.batch_size < 1) fail_argument("a --batch-size of at least 1", s.input.batch_size);
  if (s.accumulate < 1) fail_argument("at least one batch a step (--accumulate)", s.accumulate);
  if (backbone.precision() == Precision::float16)
    fail_argument("float32 or bfloat16 as the --precision to train in", "float16");
  if (s.validate_every < 1)
    fail_argument("a --validate-every of at least 1 epoch", s.validate_every);
  if (s.patience && !data.validation)
    fail_argument("a validation set (--validation) for --patience", "none");
  check_rates(s);
  if (learns_masks(s.method)) check_mask(backbone, s);
  if (s.method == Method::lora) check_lora_rank(backbone, s);
  if (may_start_from_task(s.method))
    with_option_in_errors("from", [&] { check_start(backbone, s); });
  if (learns_without_labels(s.method))
    objective_entry(s.self_supervised.objective).check(s);
  else
    check_labelled(s);
}

}  // namespace submask
