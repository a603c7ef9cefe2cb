#include "learn/cascade_fields.h"

#include "base/content_digest.h"

namespace submask {

const Section<CascadeSettings>& cascade_fields() {
  using S = CascadeSettings;
  static const Section<S> section{
      "Cascade",
      {
          Field<S>("dispatcher", &S::dispatcher,
                   "Task file whose mask is the dispatcher's (--epochs then says how long it would "
                   "have learned); none: it is learned first",
                   {.type_name = "TASK"})
              .recorded_as([](const S& s) { return content_record(s.dispatcher); }),
          {"experts", &S::experts, "Experts, one a cluster", {within(1, 1000)}},
          {"router", &S::router, "gmm (Gaussian mixture) or kmeans, on the dispatcher's features"},
          {"router-width",
           &S::router_width,
           "Principal components that it looks at, whitened",
           {at_least(1)}},
      }};
  return section;
}

}  // namespace submask
