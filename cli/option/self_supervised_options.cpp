// The options of `submask train` for what needs no labels, one group an objective, with the names
// of its authors' code.
#include "cli/option/train_options.h"

namespace submask::cli {

void TrainOptions::add_self_supervised_options(CLI::App& command) {
  add<std::string>(command, "--objective", "What ssl-fs and ssl-ft learn by: swav or dino",
                   [](TrainSettings& s, const auto& v) { s.objective = v; })
      ->check(CLI::IsMember(objective_names()))
      ->group("Learning");
  add_swav_options(command);
  add_dino_options(command);
}

void TrainOptions::add_swav_options(CLI::App& command) {
  using S = TrainSettings;
  const auto group = "SwAV (--objective swav)";
  add<int64_t>(command, "--hidden-mlp", "Width of the projection's hidden layer; 0: none",
               [](S& s, auto v) { s.swav.hidden_mlp = v; })
      ->group(group);
  add<int64_t>(command, "--feat-dim", "Width of the projection", [](S& s, auto v) {
    s.swav.feat_dim = v;
  })->group(group);
  add<int64_t>(command, "--nmb-prototypes", "Prototypes", [](S& s, auto v) {
    s.swav.nmb_prototypes = v;
  })->group(group);
  add<double>(command, "--epsilon", "Of Sinkhorn-Knopp: entropy of the assignments",
              [](S& s, auto v) { s.swav.epsilon = v; })
      ->group(group);
  add<int64_t>(command, "--sinkhorn-iterations", "Of Sinkhorn-Knopp", [](S& s, auto v) {
    s.swav.sinkhorn_iterations = v;
  })->group(group);
  add<double>(command, "--temperature", "Of the predictions", [](S& s, auto v) {
    s.swav.temperature = v;
  })->group(group);
  add<std::vector<int64_t>>(command, "--crops-for-assign",
                            "Crops of the first kind, from 0, whose assignments are predicted",
                            [](S& s, const auto& v) { s.swav.crops_for_assign = v; })
      ->group(group);
  add<int64_t>(command, "--queue-length", "Earlier projections assigned along; 0: none",
               [](S& s, auto v) { s.swav.queue_length = v; })
      ->group(group);
  add<int64_t>(command, "--epoch-queue-starts", "From 0; -1: after a fifth of the epochs",
               [](S& s, auto v) { s.swav.epoch_queue_starts = v; })
      ->group(group);
  add<int64_t>(command, "--freeze-prototypes-niters", "Steps; -1: the first epoch's",
               [](S& s, auto v) { s.swav.freeze_prototypes_niters = v; })
      ->group(group);
}

void TrainOptions::add_dino_options(CLI::App& command) {
  using S = TrainSettings;
  const auto group = "DINO (--objective dino)";
  add<int64_t>(command, "--hidden-dim", "Width of the head's hidden layers", [](S& s, auto v) {
    s.dino.hidden_dim = v;
  })->group(group);
  add<int64_t>(command, "--bottleneck-dim", "Width of what the last layer sees", [](S& s, auto v) {
    s.dino.bottleneck_dim = v;
  })->group(group);
  add<int64_t>(command, "--out-dim", "Outputs", [](S& s, auto v) {
    s.dino.out_dim = v;
  })->group(group);
  add<double>(command, "--student-temp", "Temperature of the student's outputs", [](S& s, auto v) {
    s.dino.student_temp = v;
  })->group(group);
  add<double>(command, "--teacher-temp", "Temperature of the teacher's", [](S& s, auto v) {
    s.dino.teacher_temp = v;
  })->group(group);
  add<double>(command, "--warmup-teacher-temp", "The same, at first", [](S& s, auto v) {
    s.dino.warmup_teacher_temp = v;
  })->group(group);
  add<int64_t>(command, "--warmup-teacher-temp-epochs", "Epochs from the first to the second",
               [](S& s, auto v) { s.dino.warmup_teacher_temp_epochs = v; })
      ->group(group);
  add<double>(command, "--center-momentum", "Of the mean that is taken off the teacher's outputs",
              [](S& s, auto v) { s.dino.center_momentum = v; })
      ->group(group);
  add<double>(command, "--momentum-teacher",
              "Of the moving average that the teacher is; rises to 1 by a cosine",
              [](S& s, auto v) { s.dino.momentum_teacher = v; })
      ->group(group);
  add<int64_t>(command, "--freeze-last-layer", "Epochs in which the last layer stays",
               [](S& s, auto v) { s.dino.freeze_last_layer = v; })
      ->group(group);
}

}  // namespace submask::cli
