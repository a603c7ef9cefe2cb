// The images and tasks that a request brings along.
#pragma once

#include <string>
#include <vector>

#include "serve/api/predict_job.h"
#include "serve/api/route_table.h"
#include "serve/api/serve_parts.h"
#include "serve/http/multipart_form.h"

namespace submask {

constexpr int64_t most_request_images = 256;
constexpr int64_t most_timeout_ms = 600'000;  // that a client may ask for

// The file's name that a form gives, or "image 3".
std::string name_of_file(const FormPart& part, size_t number);

DecodeRules decode_rules(const ServeParts& parts);

struct AskedForm {
  std::vector<AskedImage> images;
  std::vector<AskedTask> tasks;  // files that came along
};

// A body that is an image, or a form with fields `image` and `task`, whose bytes stay the
// request's. Throws Refusal (400) where no image is there, and as parse_multipart_form() and
// parse_served_file().
AskedForm asked_form(const Call& call, const ServeParts& parts);

// When a request wants its answer at the latest, by its timeout_ms or else --timeout-s, counted
// from when it came. Throws TooLate where that is over.
ServeClock::time_point deadline_of(const Call& call, const ServeParts& parts);

}  // namespace submask
