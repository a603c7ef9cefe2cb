#include "serve/api/asked_images.h"

#include <algorithm>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/quoted_name.h"
#include "serve/api/refusal.h"

namespace submask {
namespace {

// A task of a client's own may not make others wait for images of any size.
constexpr int64_t most_times_larger = 2;

// Nor take memory for names by the million. ImageNet has 21,841 classes at the most.
constexpr size_t most_given_classes = 50'000, most_given_description = 4 << 20;

std::shared_ptr<const ServedFile> task_of(const FormPart& part, const ServeParts& parts) {
  const auto named = part.parameters.find("filename");
  const std::string name =
      named == part.parameters.end() ? "given.task" : shown_name(named->second);
  const uint64_t described = described_bytes(as_bytes(part.content), name);
  if (described > most_given_description)
    throw Refusal(400, text("expected a task with a description of at most ",
                            most_given_description, " bytes, got ", described));
  auto file = parse_served_file(as_bytes(part.content), std::filesystem::path(name).filename(),
                                parts.backbone);
  if (!file->parent_file().empty())
    throw Refusal(
        400, "expected a task without a parent, got one of " + quoted_name(file->parent_file()));
  if (file->classes().size() > most_given_classes)
    throw Refusal(400, text("expected a task of at most ", most_given_classes, " classes, got ",
                            file->classes().size()));
  const int64_t side = file->description().preprocessing.input_size;
  const int64_t most = most_times_larger * parts.backbone.info().preprocessing.input_size;
  if (side > most)
    throw Refusal(
        400, text("expected a task of images of at most ", most, " pixels a side, got ", side));
  return file;
}

}  // namespace

std::string name_of_file(const FormPart& part, size_t number) {
  const auto named = part.parameters.find("filename");
  return named == part.parameters.end() ? text("image ", number) : shown_name(named->second);
}

DecodeRules decode_rules(const ServeParts& parts) {
  return {.pixel_limit = parts.options.pixel_limit};
}

AskedForm asked_form(const Call& call, const ServeParts& parts) {
  AskedForm form;
  const HttpRequest& request = call.request;
  const std::string_view type = request.header("content-type");
  if (!is_multipart_form(type)) {
    if (request.body.empty()) throw Refusal(400, "expected an image as the body, got none");
    form.images.push_back({"the body", std::string_view(request.body)});
    return form;
  }
  for (const FormPart& part : parse_multipart_form(type, request.body, most_request_images)) {
    if (part.name == "task") {
      form.tasks.emplace_back(task_of(part, parts));
    } else if (part.name == "image") {
      form.images.push_back({name_of_file(part, form.images.size()), part.content});
    } else {
      call.refuse_field("the fields image and task", part.name);
    }
  }
  if (form.images.empty()) throw Refusal(400, "expected an image in the field image, got none");
  return form;
}

ServeClock::time_point deadline_of(const Call& call, const ServeParts& parts) {
  constexpr double longest_usual_s =
      86'400;  // more is as good as none, and may be beyond all times
  const auto usual =
      static_cast<int64_t>(1000 * std::min(parts.options.timeout_s, longest_usual_s));
  const auto deadline =
      call.arrived + std::chrono::milliseconds(call.whole("timeout_ms", usual, 1, most_timeout_ms));
  if (ServeClock::now() >= deadline) throw TooLate("expected an answer in time, got none");
  return deadline;
}

}  // namespace submask
