// A task as the Open Inference Protocol's model.
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <variant>

#include "serve/api/route_table.h"
#include "serve/api/serve_parts.h"

namespace submask {

// The task that a path names as {model} and perhaps {version}. Throws as TaskFolder::open(), and
// NoSuchTask for another version than that which is served.
std::shared_ptr<const ServedFile> model_of(const Call& call, ServeParts& parts);

bool has_head(const ServedFile& file);

void count_outcome(const std::variant<Answer, std::exception_ptr>& outcome, const std::string& task,
                   ServeMetrics& metrics);

}  // namespace submask
