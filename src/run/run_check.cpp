#include "run/run_check.h"

#include "learn/settings_check.h"
#include "run/kept_epochs.h"
#include "run/run_settings.h"

namespace submask {

CheckedRun check_run(const RunSpec& spec, Opened& opened) {
  CheckedRun run{open_run_data(spec, opened), opened.backbone(spec.backbone, spec.compute)};
  if (spec.learn() == nullptr) return run;
  run.settings = settings_without_texts(spec, run.backbone.info());
  check_training(run.backbone, run.data.learned, run.settings);
  if (spec.learn()->keep_epochs) check_keeps_epochs(spec.learn()->method);
  return run;
}

}  // namespace submask
