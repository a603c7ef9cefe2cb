// What a client teaches: images with labels, and the task that is learned of them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <submask/evaluate.h>

#include "evaluate/fitted_head.h"
#include "serve/api/asked_images.h"
#include "serve/api/route_table.h"
#include "serve/api/serve_parts.h"

namespace submask {

struct Lesson {
  std::vector<AskedImage> images;  // whose bytes the request holds
  std::vector<int64_t> labels;
  std::vector<std::string> classes;  // in the order in which they came
};

// Of a form with the fields image:LABEL, or image with the parameter label=LABEL. Throws Refusal
// for what is no lesson, and as parse_multipart_form().
Lesson lesson_of(const Call& call);

// The plain backbone as a task that may be taught: no mask, no head.
std::shared_ptr<const ServedFile> plain_backbone(const Backbone& backbone);

struct TaughtTask {
  std::vector<uint8_t> bytes;      // of its file
  std::optional<double> accuracy;  // by heads that did not see the images they were asked about
  int64_t folds = 0;               // in which it was measured
};

// "accuracy" and "folds", where it was measured.
void add_accuracy(const TaughtTask& taught, Json& json);

// The mask of `file` with a head of the lesson. `features` are those of its images, in their order,
// under that mask. `check` is called now and then, and throws where nobody waits any more.
TaughtTask teach(const Lesson& lesson, const at::Tensor& features, ProbeKind probe,
                 const ServedFile& file, ServeParts& parts, const std::function<void()>& check);

}  // namespace submask
