#include "learn/swav.h"

#include <algorithm>
#include <cassert>
#include <set>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"
#include "base/joined.h"
#include "learn/self_supervised_checks.h"
#include "learn/sinkhorn.h"
#include "mask/update_state.h"
#include "parallel/communicator.h"
#include "parallel/shares.h"

namespace submask {

const SwavSettings& check_swav(const SwavSettings& s, int64_t crops, int64_t first_kind_crops) {
  check_at_least("a hidden_mlp", s.hidden_mlp, 0);
  check_at_least("a feat_dim", s.feat_dim, 1);
  check_at_least("a number of prototypes", s.nmb_prototypes, 2);
  check_at_least("Sinkhorn iterations", s.sinkhorn_iterations, 1);
  check_at_least("a queue_length", s.queue_length, 0);
  check_above_zero("an epsilon", s.epsilon);
  check_above_zero("a temperature", s.temperature);
  check_crops(crops);
  const std::set<int64_t> assigning(s.crops_for_assign.begin(), s.crops_for_assign.end());
  if (assigning.empty() || assigning.size() != s.crops_for_assign.size() ||
      *assigning.begin() < 0 || *assigning.rbegin() >= first_kind_crops)
    fail_argument(text("--crops-for-assign among the ", first_kind_crops,
                       " crops of the first kind, from 0, each once"),
                  text('[', joined(s.crops_for_assign), ']'));
  return s;
}

Swav::Swav(const SwavSettings& settings, int64_t feature_width, int64_t crops,
           int64_t first_kind_crops, Random& random, at::TensorOptions options)
    : settings_(check_swav(settings, crops, first_kind_crops)),
      crops_(crops),
      projection_(feature_width, settings.hidden_mlp, settings.feat_dim, random, options),
      prototypes_(uniform_start({settings.nmb_prototypes, settings.feat_dim}, settings.feat_dim,
                                random, options)
                      .requires_grad_(true)) {
  if (settings_.queue_length > 0)
    queue_ = at::zeros(
        {std::ssize(settings_.crops_for_assign), settings_.queue_length, settings_.feat_dim},
        options);
}

// The queue takes part in the balance of the assignments, but only the batch's own are returned. Of
// several processes each brings its share of the queue into the balance.
at::Tensor Swav::assign(const at::Tensor& scores, size_t queue_index) {
  at::Tensor balanced = scores;
  if (queue_.defined() && queue_is_full()) {
    const at::Tensor queue = queue_[static_cast<int64_t>(queue_index)];
    const Share share = share_of(queue.size(0), communicator().rank(), communicator().size());
    const at::Tensor own = queue.narrow(0, share.begin, share.end - share.begin);
    balanced = at::cat({own.mm(prototypes_.t()), scores});
  }
  return sinkhorn(balanced, settings_.epsilon, settings_.sinkhorn_iterations)
      .narrow(0, balanced.size(0) - scores.size(0), scores.size(0));
}

// Puts the newest projections first; the oldest are dropped. Every process keeps the whole queue,
// so that a checkpoint is the same for any number of processes.
void Swav::enqueue(const at::Tensor& own, size_t queue_index) {
  const at::Tensor projections = communicator().all_gather_rows(own);
  at::Tensor queue = queue_[static_cast<int64_t>(queue_index)];
  const int64_t taken = std::min(projections.size(0), queue.size(0));
  queue.copy_(
      at::cat({projections.narrow(0, 0, taken), queue.narrow(0, 0, queue.size(0) - taken)}));
}

SwavLoss Swav::loss(const at::Tensor& features, bool use_queue) {
  assert(features.size(0) % crops_ == 0);
  const int64_t images = features.size(0) / crops_;
  {
    const at::NoGradGuard no_grad;
    prototypes_.copy_(unit_length_rows(prototypes_));
  }
  const at::Tensor projections = unit_length_rows(projection_.forward(features));
  const at::Tensor scores = projections.mm(prototypes_.t());
  // log_p is [crops, N, K].
  const at::Tensor log_p =
      (scores / settings_.temperature).log_softmax(1).view({crops_, images, -1});
  const at::Tensor log_p_sum = log_p.sum(0);
  std::vector<at::Tensor> assignments, assigned_projections;
  SwavLoss result;
  for (size_t queue_index = 0; queue_index < settings_.crops_for_assign.size(); ++queue_index) {
    const int64_t crop = settings_.crops_for_assign[queue_index];
    {
      const at::NoGradGuard no_grad;
      assigned_projections.push_back(projections.detach().narrow(0, crop * images, images));
      assignments.push_back(assign(scores.detach().narrow(0, crop * images, images), queue_index));
      if (use_queue && queue_.defined()) enqueue(assigned_projections.back(), queue_index);
    }
    const at::Tensor crop_loss = -(assignments.back() * (log_p_sum - log_p[crop])).sum() /
                                 static_cast<double>(images * (crops_ - 1));
    result.loss = result.loss.defined() ? result.loss + crop_loss : crop_loss;
  }
  if (use_queue) queued_ += static_cast<int64_t>(communicator().sum(static_cast<double>(images)));
  result.loss = result.loss / static_cast<double>(settings_.crops_for_assign.size());
  result.assignments = at::cat(assignments);
  result.projections = at::cat(assigned_projections);
  return result;
}

void Swav::save(TensorMap& state) const {
  projection_.save("swav.projection.", state);
  if (!queue_.defined()) return;
  state["swav.queue"] = queue_;
  state["swav.queued"] = at::scalar_tensor(queued_, at::kLong);
}

void Swav::load(const TensorMap& state) {
  projection_.load("swav.projection.", state);
  if (!queue_.defined()) return;
  load_state(state, "swav.queue", queue_);
  at::Tensor queued = at::zeros({}, at::kLong);
  load_state(state, "swav.queued", queued);
  queued_ = queued.item<int64_t>();
}

}  // namespace submask
