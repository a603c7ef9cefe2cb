// A grid of two methods by two seeds, run in this process: small_grid FOLDER
#include <iostream>

#include <submask/error.h>
#include <submask/grid.h>

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  const std::filesystem::path folder = argv[1];
  submask::Grid grid;
  grid.title = "two methods by two seeds";
  for (const submask::Method method : {submask::Method::fs, submask::Method::fft})
    for (const uint64_t seed : {0, 1}) {
      submask::LearnSpec learn;
      learn.method = method;
      // Options by their names and words of the command line: a recipe gives all others, as the
      // network needs them, when the run begins.
      learn.change("epochs", "1");
      submask::RunSpec spec;
      spec.backbone.name = "resnet20";
      spec.data.spec = "fashion-mnist";
      spec.data.train_limit = 256;
      spec.data.test_limit = 128;
      spec.compute.seed = seed;
      spec.work = learn;
      const std::string name = method == submask::Method::fs ? "fs" : "fft";
      grid.cells.push_back({.spec = spec,
                            .labels = {{"method", name}, {"seed", std::to_string(seed)}},
                            .after = {}});
    }

  submask::GridOptions options;
  options.db = folder / "results.sqlite";
  submask::GridHooks hooks;
  hooks.ended = [](size_t cell, bool done, const std::string& result) {
    std::cout << "cell " << cell << (done ? ": " : " failed ") << result << '\n';
  };
  const submask::GridSummary summary = submask::run_grid(grid, options, hooks);
  std::cout << summary.runs << " runs, in " << options.db.string() << '\n';
  return 0;
} catch (const submask::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
