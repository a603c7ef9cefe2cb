#include "learn/cascade_run.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/names.h"
#include "cascade/router.h"
#include "data/batch/image_cache.h"
#include "data/batch/kept_dataset.h"
#include "evaluate/feature_source.h"
#include "learn/cascade_fields.h"
#include "learn/cascade_stages.h"
#include "learn/settings_record.h"
#include "mask/weight_set.h"
#include "numeric/pca.h"

namespace submask {
namespace {

std::string expert_name(size_t expert) { return text("expert-", expert + 1); }

std::vector<int64_t> as_list(const at::Tensor& numbers) {
  const at::Tensor values = numbers.contiguous();
  const int64_t* begin = values.const_data_ptr<int64_t>();
  return {begin, begin + values.numel()};
}

std::string fingerprint_of(const CascadeTraining& settings, const TrainSettings& training,
                           const DataSplits& data, const Backbone& backbone) {
  nlohmann::json record = record_of<CascadeSettings>({cascade_fields()}, settings);
  record["training"] = run_fingerprint(training, data, backbone);
  return sha256_hex(as_bytes(json_text(record)));
}

}  // namespace

CascadeRun::CascadeRun(Backbone& backbone, const DataSplits& data, const CascadeTraining& settings,
                       const RunHooks& hooks)
    : backbone_(backbone),
      data_(data),
      settings_(settings),
      training_(settings.training),
      hooks_(hooks) {}

TrainedCascade CascadeRun::run() {
  backbone_.widen();
  backbone_.to(at::Device(training_.device));
  share_decoded_images();
  dispatcher_ = settings_.dispatcher.empty() ? learn_dispatcher() : read_dispatcher();
  TrainSettings expert_settings = training_;
  expert_settings.start = dispatcher_;
  store_.emplace(training_.checkpoint,
                 fingerprint_of(settings_, expert_settings, data_, backbone_));

  TrainedCascade result;
  Cascade& cascade = result.cascade;
  cascade.dispatcher = add_member(dispatcher_->task);
  const MemberFeatures dispatcher_features = features_of(0);
  cascade.router = route_images(dispatcher_features);
  result.routes = cascade.router.route(dispatcher_features.values);
  learn_experts(dispatcher_features.images, result);
  join_features(dispatcher_features, result);
  fit_projections(result);
  cascade.provenance = make_provenance(result);
  return result;
}

// Makes all stages read the training images through one cache. With fast_decode the decoded image
// depends on the size that a stage asks for, so then each stage has a cache of its own.
void CascadeRun::share_decoded_images() {
  if (training_.input.fast_decode) return;
  const auto cache = open_decoded_cache(*data_.train, training_.input.cache);
  training_.input.cache = {};
  if (!cache) return;
  note("cache: " + describe(*cache));
  data_.train = kept_dataset(data_.train, cache);
}

std::shared_ptr<const LearnedStart> CascadeRun::learn_dispatcher() {
  TrainSettings settings = training_;
  settings.checkpoint = checkpoint_folder("dispatcher");
  TrainResult trained = train(backbone_, data_, settings, training_hooks("dispatcher"));
  return std::make_shared<LearnedStart>(
      LearnedStart{std::move(trained.task), std::move(trained.scores)});
}

std::shared_ptr<const LearnedStart> CascadeRun::read_dispatcher() const {
  Task task = read_task(settings_.dispatcher, backbone_);
  const Preprocessing wanted =
      test_transform(training_.input, backbone_.info().preprocessing).preprocessing;
  if (task.preprocessing != wanted)
    fail_argument(text("a dispatcher for images of ", wanted.input_size, " pixels, ",
                       name_of(wanted.interpolation), ", as the experts learn from"),
                  text("one of ", task.preprocessing.input_size, " pixels, ",
                       name_of(task.preprocessing.interpolation),
                       ", or with another crop or colours, in ", settings_.dispatcher));
  note("experts start from the mask of " + settings_.dispatcher + ": a task file has no scores");
  return std::make_shared<LearnedStart>(LearnedStart{std::move(task), {}});
}

// Packs a member without its head, because the cascade's heads are over joined features. Experts
// are coded against the dispatcher.
PackedTask CascadeRun::add_member(const Task& task) {
  Task member = task;
  member.head.reset();
  member.classes.clear();
  PackOptions options;
  options.parent = members_.empty() ? nullptr : &members_.front();
  PackedTask packed = pack_task(member, backbone_, options);
  members_.push_back(unpack_task(packed, backbone_, options.parent));
  return packed;
}

CascadeRun::MemberFeatures CascadeRun::extract(size_t member) {
  WeightSet weights;
  apply_task(members_[member], backbone_, weights);
  const WeightBinding binding(backbone_, weights);
  const LoaderOptions options = loader_options(training_.input);
  const std::string stage = text("features of ", member == 0 ? "the dispatcher" : "expert ",
                                 member == 0 ? "" : std::to_string(member));
  const Features features = extract_features(
      backbone_, data_.train, test_transform(training_.input, backbone_.info().preprocessing),
      options, [&](int64_t done, int64_t total) {
        if (hooks_.images) hooks_.images(stage, done, total);
      });
  const std::vector<int64_t> decoded = decoded_images(*data_.train, features);
  if (decoded.empty()) fail(ErrorKind::corrupt_file, "expected images that decode, got none");
  return {features.values, at::tensor(decoded, at::kLong)};
}

CascadeRun::MemberFeatures CascadeRun::features_of(size_t member) {
  const std::string name =
      "features-" + (member == 0 ? std::string("dispatcher") : expert_name(member - 1));
  const TensorMap stored = store_->load_or_compute(name, [&] {
    const MemberFeatures features = extract(member);
    return TensorMap{{"values", features.values}, {"images", features.images}};
  });
  return {stored.at("values"), stored.at("images")};
}

Router CascadeRun::route_images(const MemberFeatures& features) {
  const TensorMap stored = store_->load_or_compute("router", [&] {
    RouterOptions options;
    options.kind = settings_.router;
    options.width = settings_.router_width;
    options.experts = settings_.experts;
    options.smallest_cluster = std::min(training_.input.batch_size, features.values.size(0));
    options.seed = training_.seed;
    return router_tensors(
        fit_router(features.values, options, [&](const std::string& line) { note(line); }));
  });
  return router_from_tensors(settings_.router, stored);
}

void CascadeRun::learn_experts(const at::Tensor& images, TrainedCascade& result) {
  const auto experts = static_cast<size_t>(result.cascade.router.experts());
  for (size_t k = 0; k < experts; ++k) {
    const at::Tensor cluster_images =
        images.index_select(0, result.routes.eq(static_cast<int64_t>(k)).nonzero().squeeze(1));
    DataSplits cluster;
    cluster.train = subset(data_.train, as_list(cluster_images));
    TrainSettings settings = training_;
    settings.from_task.clear();
    settings.start = dispatcher_;
    settings.epochs = expert_epochs(images.numel(), cluster_images.numel(), training_.epochs);
    settings.checkpoint = checkpoint_folder(expert_name(k));
    const std::string stage = text("expert ", k + 1, "/", experts);
    const TrainResult trained = train(backbone_, cluster, settings, training_hooks(stage));
    result.cascade.experts.push_back(add_member(trained.task));
    result.images.push_back(cluster_images.numel());
    result.epochs.push_back(settings.epochs);
  }
}

void CascadeRun::join_features(const MemberFeatures& dispatcher, TrainedCascade& result) {
  std::vector<at::Tensor> blocks{dispatcher.values};
  for (size_t k = 0; k < result.cascade.experts.size(); ++k) {
    const MemberFeatures features = features_of(1 + k);
    if (!at::equal(features.images, dispatcher.images))
      fail(ErrorKind::corrupt_file, "expected ", dispatcher.images.numel(),
           " images that decode as for the dispatcher, got ", features.images.numel());
    blocks.push_back(features.values);
  }
  result.joined.values = at::cat(blocks, 1);
  const std::vector<int64_t> images = as_list(dispatcher.images);
  std::vector<int64_t> labels;
  labels.reserve(images.size());
  for (const int64_t image : images) labels.push_back(data_.train->label(image));
  result.joined.labels = at::tensor(labels, at::kLong);
  const std::set<int64_t> decoded(images.begin(), images.end());
  for (int64_t i = 0; i < data_.train->size(); ++i)
    if (!decoded.contains(i)) result.joined.skipped.push_back(data_.train->image_name(i));
}

void CascadeRun::fit_projections(TrainedCascade& result) {
  const int64_t width = backbone_.info().feature_width;
  const int64_t experts = std::ssize(result.cascade.experts);
  const TensorMap stored = store_->load_or_compute("projections", [&] {
    const at::Tensor& joined = result.joined.values;
    TensorMap tensors = projection_tensors("unconditional.", fit_view(joined, width));
    tensors.merge(projection_tensors(
        "conditional.", fit_view(conditional_rows(joined, result.routes, experts), width)));
    return tensors;
  });
  result.cascade.conditional.projection = projection_from_tensors("conditional.", stored);
  result.cascade.unconditional.projection = projection_from_tensors("unconditional.", stored);
}

std::string CascadeRun::make_provenance(const TrainedCascade& result) const {
  nlohmann::json record = {
      {"settings", changed_settings(training_, backbone_)},
      {"data_digest", data_.train->digest()},
      {"training_images", result.joined.values.size(0)},
      {"router_width", settings_.router_width},
      {"experts_asked_for", settings_.experts},
      {"images", result.images},
      {"expert_epochs", result.epochs},
      {"experts_start_from",
       dispatcher_->scores.empty() ? "the dispatcher's mask" : "the dispatcher's scores"}};
  if (data_.validation) record["validation_digest"] = data_.validation->digest();
  return json_text(record);
}

TrainHooks CascadeRun::training_hooks(const std::string& stage) const {
  return hooks_.training ? hooks_.training(stage) : TrainHooks{};
}

std::string CascadeRun::checkpoint_folder(const std::string& stage) const {
  return training_.checkpoint.empty() ? "" : training_.checkpoint + "/" + stage;
}

void CascadeRun::note(const std::string& line) const {
  if (hooks_.note) hooks_.note(line);
}

}  // namespace submask
