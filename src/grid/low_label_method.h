// The methods that low-labels compares, by what they learn from few labels and what they have
// learned without labels before.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <vector>

#include <submask/train_settings.h>

#include "base/field_form.h"

namespace submask {

struct LowLabelMethod {
  std::optional<Method> without_labels;  // first, from all images: ssl_fs or ssl_ft
  Method from_labels = Method::lp;       // then, from the labelled images alone

  auto operator<=>(const LowLabelMethod&) const = default;
};

// All there are.
const std::vector<LowLabelMethod>& low_label_methods();

// In options, files and JSON: "fs"; "ssl-fs" where a linear probe follows; "ssl-fs+fs".
std::string name_of(const LowLabelMethod& method);
// In tables and figures: "fs", "ssl-fs + lp", "ssl-fs + fs".
std::string title_of(const LowLabelMethod& method);

// Throws invalid_argument for a name that is none of them; `kind` says in the message what it
// names.
LowLabelMethod low_label_method(const std::string& name, const std::string& kind);

template <>
struct WordForm<LowLabelMethod> {
  static FieldShape shape(const Range&);
  static LowLabelMethod read(const std::string& name, const std::string& word, const Range&) {
    return low_label_method(word, "a value of --" + name);
  }
  static std::string write(const LowLabelMethod& method) { return name_of(method); }
  static RecordJson json(const LowLabelMethod& method) { return name_of(method); }
};

}  // namespace submask
