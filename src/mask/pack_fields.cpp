#include "mask/pack_fields.h"

namespace submask {

const Section<PackOptions>& pack_fields() {
  using S = PackOptions;
  static const Section<S> section{
      "Packing",
      {
          {"profile", &S::profile,
           "small (fewest bytes), fast (decoded at the speed of memory) or plain (bits)"},
          {"statistics", &S::statistics,
           "Batch norm's: half (float16 differences from the backbone's) or exact"},
          {"head", &S::head, "half (float16), int8 (checked on --data) or exact"},
      }};
  return section;
}

}  // namespace submask
