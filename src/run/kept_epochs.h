// The task files of the epochs of a run: OUT.epochs/0001.task and so on, where OUT is its result.
#pragma once

#include <cstdint>
#include <string>

#include <submask/backbone.h>
#include <submask/task.h>
#include <submask/train_settings.h>

namespace submask {

// Throws invalid_argument for a method that learns no mask.
void check_keeps_epochs(Method method);

class KeptEpochs {
 public:
  // `backbone` must outlive it. Throws as check_keeps_epochs(), and io where the files cannot be
  // written.
  KeptEpochs(Method method, const std::string& out, const Backbone& backbone);

  void write(int64_t epoch, const Task& task) const;  // epochs count from 1

  // Removes the files of epochs after `epochs`, which an earlier and longer run has left.
  void remove_after(int64_t epochs) const;

 private:
  std::string path(int64_t epoch) const;

  std::string folder_;
  const Backbone& backbone_;
};

}  // namespace submask
