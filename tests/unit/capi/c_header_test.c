/* The header is C11, and so are its structs' initialisers. */
#include <submask/submask.h>

int submask_header_as_c(void);

int submask_header_as_c(void) {
  const int64_t shape[] = {2, 3};
  const submask_array array = {"name", 2, shape, 0};
  const submask_pack_options options = {
      .profile = SUBMASK_SMALL, .weights = &array, .weight_count = 1};
  return options.weights->rank == 2 && options.parent == 0 ? SUBMASK_OK : SUBMASK_INTERNAL;
}
