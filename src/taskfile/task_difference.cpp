#include "taskfile/task_difference.h"

#include <bit>
#include <map>

#include "base/fail.h"

namespace submask {
namespace {

MaskAgreement compare_units(const UnitMask& a, const UnitMask& b) {
  MaskAgreement agreement;
  agreement.weights = a.count();
  agreement.off_a = agreement.weights - a.on;
  agreement.off_b = agreement.weights - b.on;
  int64_t on_either = 0;
  for (size_t i = 0; i < a.bits.size(); ++i)
    on_either += std::popcount<uint8_t>(a.bits[i] | b.bits[i]);
  agreement.off_both = agreement.weights - on_either;
  return agreement;
}

}  // namespace

double MaskAgreement::equal_share() const {
  const int64_t differ = off_a + off_b - 2 * off_both;
  return 1 - static_cast<double>(differ) / static_cast<double>(weights);
}

double MaskAgreement::jaccard() const {
  const int64_t either = off_a + off_b - off_both;
  return either > 0 ? static_cast<double>(off_both) / static_cast<double>(either) : 1;
}

double MaskAgreement::chance_jaccard() const {
  const double p = static_cast<double>(off_a) / static_cast<double>(weights);
  const double q = static_cast<double>(off_b) / static_cast<double>(weights);
  return p + q > 0 ? p * q / (p + q - p * q) : 1;
}

TaskDifference compare_tasks(const TaskMasks& a, const TaskMasks& b) {
  if (a.weights_identity != b.weights_identity)
    fail_argument("tasks over the same weights " + a.weights_identity, b.weights_identity);
  std::map<std::string, const UnitMask*> others;
  for (const UnitMask& unit : b.units) others[unit.name] = &unit;
  TaskDifference difference;
  for (const UnitMask& unit : a.units) {
    const auto other = others.find(unit.name);
    if (other == others.end() || other->second->shape != unit.shape) continue;
    UnitAgreement& agreement = difference.units.emplace_back();
    static_cast<MaskAgreement&>(agreement) = compare_units(unit, *other->second);
    agreement.name = unit.name;
    difference.all.weights += agreement.weights;
    difference.all.off_a += agreement.off_a;
    difference.all.off_b += agreement.off_b;
    difference.all.off_both += agreement.off_both;
  }
  if (difference.units.empty()) fail_argument("a mask unit in both tasks", "none");
  return difference;
}

}  // namespace submask
