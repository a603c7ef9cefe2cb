// resnet20's logits of the 5,000 test images of cifar10-jpeg, against PyTorch with Pillow and
// torchvision. tests/reference/make_cifar_logits.py wrote the fixture and says what is in it.
//
// Usage: cifar_logits_test WEIGHTS CIFAR10_JPEG FIXTURE [DIR]; into DIR, if given, go all logits as
// float32 files for looking at by hand. shared_data_test.sh runs it.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/evaluate.h>

namespace {

using nlohmann::json;

constexpr double tolerance = 1e-4;  // of a logit

// float64 [N, C], in the order of classes and file names.
at::Tensor compute_logits(submask::Backbone& backbone, const std::string& folder,
                          double crop_share) {
  submask::DataOptions options;
  options.spec = "folder:" + folder;
  const auto test = submask::open_data(options).test;
  submask::Transform transform{backbone.info().preprocessing, {}};
  transform.preprocessing.crop_share = crop_share;
  const submask::Features features =
      submask::extract_features(backbone, test, transform, submask::LoaderOptions());
  // A folder's images come in turn from each class: bring them into the order of labels.
  const at::Tensor order = at::argsort(features.labels, /*stable=*/true, /*dim=*/0);
  return submask::head_scores(backbone.head().value(), features.values)
      .index_select(0, order)
      .to(at::kDouble);
}

int64_t digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

// int64 [N]: `digits` hexadecimal ones a number.
at::Tensor read_hex(const std::string& text, size_t digits) {
  std::vector<int64_t> numbers;
  for (size_t i = 0; i < text.size(); i += digits) {
    numbers.push_back(0);
    for (size_t j = 0; j < digits; ++j) numbers.back() = 16 * numbers.back() + digit(text[i + j]);
  }
  return at::tensor(numbers, at::kLong);
}

// The larger of what `sums` and the stored bytes tell apart, where only a remainder is known.
double largest_remainder(const at::Tensor& sums, const at::Tensor& checks, double unit) {
  const at::Tensor apart = at::remainder(sums / unit - checks + 128, 256) - 128;
  return apart.abs().max().item<double>() * unit;
}

bool report(const char* what, double got, double allowed) {
  const bool good = got <= allowed;  // false for NaN
  std::printf("  %-52s %.3g, allowed %.3g%s\n", what, got, allowed, good ? "" : ": TOO MUCH");
  return good;
}

bool compare(const at::Tensor& logits, const json& fixture, const json& expected) {
  const int64_t classes = logits.size(1);
  const auto stored = expected.at("logits").get<std::vector<std::vector<double>>>();
  const at::Tensor sampled =
      at::arange(0, logits.size(0), fixture.at("stored_every").get<int64_t>());
  double worst =
      std::abs(static_cast<double>(sampled.numel()) - static_cast<double>(stored.size()));
  for (size_t i = 0; i < stored.size(); ++i) {
    const at::Tensor row = logits[sampled[static_cast<int64_t>(i)].item<int64_t>()];
    worst = std::max(worst, (row - at::tensor(stored[i], at::kDouble)).abs().max().item<double>());
  }
  const at::Tensor signs = 1 - 2 * at::remainder(at::arange(classes, at::kDouble), 2);
  const at::Tensor checks = read_hex(expected.at("checks"), 2);
  const at::Tensor others = logits.argmax(1) != read_hex(expected.at("predictions"), 1);
  const at::Tensor sums = at::tensor(expected.at("sums").get<std::vector<double>>(), at::kDouble);
  const double apart = largest_remainder(logits.matmul(signs), checks, fixture.at("check_unit"));
  bool good = report("largest difference of the stored logits", worst, tolerance);
  good &= report("largest difference of any image's alternating sum", apart, tolerance);
  good &= report(
      "largest difference of a class's mean logit",
      (logits.sum(0) - sums).abs().max().item<double>() / static_cast<double>(logits.size(0)),
      tolerance / 10);
  good &= report("images of another prediction", others.sum().item<double>(), 0);
  return good;
}

void write_logits(const std::string& path, const at::Tensor& logits) {
  const at::Tensor values = logits.to(at::kFloat).contiguous();
  std::ofstream(path, std::ios::binary)
      .write(static_cast<const char*>(values.data_ptr()),
             static_cast<std::streamsize>(values.nbytes()));
}

bool run(const std::vector<std::string>& arguments) {
  std::ifstream file(arguments.at(2));
  const json fixture = json::parse(file);
  const auto backbone = submask::Backbone::load("resnet20", arguments.at(0));
  bool good = true;
  for (const char* recipe : {"as_they_are", "timm_eval"}) {
    const json& expected = fixture.at(recipe);
    const at::Tensor logits = compute_logits(*backbone, arguments.at(1), expected.at("crop_share"));
    std::printf("%s, %ld images:\n", recipe, static_cast<long>(logits.size(0)));
    if (arguments.size() > 3) write_logits(arguments[3] + "/" + recipe + ".f32", logits);
    good &=
        logits.size(0) == fixture.at("images").get<int64_t>() && compare(logits, fixture, expected);
  }
  return good;
}

}  // namespace

int main(int argc, char** argv) try {
  return run({argv + 1, argv + argc}) ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "cifar_logits_test: %s\n", error.what());
  return 1;
}
