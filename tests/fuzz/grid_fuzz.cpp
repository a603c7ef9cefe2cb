// Any bytes as the file of a grid.
#include <cstdlib>

#include <submask/grid.h>

#include "memory_folder.h"
#include "reader_check.h"

namespace {

// Few, so that many files are tried: a short file may ask for a million.
constexpr size_t most_cells = 64;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  const auto path = submask::write_in_memory("grid.toml", bytes);
  const auto read = [&] {
    const submask::Grid grid = submask::read_grid(path, most_cells);
    if (grid.version < 1 || grid.cells.size() > most_cells) std::abort();
    for (size_t i = 0; i < grid.cells.size(); ++i) {
      const submask::GridCell& cell = grid.cells[i];
      if (cell.labels.empty() || (cell.after && *cell.after >= i)) std::abort();
    }
  };
  // The factor: a value of two bytes is a node of a table and words of a cell.
  submask::check_reader(bytes, /*factor=*/1024, read, submask::ErrorKind::invalid_argument);
  return 0;
}
