// Question: how fast is the linear probe beside scikit-learn's LogisticRegression (lbfgs) on the
// same features, to the same loss? Both stop at the same largest gradient entry; the losses they
// end at are printed.
//
// The features have what pooled ones have: none negative, most near zero, variances along principal
// directions that fall as 1 / rank, and classes told apart by the leading ones, so that a probe of
// 10,000 images is right on about 85 % of others.
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <unistd.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>

#include "bench/child_process.h"
#include "bench/options.h"
#include "bench/paired_timing.h"

namespace submask::bench {
namespace {

struct Settings {
  int64_t count = 10000, width = 512, classes = 10;
  double l2 = -1;
  double tolerance = 1e-5;
  int rounds = 3;
};

Features make_features(const Settings& settings) {
  at::manual_seed(11);
  const at::Tensor labels = at::randint(settings.classes, {settings.count}, at::kLong);
  const at::Tensor spread = at::arange(1, settings.width + 1, at::kFloat).reciprocal_();
  const at::Tensor centres = at::randn({settings.classes, settings.width}).mul_(0.5);
  constexpr int64_t telling = 32;  // leading directions; the others tell classes apart less
  if (settings.width > telling) centres.narrow(1, telling, settings.width - telling).mul_(0.2);
  const at::Tensor latent =
      (at::randn({settings.count, settings.width}) + centres.index_select(0, labels)) *
      spread.sqrt();
  const at::Tensor rotation =
      std::get<0>(at::linalg_qr(at::randn({settings.width, settings.width})));
  const at::Tensor values = at::mm(latent, rotation).mul_(4);
  return {(values + 0.1 * at::randn_like(values)).relu_(), labels, {}};
}

// A file of the features that the child reads, gone with this object.
class SharedFeatures {
 public:
  explicit SharedFeatures(const Features& features)
      : path_(std::filesystem::temp_directory_path() /
              ("submask_probe_" + std::to_string(getpid()))) {
    std::ofstream file(path_, std::ios::binary);
    const auto write = [&](const at::Tensor& tensor) {
      file.write(static_cast<const char*>(tensor.const_data_ptr()),
                 static_cast<std::streamsize>(tensor.nbytes()));
    };
    write(features.values);
    write(features.labels);
  }
  ~SharedFeatures() { std::filesystem::remove(path_); }
  SharedFeatures(const SharedFeatures&) = delete;
  SharedFeatures& operator=(const SharedFeatures&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

struct Fit {
  double seconds = 0, loss = 0, gradient = 0;
  int64_t iterations = 0;
};

Fit ask_fit(ChildProcess& sklearn, const std::string& question) {
  Fit fit;
  std::istringstream(sklearn.ask(question)) >> fit.seconds >> fit.loss >> fit.iterations >>
      fit.gradient;
  return fit;
}

void measure(ChildProcess& sklearn, const Settings& settings) {
  const Features features = make_features(settings);
  const SharedFeatures shared(features);
  const double l2 = settings.l2 < 0 ? 0.01 / static_cast<double>(settings.count) : settings.l2;
  std::ostringstream load, question;
  load << "load " << shared.path() << ' ' << settings.count << ' ' << settings.width << ' '
       << settings.classes;
  question.precision(17);
  question << "fit " << l2 << ' ' << settings.tolerance;
  std::cerr << sklearn.ask(load.str());

  LinearProbe probe;
  Fit fit;
  const PairedTimes times = measure_in_turn(
      settings.rounds,
      [&] {
        return seconds_of([&] {
          probe = fit_linear_probe(features, settings.classes, {l2, 100000, settings.tolerance});
        });
      },
      [&] {
        fit = ask_fit(sklearn, question.str());
        return fit.seconds;
      });
  print_result({"linear_probe", median(times.ours), median(times.theirs), times.ratios(), "s"},
               {{"images", settings.count},
                {"width", settings.width},
                {"classes", settings.classes},
                {"l2", l2},
                {"tolerance", settings.tolerance},
                {"ours_loss", probe.loss},
                {"theirs_loss", fit.loss},
                {"ours_iterations", probe.iterations},
                {"theirs_iterations", fit.iterations},
                {"ours_gradient", probe.gradient_norm},
                {"theirs_gradient", fit.gradient}});
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "The linear probe (ours) and scikit-learn's LogisticRegression (theirs)");
  submask::bench::Settings settings;
  std::string python = "python3";
  int threads = 2;
  options.add("--python", python, "A Python with scikit-learn");
  options.add_positive("--images", settings.count);
  options.add_positive("--width", settings.width);
  options.add_positive("--classes", settings.classes);
  options.add("--l2", settings.l2, "Negative: .01 / images");
  options.add("--tolerance", settings.tolerance);
  options.add_positive("--rounds", settings.rounds);
  options.add("--threads", threads);
  options.parse(argc, argv);
  at::set_num_threads(threads);
  const at::NoGradGuard no_grad;
  for (const char* name : {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"})
    setenv(name, std::to_string(threads).c_str(), 1);
  try {
    submask::bench::ChildProcess sklearn({python, SUBMASK_SKLEARN_PROBE});
    std::cerr << sklearn.ask("version");
    submask::bench::measure(sklearn, settings);
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
