// Statistics are combined as Chan, Golub and LeVeque (1979) do it: each process gives its count,
// mean and sum of squared deviations, all are gathered, and every process joins them in the order
// of ranks. So a mean far from 0 costs no digits, and all processes have the same bits.
#include "parallel/batch_norm.h"

#include <numeric>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include "parallel/communicator.h"

namespace submask {
namespace {

thread_local bool over_processes = false;

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// All dimensions but that of the channels.
std::vector<int64_t> other_dimensions(const at::Tensor& x) {
  std::vector<int64_t> dimensions(static_cast<size_t>(x.dim() - 1));
  std::iota(dimensions.begin() + 1, dimensions.end(), 2);
  return dimensions;
}

// [C] -> [1, C, 1, 1], or as many dimensions as x has.
at::Tensor along_channels(const at::Tensor& values, const at::Tensor& x) {
  std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
  shape[1] = values.numel();
  return values.view(shape);
}

struct Statistics {
  at::Tensor mean;      // [C]
  at::Tensor variance;  // [C], biased
  double count = 0;     // values of a channel on all processes
};

Statistics statistics_of_all(const at::Tensor& x, const Communicator& processes) {
  const auto own_count = static_cast<double>(x.numel() / x.size(1));
  const at::Tensor own_mean = x.mean(other_dimensions(x));
  const at::Tensor own_squares = x.var(other_dimensions(x), /*unbiased=*/false).mul_(own_count);
  const at::Tensor all = processes.all_gather(
      at::cat({own_mean, own_squares, at::full({1}, own_count, own_mean.options())}));
  const int64_t channels = x.size(1);
  Statistics total;
  at::Tensor squares;
  for (int64_t rank = 0; rank < all.size(0); ++rank) {
    const at::Tensor mean = all[rank].narrow(0, 0, channels),
                     deviations = all[rank].narrow(0, channels, channels);
    const auto count = all[rank][2 * channels].item<double>();
    if (rank == 0) {
      total = {mean.clone(), {}, count};
      squares = deviations.clone();
      continue;
    }
    const at::Tensor distance = mean - total.mean;
    const double joined = total.count + count;
    total.mean.add_(distance, count / joined);
    squares.add_(deviations).add_(distance.square(), total.count * count / joined);
    total.count = joined;
  }
  total.variance = squares / total.count;
  return total;
}

// y = (x - mean) * inverse * weight + bias, and with x_hat = (x - mean) * inverse
// dx = weight * inverse * (dy - mean(dy) - x_hat * mean(dy * x_hat)), the means over all processes
// (Ioffe and Szegedy 2015).
class NormaliseByAll : public torch::autograd::Function<NormaliseByAll> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, const at::Tensor& mean,
                            const at::Tensor& variance, double epsilon, double count) {
    const at::Tensor inverse = (variance + epsilon).rsqrt();
    context->save_for_backward({x, weight, mean, inverse});
    context->saved_data["count"] = count;
    context->saved_data["communicator"] =
        static_cast<int64_t>(reinterpret_cast<intptr_t>(&communicator()));
    return at::batch_norm(x, weight, bias, mean, variance, /*training=*/false, /*momentum=*/0,
                          epsilon, /*cudnn_enabled=*/true);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &mean = saved[2], &inverse = saved[3];
    const at::Tensor& dy = gradients[0];
    const auto& processes = *reinterpret_cast<const Communicator*>(
        static_cast<intptr_t>(context->saved_data["communicator"].toInt()));
    const at::Tensor x_hat = (x - along_channels(mean, x)) * along_channels(inverse, x);
    const at::Tensor own_sum = dy.sum(other_dimensions(x)),
                     own_product_sum = (dy * x_hat).sum(other_dimensions(x));
    at::Tensor sums = at::cat({own_sum, own_product_sum});
    processes.all_reduce(sums);
    sums.div_(context->saved_data["count"].toDouble());
    const int64_t channels = x.size(1);
    const at::Tensor dx = along_channels(weight * inverse, x) *
                          (dy - along_channels(sums.narrow(0, 0, channels), x) -
                           x_hat * along_channels(sums.narrow(0, channels, channels), x));
    // The gradients of weight and bias are this process's share: the run sums gradients itself.
    return {dx, own_product_sum, own_sum, {}, {}, {}, {}};
  }
};

void follow(const at::Tensor& running, const at::Tensor& value, double momentum) {
  if (running.defined()) running.mul_(1 - momentum).add_(value, momentum);
}

}  // namespace

SyncBatchNorm::SyncBatchNorm(bool enabled) : outer_(over_processes) { over_processes = enabled; }

SyncBatchNorm::~SyncBatchNorm() { over_processes = outer_; }

at::Tensor batch_norm(const at::Tensor& x, const BatchNormTensors& norm, bool training,
                      double momentum, double epsilon) {
  if (!training || !over_processes)
    return at::batch_norm(x, norm.weight, norm.bias, norm.running_mean, norm.running_var, training,
                          momentum, epsilon, /*cudnn_enabled=*/true);
  Statistics statistics;
  {
    const at::NoGradGuard no_grad;
    statistics = statistics_of_all(x.detach(), communicator());
    follow(norm.running_mean, statistics.mean, momentum);
    follow(norm.running_var, statistics.variance * (statistics.count / (statistics.count - 1)),
           momentum);
  }
  return NormaliseByAll::apply(x, norm.weight, norm.bias, statistics.mean, statistics.variance,
                               epsilon, statistics.count);
}

}  // namespace submask
