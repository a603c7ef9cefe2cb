#include "learn/learned_task.h"

#include "base/json_text.h"
#include "base/names.h"
#include "learn/settings_record.h"

namespace submask {

void describe_learned(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
                      Task& task) {
  task.backbone = backbone.info().name;
  task.weights_identity = backbone.identity();
  task.criterion = settings.criterion.kind;
  task.scale = settings.criterion.scale && settings.criterion.kind != CriterionKind::flip;
  task.classes = data.train->class_names();
  task.preprocessing = test_transform(settings.input, backbone.info().preprocessing).preprocessing;
  nlohmann::json provenance = {{"settings", changed_settings(settings, backbone)},
                               {"data_digest", data.train->digest()},
                               {"training_images", data.train->size()}};
  if (data.validation) provenance["validation_digest"] = data.validation->digest();
  task.provenance = json_text(provenance);
}

}  // namespace submask
