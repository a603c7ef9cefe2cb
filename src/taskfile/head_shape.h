// Heads as files hold them, in arrays of F32 by name:
//
//   linear  {"weight": [C, D], "bias": [C]}
//   cosine  {"cosine": [C, D]}
//   bank    {"bank": [M, D], "bank_labels": [M], "bank_votes": [3]} with votes {k, T, C}
//
// HeadShape is what is checked of a head, in memory (submask/head.h) as in a file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <submask/array.h>

#include "base/fault.h"

namespace submask {

struct HeadShape {
  enum class Form { linear, cosine, bank };
  Form form = Form::linear;
  std::vector<int64_t> matrix;  // weight, cosine or bank
  std::vector<int64_t> vector;  // bias or bank_labels
  // Of a bank:
  int64_t k = 0, bank_classes = 0;
  double temperature = 0;
  int64_t least_label = 0, largest_label = 0;  // used where there is a label

  // Not set where shapes, labels and numbers are as submask/head.h says.
  std::optional<Fault> fault() const;

  // Of a head without a fault.
  int64_t classes() const { return form == Form::bank ? bank_classes : matrix[0]; }
  int64_t width() const { return matrix[1]; }
};

// Throws invalid_argument where names, dtypes, shapes or values are not those of a head.
HeadShape check_head(const ArrayMap& head);

// Throws corrupt_file where names, shapes or values are not those of a head. The error names
// `head_name` ("conditional.head") and `file`.
HeadShape head_shape(const ArrayMap& head, const std::string& head_name, const std::string& file);

}  // namespace submask
