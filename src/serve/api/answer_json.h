// An answer of the engine as JSON.
#pragma once

#include "serve/api/predict_job.h"
#include "serve/api/route_table.h"

namespace submask {

// Names of a task's classes: its own, or their numbers.
std::string class_name(const ServedFile& file, int64_t number);

// float32 [C]: softmax of the logits; for a bank, shares of its votes.
at::Tensor class_shares(const at::Tensor& scores);

struct Ranked {
  std::vector<double> values;
  std::vector<int64_t> classes;
};

// The `top` highest of a row [C], the highest first.
Ranked ranked(const at::Tensor& row, int64_t top);

// The rows of banks that are the most similar to images. A bank is normalised once for all answers
// of its task that follow one another.
class NearestRows {
 public:
  // [{row, label, similarity}]: of those that decide, the first.
  Json of(const std::shared_ptr<const ServedFile>& file, const BankHead& bank,
          const at::Tensor& features, int64_t count);

 private:
  std::shared_ptr<const ServedFile> file_;
  at::Tensor unit_rows_;
};

// {task, model_version, predictions: [{label, score}], batch, queue_ms, compute_ms} and, where the
// head is a bank and some are wanted, neighbours. Throws what the
// outcome holds, and Refusal (400) for a task without a head.
Json answer_json(const JobAnswer& answer, int64_t top, int64_t neighbours, NearestRows& nearest);

}  // namespace submask
