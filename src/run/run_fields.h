// A run's settings as a table (base/fields.h): one a kind of run.
#pragma once

#include <array>

#include <submask/run.h>

#include "base/fields.h"

namespace submask {

// In the order of RunSpec::work, by the names of the commands.
enum class RunKind { learn, cascade, measure };
constexpr auto names_of(RunKind) { return std::array{"train", "cascade", "evaluate"}; }

inline RunKind kind_of(const RunSpec& spec) { return static_cast<RunKind>(spec.work.index()); }
RunSpec new_spec(RunKind kind);
bool measures_by(const MeasureSpec& spec, MeasureMethod method);

const Fields<RunSpec>& run_fields(RunKind kind);

// Parts of it that other commands have too.
const Section<ComputeSettings>& compute_fields();
const Section<BackboneSettings>& backbone_fields();
const Section<TextSettings>& text_fields();
const Section<KnnOptions>& knn_fields();

// An option by its long name. Throws invalid_argument: for one that the kind of run has not, naming
// the nearest, and as its field does.
void assign(RunSpec& spec, const std::string& option, const Words& words);

}  // namespace submask
