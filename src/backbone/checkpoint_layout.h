// The layouts other libraries give a network's tensors, as data: one rule a kind of tensor.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace submask {

// From the name a library gives a tensor to the network's own. Each '*' of `from` stands for one or
// more characters other than '.', and for the same ones in `to`; a '*' at the end for all that is
// left, dots included. The first rule that matches a whole name counts.
struct NameRule {
  std::string from;
  std::string to;
  // Row block `part` of `parts` of the network's tensor: q, k and v of a fused qkv.
  int64_t part = 0;
  int64_t parts = 1;
  bool transposed = false;  // the file holds the matrix [in, out]
};

struct CheckpointLayout {
  std::string name;                  // "transformers", "OpenAI"
  std::vector<NameRule> rules;       // empty: the network's own names
  std::vector<std::string> ignored;  // patterns (base/glob.h) of tensors that are not the network's
};

// What `rule` makes of `name`; nothing where it does not match.
std::optional<std::string> renamed(const NameRule& rule, std::string_view name);

}  // namespace submask
