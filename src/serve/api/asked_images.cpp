#include "serve/api/asked_images.h"

#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/quoted_name.h"
#include "image/image.h"
#include "serve/api/refusal.h"
#include "serve/http/multipart_form.h"

namespace submask {
namespace {

std::shared_ptr<const ServedFile> task_of(const FormPart& part, const ServeParts& parts) {
  const auto named = part.parameters.find("filename");
  const std::string name =
      named == part.parameters.end() ? "given.task" : shown_name(named->second);
  auto file = parse_served_file(as_bytes(part.content), std::filesystem::path(name).filename(),
                                parts.backbone);
  if (!file->parent_file().empty())
    throw Refusal(
        400, "expected a task without a parent, got one of " + quoted_name(file->parent_file()));
  return file;
}

}  // namespace

AskedImage decoded_image(std::string_view bytes, std::string name, const ServeParts& parts) {
  AskedImage image{std::move(name), {}};
  try {
    image.content =
        decode_image(as_bytes(bytes), image.name, {.pixel_limit = parts.options.pixel_limit});
  } catch (...) {
    image.content = std::current_exception();
  }
  return image;
}

AskedForm asked_form(const HttpRequest& request, const ServeParts& parts) {
  AskedForm form;
  const std::string_view type = request.header("content-type");
  if (!is_multipart_form(type)) {
    if (request.body.empty()) throw Refusal(400, "expected an image as the body, got none");
    form.images.push_back(decoded_image(request.body, "the body", parts));
    return form;
  }
  for (const FormPart& part : parse_multipart_form(type, request.body)) {
    if (part.name == "task") {
      form.tasks.emplace_back(task_of(part, parts));
    } else if (part.name == "image") {
      const auto named = part.parameters.find("filename");
      form.images.push_back(decoded_image(part.content,
                                          named == part.parameters.end()
                                              ? text("image ", form.images.size())
                                              : shown_name(named->second),
                                          parts));
    } else {
      throw Refusal(400, "expected the fields image and task, got " + quoted_name(part.name));
    }
  }
  if (form.images.empty()) throw Refusal(400, "expected an image in the field image, got none");
  return form;
}

ServeClock::time_point deadline_of(const Call& call, const ServeParts& parts) {
  constexpr int64_t longest_ms = 3'600'000;
  const auto usual = static_cast<int64_t>(1000 * parts.options.timeout_s);
  return ServeClock::now() +
         std::chrono::milliseconds(call.whole("timeout_ms", usual, 1, longest_ms));
}

}  // namespace submask
