// What the processes of a data-parallel run say to each other.
//
// Every process makes the same calls in the same order. Sums are made in the order of ranks, so all
// processes get the same bits, and a run that is repeated with as many processes repeats them. With
// one process all calls return at once.
//
// CUDA's place: a Communicator over NCCL takes device tensors and enqueues its work on the current
// stream; the functions stay the same, and only `all_reduce` and the gathers differ.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/weight_file.h>

#include "parallel/transport.h"

namespace submask {

class Communicator {
 public:
  Communicator() = default;  // one process
  explicit Communicator(std::unique_ptr<Transport> transport);

  int rank() const { return transport_ ? transport_->rank() : 0; }
  int size() const { return transport_ ? transport_->size() : 1; }
  bool is_alone() const { return size() == 1; }
  // Whether this process writes files and tells the user how the run goes.
  bool is_first() const { return rank() == 0; }

  // Tensors are contiguous, on the CPU, and have one shape and dtype on all ranks.

  // Replaces a tensor by its sum over the ranks.
  void all_reduce(at::Tensor& tensor) const;
  // The sum over the ranks of a number.
  double sum(double value) const;
  // Replaces each tensor, of one dtype, by its mean over the ranks. One message for all.
  void average(const std::vector<at::Tensor>& tensors) const;
  // Returns [size(), ...]: the tensors of all ranks.
  at::Tensor all_gather(const at::Tensor& tensor) const;
  // Joins the rows of all ranks: [n_0 + n_1 + ..., ...]. Each rank may have another number of rows.
  at::Tensor all_gather_rows(const at::Tensor& rows) const;
  // The texts of all ranks.
  std::vector<std::string> all_gather_text(const std::string& text) const;
  // The names of all ranks, sorted, each once; one process's stay as they are.
  std::vector<std::string> all_gather_names(const std::vector<std::string>& names) const;
  // Returns the first rank's text, or its tensors by their names, which other ranks need not have.
  std::string broadcast(const std::string& text) const;
  TensorMap broadcast(const TensorMap& tensors) const;
  // Returns when every rank has called it.
  void barrier() const;

  // A second one between the same processes, for another thread.
  Communicator duplicate() const;

  // Bytes that this rank has sent to others so far.
  int64_t bytes_sent() const { return bytes_sent_; }

  // Ends all processes. Does nothing where there is one.
  void abort(int exit_code) const;

 private:
  std::shared_ptr<Transport> transport_;  // null: one process
  mutable int64_t bytes_sent_ = 0;

  void gather_bytes(const void* send, void* receive, const Pieces& received) const;
  std::vector<int64_t> gather_counts(int64_t count) const;
};

// The communicator of the run that this thread works on. It is one process's unless a
// CommunicatorScope is alive in this thread.
const Communicator& communicator();

class CommunicatorScope {
 public:
  explicit CommunicatorScope(const Communicator& communicator);  // which must outlive the scope
  ~CommunicatorScope();
  CommunicatorScope(const CommunicatorScope&) = delete;
  CommunicatorScope& operator=(const CommunicatorScope&) = delete;

 private:
  const Communicator* outer_;
};

}  // namespace submask
