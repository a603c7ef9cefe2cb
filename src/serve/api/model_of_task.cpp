#include "serve/api/model_of_task.h"

#include "base/quoted_name.h"

namespace submask {

std::shared_ptr<const ServedFile> model_of(const Call& call, ServeParts& parts) {
  auto file = parts.folder.open(call.path.at("model"));
  const auto version = call.path.find("version");
  if (version != call.path.end() && version->second != file->version)
    throw NoSuchTask("expected version " + file->version + " of " + file->name + ", got " +
                     quoted_name(version->second));
  return file;
}

bool has_head(const ServedFile& file) { return file.cascade() != nullptr || file.head.has_value(); }

void count_outcome(const std::variant<Answer, std::exception_ptr>& outcome, const std::string& task,
                   ServeMetrics& metrics) {
  if (const auto* answer = std::get_if<Answer>(&outcome))
    metrics.count_answer(task, *answer);
  else
    metrics.count_failure(task);
}

}  // namespace submask
