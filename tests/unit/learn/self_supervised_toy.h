// Settings under which a few toy images show everything that learning without labels does.
#pragma once

#include <submask/train.h>

namespace submask {

// Three epochs of four batches: prototypes (or DINO's last layer) are frozen in the first, the
// queue starts in the second and is full in the third.
inline TrainSettings toy_settings(Method method, SelfSupervised objective = SelfSupervised::swav) {
  TrainSettings settings = recipe_settings("default", method, backbone_info("resnet20"));
  settings.self_supervised.objective = objective;
  settings.epochs = 3;
  settings.input.batch_size = 12;
  settings.input.workers = 1;
  settings.self_supervised.swav.hidden_mlp = 16;
  settings.self_supervised.swav.feat_dim = 8;
  settings.self_supervised.swav.nmb_prototypes = 6;
  settings.self_supervised.swav.queue_length = 36;
  settings.self_supervised.swav.epoch_queue_starts = 1;
  settings.self_supervised.dino.hidden_dim = 16;
  settings.self_supervised.dino.bottleneck_dim = 8;
  settings.self_supervised.dino.out_dim = 12;
  settings.self_supervised.dino.warmup_teacher_temp_epochs = 2;
  settings.self_supervised.dino.momentum_teacher = 0.9;
  settings.crops = {parse_crop("count=2,size=16,crop=random,scale-min=.5"),
                    parse_crop("count=2,size=8,crop=random,scale-min=.2,scale-max=.5")};
  return settings;
}

}  // namespace submask
