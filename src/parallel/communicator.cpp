#include "parallel/communicator.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <sstream>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"
#include "parallel/shares.h"

namespace submask {
namespace {

thread_local const Communicator* current = nullptr;

// One call moves at most so many bytes, because sizes and offsets are ints.
constexpr int64_t most_bytes = int64_t{1} << 30;

char* bytes_of(const at::Tensor& tensor) { return static_cast<char*>(tensor.mutable_data_ptr()); }

// The pieces of `count` items of so many bytes, where each rank has its share of them.
Pieces shares_in_bytes(int64_t count, int64_t item_bytes, int size) {
  Pieces pieces;
  for (int rank = 0; rank < size; ++rank) {
    const Share share = share_of(count, rank, size);
    pieces.sizes.push_back(static_cast<int>((share.end - share.begin) * item_bytes));
    pieces.offsets.push_back(static_cast<int>(share.begin * item_bytes));
  }
  return pieces;
}

// Pieces that lie one behind the other.
Pieces consecutive(const std::vector<int64_t>& sizes) {
  Pieces pieces;
  int64_t offset = 0;
  for (const int64_t size : sizes) {
    pieces.sizes.push_back(static_cast<int>(size));
    pieces.offsets.push_back(static_cast<int>(offset));
    offset += size;
  }
  return pieces;
}

void check_tensor(const at::Tensor& tensor) {
  if (!tensor.is_cpu() || !tensor.is_contiguous())
    fail_argument("a contiguous tensor on the CPU to share among processes",
                  text(tensor.device(), ", strides ", tensor.strides()));
}

}  // namespace

Communicator::Communicator(std::unique_ptr<Transport> transport)
    : transport_(std::move(transport)) {}

// Each rank sums its share of the tensor, in the order of ranks, and then all ranks get all shares.
// A rank sends 2 (W - 1) / W of the tensor, which no other way undercuts (Patarasuk and Yuan 2009).
void Communicator::all_reduce(at::Tensor& tensor) const {
  if (is_alone() || tensor.numel() == 0) return;
  check_tensor(tensor);
  const at::NoGradGuard no_grad;
  at::Tensor flat = tensor.detach().view({-1});
  const int64_t item_bytes = flat.element_size(), step = most_bytes / item_bytes;
  for (int64_t begin = 0; begin < flat.numel(); begin += step) {
    const at::Tensor part = flat.narrow(0, begin, std::min(step, flat.numel() - begin));
    const Pieces shares = shares_in_bytes(part.numel(), item_bytes, size());
    const Share own = share_of(part.numel(), rank(), size());
    at::Tensor received = at::empty({size(), own.end - own.begin}, flat.options());
    const int own_bytes = shares.sizes[static_cast<size_t>(rank())];
    transport_->exchange(bytes_of(part), shares, bytes_of(received),
                         consecutive(std::vector<int64_t>(static_cast<size_t>(size()), own_bytes)));
    at::Tensor sum = received[0];
    for (int rank = 1; rank < size(); ++rank) sum.add_(received[rank]);
    transport_->gather(bytes_of(sum), bytes_of(part), shares);
    bytes_sent_ += part.nbytes() - own_bytes + int64_t{own_bytes} * (size() - 1);
  }
}

double Communicator::sum(double value) const {
  if (is_alone()) return value;
  at::Tensor total = at::scalar_tensor(value, at::kDouble);
  all_reduce(total);
  return total.item<double>();
}

void Communicator::average(const std::vector<at::Tensor>& tensors) const {
  if (is_alone() || tensors.empty()) return;
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> flat;
  flat.reserve(tensors.size());
  for (const at::Tensor& tensor : tensors) flat.push_back(tensor.flatten());
  at::Tensor all = at::cat(flat);
  all_reduce(all);
  all.div_(size());
  int64_t offset = 0;
  for (const at::Tensor& tensor : tensors) {
    tensor.copy_(all.narrow(0, offset, tensor.numel()).view(tensor.sizes()));
    offset += tensor.numel();
  }
}

void Communicator::gather_bytes(const void* send, void* receive, const Pieces& received) const {
  transport_->gather(send, receive, received);
  bytes_sent_ += int64_t{received.sizes[static_cast<size_t>(rank())]} * (size() - 1);
}

std::vector<int64_t> Communicator::gather_counts(int64_t count) const {
  std::vector<int64_t> counts(static_cast<size_t>(size()));
  gather_bytes(&count, counts.data(),
               consecutive(std::vector<int64_t>(counts.size(), sizeof count)));
  return counts;
}

at::Tensor Communicator::all_gather(const at::Tensor& tensor) const {
  const at::Tensor rows = tensor.unsqueeze(0);
  return is_alone() ? rows : all_gather_rows(rows);
}

// Many rows go in several calls, each of which takes the next rows of every rank.
at::Tensor Communicator::all_gather_rows(const at::Tensor& rows) const {
  if (is_alone()) return rows;
  const at::NoGradGuard no_grad;
  const at::Tensor own = rows.contiguous();
  check_tensor(own);
  const std::vector<int64_t> counts = gather_counts(own.size(0));
  const int64_t row_bytes =
      own.element_size() *
      std::accumulate(own.sizes().begin() + 1, own.sizes().end(), int64_t{1}, std::multiplies<>());
  std::vector<int64_t> shape = own.sizes().vec();
  shape[0] = std::accumulate(counts.begin(), counts.end(), int64_t{0});
  at::Tensor all = at::empty(shape, own.options());
  if (all.numel() == 0) return all;

  const int64_t step = std::max<int64_t>(1, most_bytes / (row_bytes * size()));
  const int64_t longest = *std::max_element(counts.begin(), counts.end());
  for (int64_t begin = 0; begin < longest; begin += step) {
    std::vector<int64_t> lengths;
    for (const int64_t count : counts)
      lengths.push_back(std::clamp<int64_t>(count - begin, 0, step));
    std::vector<int64_t> sizes = lengths;
    for (int64_t& size : sizes) size *= row_bytes;
    const Pieces pieces = consecutive(sizes);
    shape[0] = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
    const at::Tensor part = at::empty(shape, own.options());
    gather_bytes(bytes_of(own) + std::min(begin, own.size(0)) * row_bytes, bytes_of(part), pieces);
    int64_t from = 0, to = 0;
    for (size_t rank = 0; rank < counts.size(); ++rank) {
      all.narrow(0, to + std::min(begin, counts[rank]), lengths[rank])
          .copy_(part.narrow(0, from, lengths[rank]));
      from += lengths[rank];
      to += counts[rank];
    }
  }
  return all;
}

std::vector<std::string> Communicator::all_gather_text(const std::string& text) const {
  if (is_alone()) return {text};
  const std::vector<int64_t> lengths = gather_counts(std::ssize(text));
  const Pieces pieces = consecutive(lengths);
  std::string all(static_cast<size_t>(std::accumulate(lengths.begin(), lengths.end(), int64_t{0})),
                  '\0');
  gather_bytes(text.data(), all.data(), pieces);
  std::vector<std::string> texts;
  for (size_t rank = 0; rank < lengths.size(); ++rank)
    texts.push_back(all.substr(static_cast<size_t>(pieces.offsets[rank]),
                               static_cast<size_t>(pieces.sizes[rank])));
  return texts;
}

std::vector<std::string> Communicator::all_gather_names(
    const std::vector<std::string>& names) const {
  if (is_alone()) return names;
  std::string own;
  for (const std::string& name : names) own += name + '\0';
  std::set<std::string> all;
  for (const std::string& text : all_gather_text(own)) {
    std::istringstream ended(text);
    for (std::string name; std::getline(ended, name, '\0');) all.insert(name);
  }
  return {all.begin(), all.end()};
}

std::string Communicator::broadcast(const std::string& text) const {
  return is_alone() ? text : all_gather_text(is_first() ? text : "").front();
}

TensorMap Communicator::broadcast(const TensorMap& tensors) const {
  if (is_alone()) return tensors;
  const at::NoGradGuard no_grad;
  std::ostringstream listed;  // a line each: dtype, dimensions, name
  for (const auto& [name, tensor] : tensors) {
    listed << static_cast<int>(tensor.scalar_type()) << ' ' << tensor.dim();
    for (const int64_t size : tensor.sizes()) listed << ' ' << size;
    listed << ' ' << name << '\n';
  }
  TensorMap first;
  std::istringstream lines(broadcast(listed.str()));
  int dtype = 0, dimensions = 0;
  while (lines >> dtype >> dimensions) {
    std::vector<int64_t> shape(static_cast<size_t>(dimensions));
    for (int64_t& size : shape) lines >> size;
    std::string name;
    std::getline(lines.ignore(), name);
    const auto type = static_cast<at::ScalarType>(dtype);
    const at::Tensor sent =
        is_first() ? tensors.at(name).detach().to(at::kCPU).reshape({-1}) : at::empty({0}, type);
    first[name] = all_gather_rows(sent).view(shape);
  }
  return first;
}

void Communicator::barrier() const {
  if (!is_alone()) gather_counts(0);
}

Communicator Communicator::duplicate() const {
  return is_alone() ? Communicator() : Communicator(transport_->duplicate());
}

void Communicator::abort(int exit_code) const {
  if (!is_alone()) transport_->abort(exit_code);
}

const Communicator& communicator() {
  static const Communicator alone;
  return current != nullptr ? *current : alone;
}

CommunicatorScope::CommunicatorScope(const Communicator& communicator) : outer_(current) {
  current = &communicator;
}

CommunicatorScope::~CommunicatorScope() { current = outer_; }

}  // namespace submask
