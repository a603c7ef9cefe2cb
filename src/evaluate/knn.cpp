// Exact k nearest neighbours by cosine: float32 products of the queries with one tile of the bank
// after another. A list for each query keeps what may be among its k best. As many queries are
// worked on together as fit with their lists into query_bytes, and a tile is brought to unit length
// once for all of them. Products are made for a part of the queries at a time, so that they stay in
// the processor's cache.
#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>

#include "base/fail.h"
#include "evaluate/neighbour_list.h"
#include "numeric/feature_matrix.h"
#include "numeric/unit_length.h"
#include "parallel/communicator.h"
#include "parallel/shares.h"

namespace submask {
namespace {

constexpr int64_t bank_tile = 2048;    // rows
constexpr int64_t product_rows = 512;  // queries: products of 4 MiB for each thread
constexpr int64_t thread_rows = 128;   // queries; fewer are not worth a thread of their own
constexpr int64_t query_bytes = 256 << 20;

int64_t queries_at_a_time(int64_t width, int64_t k) {
  const int64_t each = width * static_cast<int64_t>(sizeof(float)) + NeighbourList::size_bytes(k);
  return std::max<int64_t>(1, query_bytes / each);
}

// Offers a tile of the bank, from its row `first` on, to the lists of queries [begin, end).
void offer_tile(const at::Tensor& tile, int64_t first, const at::Tensor& queries, int64_t begin,
                int64_t end, std::vector<NeighbourList>& lists) {
  const auto columns = static_cast<size_t>(tile.size(0));
  at::Tensor products = at::empty({0}, at::kFloat);
  for (; begin < end; begin += product_rows) {
    const int64_t rows = std::min(product_rows, end - begin);
    products.resize_({rows, tile.size(0)});
    at::mm_out(products, queries.narrow(0, begin, rows), tile.t());
    const float* values = products.const_data_ptr<float>();
    for (int64_t row = 0; row < rows; ++row, values += columns)
      lists[static_cast<size_t>(begin + row)].offer({values, columns}, first);
  }
}

// The lists of queries of unit length over the whole bank. A thread does a whole tile for its
// queries, so that threads wait for each other once for each tile and not for each product.
std::vector<NeighbourList> find_neighbours(const at::Tensor& bank, const at::Tensor& queries,
                                           int64_t k) {
  std::vector<NeighbourList> lists(static_cast<size_t>(queries.size(0)), NeighbourList(k));
  for (int64_t first = 0; first < bank.size(0); first += bank_tile) {
    const at::Tensor tile =
        unit_length(bank.narrow(0, first, std::min(bank_tile, bank.size(0) - first)));
    at::parallel_for(0, queries.size(0), thread_rows, [&](int64_t begin, int64_t end) {
      const at::NoGradGuard no_grad;
      offer_tile(tile, first, queries, begin, end, lists);
    });
  }
  return lists;
}

// Votes relative to the closest neighbour's, so that a small temperature cannot overflow.
void vote(std::span<const Neighbour> neighbours, const int64_t* labels, double temperature,
          int64_t classes, float* scores) {
  float best = neighbours.front().similarity;
  for (const Neighbour& n : neighbours) best = std::max(best, n.similarity);
  std::vector<double> votes(static_cast<size_t>(classes), 0.0);
  double total = 0;
  for (const Neighbour& n : neighbours) {
    const double weight = std::exp((static_cast<double>(n.similarity) - best) / temperature);
    votes[static_cast<size_t>(labels[n.index])] += weight;
    total += weight;
  }
  std::transform(votes.begin(), votes.end(), scores,
                 [total](double value) { return static_cast<float>(value / total); });
}

}  // namespace

KnnOptions knn_preset(KnnPreset preset) {
  return preset == KnnPreset::paper ? KnnOptions{200, 0.1} : KnnOptions{20, 0.07};
}

at::Tensor knn_scores(const Features& bank, const at::Tensor& queries, int64_t classes,
                      const KnnOptions& options) {
  const at::NoGradGuard no_grad;
  if (options.k < 1) fail_argument("k of at least 1", options.k);
  if (!(options.temperature > 0) || !std::isfinite(options.temperature))
    fail_argument("a temperature above 0", options.temperature);
  const at::Tensor stored = feature_matrix(bank.values, "bank features");
  const at::Tensor all_asked = feature_matrix(queries, "query features");
  const Share share = share_of(all_asked.size(0), communicator().rank(), communicator().size());
  const at::Tensor asked = all_asked.narrow(0, share.begin, share.end - share.begin);
  const int64_t count = stored.size(0), queried = asked.size(0);
  if (count == 0) fail_argument("a bank of at least one feature", "none");
  if (asked.size(1) != stored.size(1))
    fail_argument(text("queries of the bank's width ", stored.size(1)), asked.size(1));
  const at::Tensor labels = class_vector(bank.labels, count, classes, "bank labels");
  const int64_t k = std::min(options.k, count);

  at::Tensor scores = at::empty({queried, classes}, at::kFloat);
  const int64_t together = queries_at_a_time(stored.size(1), k);
  for (int64_t begin = 0; begin < queried; begin += together) {
    const int64_t rows = std::min(together, queried - begin);
    auto lists = find_neighbours(stored, unit_length(asked.narrow(0, begin, rows)), k);
    float* out = scores.mutable_data_ptr<float>() + begin * classes;
    at::parallel_for(0, rows, 16, [&](int64_t low, int64_t high) {
      for (int64_t row = low; row < high; ++row)
        vote(lists[static_cast<size_t>(row)].nearest(), labels.const_data_ptr<int64_t>(),
             options.temperature, classes, out + row * classes);
    });
  }
  return communicator().all_gather_rows(scores);
}

}  // namespace submask
