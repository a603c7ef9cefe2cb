// The sweeps of mask learning, and the names of units.
#include <cstring>
#include <memory>

#include "capi/task_handle.h"
#include "kernels/mask_step.h"
#include "kernels/sleeping_pool.h"
#include "naming/unit_names.h"
#include "naming/weights_identity.h"

namespace submask::capi {
namespace {

// The memory behind a submask_unit_names.
struct OwnedNames : submask_unit_names {
  explicit OwnedNames(UnitNames found) : names(std::move(found)) {
    for (const NamedUnit& unit : names.units)
      list.push_back({unit.unit.name.c_str(), unit.unit.kind.c_str(), unit.tensor,
                      unit.unit.row_begin, unit.unit.row_end, unit.transposed ? 1 : 0,
                      unit.unit.masked_by_default ? 1 : 0});
    for (const NamedStatistic& statistic : names.statistics)
      statistic_list.push_back({statistic.name.c_str(), statistic.tensor});
    layout = names.layout.c_str();
    prefix = names.prefix.c_str();
    count = list.size();
    left_out = names.left_out;
    units = list.data();
    statistic_count = statistic_list.size();
    statistics = statistic_list.data();
  }

  UnitNames names;
  std::vector<submask_named_unit> list;
  std::vector<submask_named_statistic> statistic_list;
};

kernels::ScoreStep score_step(const submask_score_step& step) {
  kernels::ScoreStep how{.gradient_scale = step.gradient_scale,
                         .shift = step.shift,
                         .mu = step.mu,
                         .rate = step.rate,
                         .pull = step.pull,
                         .top = step.top,
                         .update = {}};
  how.update.momentum = step.momentum;
  how.update.weight_decay = step.weight_decay;
  how.update.nesterov = step.nesterov != 0;
  return how;
}

}  // namespace
}  // namespace submask::capi

using namespace submask;        // NOLINT(google-build-using-namespace): the C functions below
using namespace submask::capi;  // NOLINT(google-build-using-namespace)

submask_status submask_dot(const float* a, const float* b, size_t count, double* out) {
  return guarded([&] {
    expect_pointer(out, "out");
    list_of(a, count, "a");
    list_of(b, count, "b");
    *out = kernels::dot(kernels::sleeping_parallel(), a, b, static_cast<int64_t>(count));
  });
}

submask_status submask_update_scores(const submask_score_step* step, const float* theta,
                                     const float* gradient, float* score, float* velocity,
                                     uint8_t* on, size_t count, int64_t* on_count) {
  return guarded([&] {
    expect_pointer(step, "a step");
    expect_pointer(on_count, "on_count");
    for (const void* array : {static_cast<const void*>(theta), static_cast<const void*>(gradient),
                              static_cast<const void*>(score), static_cast<const void*>(velocity),
                              static_cast<const void*>(on)})
      if (count > 0) expect_pointer(array, "five arrays");
    *on_count = kernels::update_scores(kernels::sleeping_parallel(), score_step(*step), theta,
                                       gradient, score, velocity, on, static_cast<int64_t>(count));
  });
}

submask_status submask_materialise(float scale, float off_scale, const float* theta,
                                   const uint8_t* on, float* weights, size_t count) {
  return guarded([&] {
    list_of(theta, count, "theta");
    list_of(on, count, "on");
    list_of(weights, count, "weights");
    kernels::materialise(kernels::sleeping_parallel(), scale, off_scale, theta, on, weights,
                         static_cast<int64_t>(count));
  });
}

submask_status submask_step_masks(const submask_mask_step* step, submask_step_unit* units,
                                  size_t count) {
  return guarded([&] {
    expect_pointer(step, "a step");
    list_of(units, count, "units");
    const kernels::MaskStep how{.is_scaled = step->scaled != 0,
                                .has_unit_rates = step->unit_rates != 0,
                                .off_scale = step->off_scale,
                                .score = score_step(step->score)};
    std::vector<kernels::StepUnit> steps;
    for (const submask_step_unit& unit : std::span(units, count)) {
      for (const float* array :
           {unit.theta, unit.gradient, static_cast<const float*>(unit.score),
            static_cast<const float*>(unit.velocity), static_cast<const float*>(unit.weights)})
        list_of(array, unit.count, "five arrays of each unit");
      steps.push_back({unit.theta, unit.gradient, unit.score, unit.velocity, unit.weights,
                       static_cast<int64_t>(unit.count), unit.scale, unit.on, unit.gradient_size});
    }
    kernels::step_masks(kernels::sleeping_parallel(), how, steps);
    for (size_t i = 0; i < count; ++i) {
      units[i].scale = steps[i].scale;
      units[i].on = steps[i].on;
      units[i].gradient_size = steps[i].gradient_size;
    }
  });
}

submask_status submask_unit_names_find(const submask_tensor* tensors, size_t count,
                                       submask_unit_names** out) {
  return guarded([&] {
    expect_pointer(out, "out");
    std::vector<NamedShape> shapes;
    for (const submask_tensor& tensor : list_of(tensors, count, "tensors"))
      shapes.push_back({name_of(tensor.name), shape_of(tensor.name, tensor.rank, tensor.shape)});
    *out = new OwnedNames(unit_names(shapes));
  });
}

void submask_unit_names_free(submask_unit_names* names) { delete static_cast<OwnedNames*>(names); }

submask_status submask_weights_identity(const submask_array* units, size_t count, char* hex) {
  return guarded([&] {
    expect_pointer(hex, "hex");
    WeightsIdentity identity;
    for (const submask_array& unit : list_of(units, count, "units"))
      identity.add(name_of(unit.name), shape_of(unit.name, unit.rank, unit.shape), values_of(unit));
    const std::string digits = identity.hex();
    std::memcpy(hex, digits.c_str(), digits.size() + 1);
  });
}
