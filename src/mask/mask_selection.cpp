#include "mask/mask_selection.h"

#include "base/fail.h"
#include "base/glob.h"

namespace submask {
namespace {

void check_patterns(const char* option, const std::vector<std::string>& patterns,
                    const Backbone& backbone) {
  for (const std::string& pattern : patterns) {
    bool used = false;
    for (const MaskUnit& unit : backbone.mask_units()) used |= glob_match(pattern, unit.name);
    if (!used)
      fail_argument(text("a pattern of ", option, " that matches a mask unit of ",
                         backbone.info().name, " (submask backbones show lists them)"),
                    text("'", pattern, "'"));
  }
}

void check_share(const char* name, double share) {
  if (!(share > 0 && share <= 1)) fail_argument(text(name, " in (0, 1]"), share);
}

}  // namespace

std::vector<MaskUnit> select_units(const Backbone& backbone, const MaskSelection& selection) {
  check_patterns("--mask-only", selection.only, backbone);
  check_patterns("--mask-exclude", selection.exclude, backbone);
  check_share("a --random-share", selection.random_share);
  check_share("a --largest-share", selection.largest_share);
  std::vector<MaskUnit> units;
  for (const MaskUnit& unit : backbone.mask_units()) {
    const bool wanted =
        selection.only.empty() ? unit.masked_by_default : glob_match_any(selection.only, unit.name);
    const bool in_stage =
        !selection.stages || backbone.stage_of(unit.parameter) <= *selection.stages;
    if (wanted && in_stage && !glob_match_any(selection.exclude, unit.name)) units.push_back(unit);
  }
  if (units.empty())
    fail_argument("at least one mask unit to learn (--mask-only, --mask-exclude, --stages)",
                  "none");
  return units;
}

}  // namespace submask
