#include "run/kept_epochs.h"

#include <algorithm>
#include <filesystem>

#include <submask/task_file.h>

#include "base/fail.h"
#include "base/names.h"
#include "base/output_file.h"

namespace submask {

void check_keeps_epochs(Method method) {
  if (!learns_masks(method))
    fail_argument("method fs or ssl-fs for --keep-epochs", name_of(method));
}

KeptEpochs::KeptEpochs(Method method, const std::string& out, const Backbone& backbone)
    : folder_(out + ".epochs"), backbone_(backbone) {
  check_keeps_epochs(method);
  check_writable(path(1));
}

void KeptEpochs::write(int64_t epoch, const Task& task) const {
  write_task(path(epoch), pack_task(task, backbone_));
}

void KeptEpochs::remove_after(int64_t epochs) const {
  while (std::filesystem::remove(path(++epochs))) {
  }
}

std::string KeptEpochs::path(int64_t epoch) const {
  const std::string number = std::to_string(epoch);
  return folder_ + "/" + std::string(4 - std::min<size_t>(4, number.size()), '0') + number +
         ".task";
}

}  // namespace submask
