// Whether the program that draws is there: tests of pictures say that they are skipped without it.
#pragma once

#include <submask/error.h>

#include "report/chart/gnuplot.h"

namespace submask {

inline bool has_gnuplot() {
  try {
    run_gnuplot("print 1\nset terminal dumb\nplot 1\n");
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace submask
