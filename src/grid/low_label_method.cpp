#include "grid/low_label_method.h"

#include "base/names.h"

namespace submask {
namespace {

std::vector<LowLabelMethod> list_low_label_methods() {
  std::vector<LowLabelMethod> methods;
  for (const std::string& name : all_names<Method>()) {
    const auto method = find_value<Method>(name).value();
    methods.push_back(learns_without_labels(method) ? LowLabelMethod{method, Method::lp}
                                                    : LowLabelMethod{{}, method});
  }
  for (const Method from_labels : {Method::fs, Method::fft})
    methods.push_back({Method::ssl_fs, from_labels});
  return methods;
}

std::vector<std::string> low_label_method_names() {
  std::vector<std::string> names;
  for (const LowLabelMethod& method : low_label_methods()) names.push_back(name_of(method));
  return names;
}

}  // namespace

const std::vector<LowLabelMethod>& low_label_methods() {
  static const std::vector<LowLabelMethod> methods = list_low_label_methods();
  return methods;
}

std::string name_of(const LowLabelMethod& method) {
  if (!method.without_labels) return name_of(method.from_labels);
  const std::string first = name_of(*method.without_labels);
  return method.from_labels == Method::lp ? first : first + "+" + name_of(method.from_labels);
}

std::string title_of(const LowLabelMethod& method) {
  const std::string last = name_of(method.from_labels);
  return method.without_labels ? name_of(*method.without_labels) + " + " + last : last;
}

LowLabelMethod low_label_method(const std::string& name, const std::string& kind) {
  for (const LowLabelMethod& method : low_label_methods())
    if (name_of(method) == name) return method;
  fail_no_value(kind, name, low_label_method_names());
}

FieldShape WordForm<LowLabelMethod>::shape(const Range&) {
  return {.type_name = "NAME", .choices = low_label_method_names()};
}

}  // namespace submask
