// Tasks of the epochs of one run, beside what it learns: OUT.epochs/0001.task and on.
#pragma once

#include <cstdint>
#include <string>

#include <submask/backbone.h>
#include <submask/task.h>
#include <submask/train_settings.h>

namespace submask {

class KeptEpochs {
 public:
  // `backbone` must outlive it. Throws invalid_argument for a method that learns no mask, io.
  KeptEpochs(Method method, const std::string& out, const Backbone& backbone);

  void write(int64_t epoch, const Task& task) const;

  // Those of an earlier, longer run.
  void remove_after(int64_t epochs) const;

 private:
  std::string path(int64_t epoch) const;

  std::string folder_;
  const Backbone& backbone_;
};

}  // namespace submask
