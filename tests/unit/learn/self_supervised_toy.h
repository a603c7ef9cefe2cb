// Settings under which a few toy images show everything that learning without labels does.
#pragma once

#include <submask/train.h>

namespace submask {

// Three epochs of four batches: prototypes (or DINO's last layer) are frozen in the first, the
// queue starts in the second and is full in the third.
inline TrainSettings toy_settings(const std::string& method,
                                  const std::string& objective = "swav") {
  TrainSettings settings = recipe_settings("default", method, backbone_info("resnet20"));
  settings.objective = objective;
  settings.epochs = 3;
  settings.batch_size = 12;
  settings.workers = 1;
  settings.swav.hidden_mlp = 16;
  settings.swav.feat_dim = 8;
  settings.swav.nmb_prototypes = 6;
  settings.swav.queue_length = 36;
  settings.swav.epoch_queue_starts = 1;
  settings.dino.hidden_dim = 16;
  settings.dino.bottleneck_dim = 8;
  settings.dino.out_dim = 12;
  settings.dino.warmup_teacher_temp_epochs = 2;
  settings.dino.momentum_teacher = 0.9;
  settings.crops = {parse_crop("count=2,size=16,crop=random,scale-min=.5"),
                    parse_crop("count=2,size=8,crop=random,scale-min=.2,scale-max=.5")};
  return settings;
}

}  // namespace submask
