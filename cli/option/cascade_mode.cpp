#include "cli/option/cascade_mode.h"

#include "cli/option/field_options.h"
#include "run/run_fields.h"

namespace submask::cli {

void add_cascade_mode(CLI::App& command, CascadeMode& mode) {
  const Field<RunSpec>* field = find_field(run_fields(RunKind::measure), "cascade");
  const RunSpec default_spec = new_spec(RunKind::measure);
  add_field_option(command, "Options", *field, field->words(default_spec),
                   [&mode](const Words& words) {
                     mode = value_named<CascadeMode>(words.back(), "a value of --cascade");
                   });
}

}  // namespace submask::cli
