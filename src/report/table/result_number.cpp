#include "report/table/result_number.h"

namespace submask {

std::optional<double> result_number(const nlohmann::json& result, const std::string& name) {
  if (!result.is_object()) return std::nullopt;
  if (const auto found = result.find(name); found != result.end())
    return found->is_number() ? std::optional(found->get<double>()) : std::nullopt;
  const size_t dot = name.find('.');
  if (dot == std::string::npos) return std::nullopt;
  const auto within = result.find(name.substr(0, dot));
  if (within == result.end()) return std::nullopt;
  return result_number(*within, name.substr(dot + 1));
}

}  // namespace submask
