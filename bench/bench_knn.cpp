// Question: what does exact cosine kNN cost over torch's product of the same queries and bank with
// topk? Theirs gets features of length one and does neither votes nor checks; it works on as many
// queries at a time as 1 GiB of similarities holds.
#include <fstream>
#include <iostream>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>

#include "bench/options.h"
#include "bench/paired_timing.h"

namespace submask::bench {
namespace {

struct Settings {
  int64_t bank = 50000, queries = 10000, width = 2048, classes = 100, k = 200;
  int rounds = 3;
};

// Features as pooled ones are: positive, in clusters around their classes' centres.
Features make_features(const Settings& settings, int64_t count, const at::Tensor& centres) {
  const at::Tensor labels = at::randint(settings.classes, {count}, at::kLong);
  const at::Tensor values = at::randn({count, settings.width});
  for (int64_t row = 0; row < count; row += 4096) {
    const int64_t rows = std::min<int64_t>(4096, count - row);
    values.narrow(0, row, rows).add_(centres.index_select(0, labels.narrow(0, row, rows))).relu_();
  }
  return {values, labels, {}};
}

at::Tensor plain_topk(const at::Tensor& bank, const at::Tensor& queries, int64_t k) {
  constexpr int64_t similarities = 1 << 28;  // 1 GiB
  const int64_t together = std::max<int64_t>(1, similarities / bank.size(0));
  std::vector<at::Tensor> nearest;
  for (int64_t begin = 0; begin < queries.size(0); begin += together) {
    const int64_t rows = std::min(together, queries.size(0) - begin);
    const at::Tensor products = at::mm(queries.narrow(0, begin, rows), bank.t());
    nearest.push_back(std::get<1>(at::topk(products, std::min(k, bank.size(0)))));
  }
  return at::cat(nearest);
}

double status_mib(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kib = 0;
  while (status >> word)
    if (word == key) status >> kib;
  return kib / 1024;
}

void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

void measure(const Settings& settings) {
  at::manual_seed(7);
  const at::Tensor centres = at::randn({settings.classes, settings.width}).mul_(0.3);
  const Features bank = make_features(settings, settings.bank, centres);
  const Features queries = make_features(settings, settings.queries, centres);
  const auto ours = [&] { knn_scores(bank, queries.values, settings.classes, {settings.k, 0.1}); };
  const double before = status_mib("VmRSS:");
  forget_peak();
  ours();
  const double beyond = status_mib("VmHWM:") - before;

  const auto unit = [](const at::Tensor& rows) { return rows / rows.norm(2, {1}, true); };
  const at::Tensor unit_bank = unit(bank.values), unit_queries = unit(queries.values);
  const PairedTimes times =
      time_in_turn(settings.rounds, ours, [&] { plain_topk(unit_bank, unit_queries, settings.k); });
  print_result({"knn", median(times.ours), median(times.theirs), times.ratios(), "s"},
               {{"bank", settings.bank},
                {"queries", settings.queries},
                {"width", settings.width},
                {"k", settings.k},
                {"ours_beyond_features_mib", std::round(beyond)}});
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options("Exact kNN (ours) and at::mm with topk (theirs)");
  submask::bench::Settings settings;
  int threads = 2;
  options.add_positive("--bank", settings.bank);
  options.add_positive("--queries", settings.queries);
  options.add_positive("--width", settings.width);
  options.add_positive("--k", settings.k);
  options.add_positive("--rounds", settings.rounds);
  options.add("--threads", threads);
  options.parse(argc, argv);
  at::set_num_threads(threads);
  const at::NoGradGuard no_grad;
  submask::bench::measure(settings);
}
