// Cosine k nearest neighbours, exact: float32 products of a block of queries with a tile of the
// bank, and a heap of the k best per query that takes in one tile after another. A higher bank
// index never replaces an equal similarity, so ties go to the lower index.
#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>

#include "base/fail.h"
#include "evaluate/feature_matrix.h"

namespace submask {
namespace {

constexpr int64_t query_block = 2048;
constexpr int64_t bank_tile = 4096;

struct Neighbour {
  float similarity;
  int64_t index;
};

bool closer(const Neighbour& a, const Neighbour& b) {
  return a.similarity > b.similarity || (a.similarity == b.similarity && a.index < b.index);
}

// The `capacity` closest neighbours seen so far; the farthest of them on top of the heap.
class NearestHeap {
 public:
  void offer(Neighbour candidate, size_t capacity) {
    if (heap_.size() < capacity) {
      heap_.push_back(candidate);
      std::push_heap(heap_.begin(), heap_.end(), closer);
    } else if (closer(candidate, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), closer);
      heap_.back() = candidate;
      std::push_heap(heap_.begin(), heap_.end(), closer);
    }
  }
  const std::vector<Neighbour>& neighbours() const { return heap_; }

 private:
  std::vector<Neighbour> heap_;
};

// Rows of length one; a row of zeros stays zero and is at cosine 0 to everything. Norms are taken
// in float64, where no finite float32 row overflows.
at::Tensor unit_rows(const at::Tensor& rows) {
  const at::Tensor norms = at::linalg_vector_norm(rows, 2, at::IntArrayRef{1}, true, at::kDouble);
  return (rows / norms.clamp_min(1e-300)).to(at::kFloat);
}

void offer_tile(std::vector<NearestHeap>& heaps, const at::Tensor& similarities, int64_t first,
                int64_t k) {
  const float* values = similarities.const_data_ptr<float>();
  const int64_t columns = similarities.size(1);
  at::parallel_for(0, similarities.size(0), 16, [&](int64_t begin, int64_t end) {
    for (int64_t query = begin; query < end; ++query) {
      NearestHeap& heap = heaps[static_cast<size_t>(query)];
      for (int64_t column = 0; column < columns; ++column)
        heap.offer({values[query * columns + column], first + column}, static_cast<size_t>(k));
    }
  });
}

// Votes relative to the closest neighbour's, so that a small temperature cannot overflow.
void vote(const NearestHeap& heap, const int64_t* labels, double temperature, int64_t classes,
          float* scores) {
  const auto& neighbours = heap.neighbours();
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

KnnOptions knn_preset(const std::string& name) {
  if (name == "paper") return {200, 0.1};
  if (name == "dino") return {20, 0.07};
  fail_argument("a kNN preset, paper or dino", text("'", name, "'"));
}

at::Tensor knn_scores(const Features& bank, const at::Tensor& queries, int64_t classes,
                      const KnnOptions& options) {
  const at::NoGradGuard no_grad;
  if (options.k < 1) fail_argument("k of at least 1", options.k);
  if (!(options.temperature > 0) || !std::isfinite(options.temperature))
    fail_argument("a temperature above 0", options.temperature);
  const at::Tensor stored = feature_matrix(bank.values, "bank features");
  const at::Tensor asked = feature_matrix(queries, "query features");
  const int64_t count = stored.size(0), queried = asked.size(0);
  if (count == 0) fail_argument("a bank of at least one feature", "none");
  if (asked.size(1) != stored.size(1))
    fail_argument(text("queries of the bank's width ", stored.size(1)), asked.size(1));
  const at::Tensor labels = class_vector(bank.labels, count, classes, "bank labels");
  const int64_t k = std::min(options.k, count);

  at::Tensor scores = at::empty({queried, classes}, at::kFloat);
  for (int64_t begin = 0; begin < queried; begin += query_block) {
    const at::Tensor block =
        unit_rows(asked.narrow(0, begin, std::min(query_block, queried - begin)));
    std::vector<NearestHeap> heaps(static_cast<size_t>(block.size(0)));
    for (int64_t first = 0; first < count; first += bank_tile) {
      const at::Tensor tile =
          unit_rows(stored.narrow(0, first, std::min(bank_tile, count - first)));
      offer_tile(heaps, at::mm(block, tile.t()), first, k);
    }
    float* out = scores.data_ptr<float>() + begin * classes;
    for (size_t i = 0; i < heaps.size(); ++i)
      vote(heaps[i], labels.const_data_ptr<int64_t>(), options.temperature, classes,
           out + static_cast<int64_t>(i) * classes);
  }
  return scores;
}

}  // namespace submask
