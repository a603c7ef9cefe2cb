#include <algorithm>

#include <ATen/ATen.h>

#include <submask/loader.h>
#include <submask/predictor.h>

#include "base/fail.h"
#include "base/file_in_errors.h"
#include "cascade/adaptation.h"
#include "serve/engine/prepare_image.h"

namespace submask {
namespace {

std::string backbone_of(const std::string& file) {
  std::string name = read_adaptation(file).description().backbone;
  if (name.starts_with("torchscript:"))
    fail_argument(
        "a backbone to run the task over, because its own is a program that runs only "
        "where it is named",
        name + ", in " + file);
  with_file_in_errors(ErrorKind::invalid_argument, file, [&] { backbone_info(name); });
  return name;
}

}  // namespace

struct Predictor::State {
  explicit State(Backbone& backbone)
      : network(backbone), preprocessing(backbone.info().preprocessing) {}
  explicit State(std::unique_ptr<Backbone> own) : State(*own) { opened = std::move(own); }

  // The network uses these two: they are gone after it.
  std::unique_ptr<Backbone> opened;        // where the predictor opened it itself
  std::unique_ptr<Adaptation> adaptation;  // of a file
  AdaptedNetwork network;
  std::vector<std::string> classes;
  Preprocessing preprocessing;
};

Predictor::Predictor(const std::filesystem::path& task, const std::string& weights)
    : state_(std::make_unique<State>(Backbone::load(backbone_of(task.string()), weights))) {
  select(task);
}

Predictor::Predictor(Backbone& backbone) : state_(std::make_unique<State>(backbone)) {}

Predictor::~Predictor() = default;

void Predictor::select(const std::filesystem::path& file) {
  auto adaptation = std::make_unique<Adaptation>(read_adaptation(file.string()));
  state_->network.select(*adaptation);
  state_->classes = adaptation->classes();
  state_->preprocessing = adaptation->description().preprocessing;
  state_->adaptation = std::move(adaptation);
}

void Predictor::select(const Task& task) {
  state_->network.select(task);
  state_->classes = task.classes;
  state_->preprocessing = task.preprocessing;
  state_->adaptation.reset();
}

void Predictor::clear() {
  state_->network.clear();
  state_->classes.clear();
  state_->preprocessing = state_->network.backbone().info().preprocessing;
  state_->adaptation.reset();
}

std::vector<Prediction> Predictor::predict(const std::filesystem::path& image, int64_t top) {
  return predict(read_image(image), top);
}

std::vector<Prediction> Predictor::predict(const Image& pixels, int64_t top) {
  const at::Tensor device_input =
      normalise(prepare_image(pixels, preprocessing()).unsqueeze(0), preprocessing())
          .to(state_->network.backbone().theta().begin()->second.device());
  const at::Tensor probabilities = logits(device_input).softmax(1).to(at::kCPU, at::kDouble)[0];
  const auto [values, classes] =
      probabilities.topk(std::clamp<int64_t>(top, 0, probabilities.numel()));
  std::vector<Prediction> predictions;
  for (int64_t i = 0; i < values.numel(); ++i) {
    const auto label = static_cast<size_t>(classes[i].item<int64_t>());
    predictions.push_back(
        {label < state_->classes.size() ? state_->classes[label] : std::to_string(label),
         values[i].item<double>()});
  }
  return predictions;
}

at::Tensor Predictor::features(const at::Tensor& images) {
  return state_->network.features(images);
}

at::Tensor Predictor::logits(const at::Tensor& images) { return state_->network.logits(images); }

const std::optional<Head>& Predictor::head() const { return state_->network.head(); }

const std::vector<std::string>& Predictor::classes() const { return state_->classes; }

const Preprocessing& Predictor::preprocessing() const { return state_->preprocessing; }

}  // namespace submask
