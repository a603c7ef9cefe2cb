#include <utility>

#include <submask/run.h>

#include "run/cascade_learning.h"
#include "run/learn_run.h"
#include "run/measure_run.h"
#include "run/run_fields.h"

namespace submask {

const LearnSpec* RunSpec::learn() const {
  const auto* cascade = std::get_if<CascadeSpec>(&work);
  return cascade != nullptr ? &cascade->learn : std::get_if<LearnSpec>(&work);
}

LearnSpec* RunSpec::learn() { return const_cast<LearnSpec*>(std::as_const(*this).learn()); }

struct Runner::Opened : submask::Opened {};

Runner::Runner() : opened_(std::make_unique<Opened>()) {}

Runner::~Runner() = default;

RunResult Runner::run(const RunSpec& spec, const RunHooks& hooks) {
  const ResultJson json = run_opened(spec, hooks, *opened_);
  RunResult result;
  if (json.contains("accuracy")) result.accuracy = json["accuracy"];
  if (json.contains("masked_fraction")) result.masked_fraction = json["masked_fraction"];
  result.out = json.value("out", "");
  result.json = json_text(json);
  return result;
}

ResultJson run_opened(const RunSpec& spec, const RunHooks& hooks, Opened& opened) {
  apply(spec.compute);
  switch (kind_of(spec)) {
    case RunKind::learn:
      return learn(spec, hooks, opened);
    case RunKind::cascade:
      return learn_cascade(spec, hooks, opened);
    case RunKind::measure:
      break;
  }
  return measure(spec, hooks, opened);
}

}  // namespace submask
