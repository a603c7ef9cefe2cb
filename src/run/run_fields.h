// The tables of the settings of runs (base/fields.h), one for each kind of run.
#pragma once

#include <array>

#include <submask/run.h>

#include "base/fields.h"

namespace submask {

// The kinds are in the order of the types of RunSpec::work. Their names are those of the commands.
enum class RunKind { learn, cascade, measure };
constexpr auto names_of(RunKind) { return std::array{"train", "cascade", "evaluate"}; }

inline RunKind kind_of(const RunSpec& spec) { return static_cast<RunKind>(spec.work.index()); }
// A spec of this kind with the default settings.
RunSpec new_spec(RunKind kind);
// Whether the methods of the spec contain `method`.
bool measures_by(const MeasureSpec& spec, MeasureMethod method);

// Whether its head is made of the names of the classes.
bool has_clip_head(const LearnSpec& spec);

const Fields<RunSpec>& run_fields(RunKind kind);

// Sections of these tables that other commands have too.
const Section<ComputeSettings>& compute_fields();
const Section<BackboneSettings>& backbone_fields();
const Section<TextSettings>& text_fields();
const Section<KnnOptions>& knn_fields();

// Sets options by their long names, in the order of the table. So an option wins over a preset that
// sets it too, whichever of them comes first in `options`. Throws invalid_argument for an option
// that this kind of run does not have, with the nearest name, and for a value that an option may
// not have.
void assign(RunSpec& spec, const Assignments& options);

}  // namespace submask
