#include <algorithm>
#include <utility>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/quoted_name.h"
#include "serve/api/answer_json.h"
#include "serve/api/asked_images.h"
#include "serve/api/infer_message.h"
#include "serve/api/model_of_task.h"
#include "serve/api/openapi_words.h"
#include "serve/api/refusal.h"
#include "serve/api/routes.h"

namespace submask {
namespace {

// Of one response: a number takes some twenty bytes on its way to JSON, a text some hundred.
constexpr int64_t most_numbers = 8 << 20, numbers_of_text = 8;

// The sizes of one image behind the first dimension, which counts them.
std::vector<int64_t> image_sizes(const InferInput& input, size_t dimensions) {
  if (input.shape.empty() || input.shape[0] > most_request_images ||
      (input.shape.size() != dimensions &&
       !(dimensions == 1 && input.shape == std::vector<int64_t>{input.shape[0], 1})))
    fail_argument(text("a shape of ", dimensions, " sizes, the first of at most ",
                       most_request_images, " images, of ", quoted_name(input.name)),
                  text(input.shape.size(), " sizes"));
  return {input.shape.begin() + 1, input.shape.end()};
}

std::vector<AskedImage> files_of(const InferInput& input) {
  image_sizes(input, 1);
  std::vector<AskedImage> images;
  for (const std::string& bytes : std::get<std::vector<std::string>>(input.data))
    images.push_back({text("image ", images.size()), std::string_view(bytes)});
  return images;
}

std::vector<AskedImage> pictures_of(const InferInput& input, const DecodeRules& rules) {
  const auto sizes = image_sizes(input, 4);
  if (sizes[2] != 3)
    fail_argument("UINT8 pixels [N, height, width, 3]", text("[..., ", sizes[2], "]"));
  if (sizes[0] * sizes[1] > rules.pixel_limit)
    fail_argument(text("an image of at most ", rules.pixel_limit, " pixels"), sizes[0] * sizes[1]);
  const auto& pixels = std::get<std::vector<uint8_t>>(input.data);
  const auto size = static_cast<size_t>(3 * sizes[0] * sizes[1]);
  std::vector<AskedImage> images;
  for (auto at = pixels.begin(); at != pixels.end(); at += static_cast<ptrdiff_t>(size))
    images.push_back(
        {text("image ", images.size()), Image{.width = static_cast<int>(sizes[1]),
                                              .height = static_cast<int>(sizes[0]),
                                              .pixels = {at, at + static_cast<ptrdiff_t>(size)}}});
  return images;
}

// The engine checks the side, which is the task's.
std::vector<AskedImage> inputs_of(const InferInput& input) {
  const auto sizes = image_sizes(input, 4);
  const at::Tensor all = at::tensor(std::get<std::vector<float>>(input.data)).view(input.shape);
  if (!all.isfinite().all().item<bool>()) fail_argument("finite pixels", "NaN or infinity");
  std::vector<AskedImage> images;
  for (int64_t i = 0; i < all.size(0); ++i) images.push_back({text("image ", i), all[i]});
  return images;
}

std::vector<AskedImage> asked_images(const InferRequest& request, const DecodeRules& rules) {
  if (request.inputs.size() != 1)
    fail_argument("one input, image or pixels", request.inputs.size());
  const InferInput& input = request.inputs.front();
  if (input.name == "image" && std::holds_alternative<std::vector<std::string>>(input.data))
    return files_of(input);
  if (input.name == "pixels" && std::holds_alternative<std::vector<uint8_t>>(input.data))
    return pictures_of(input, rules);
  if (input.name == "pixels" && std::holds_alternative<std::vector<float>>(input.data))
    return inputs_of(input);
  fail_argument("the input image of BYTES, or pixels of UINT8 or FP32", quoted_name(input.name));
}

std::vector<WantedOutput> wanted_outputs(const InferRequest& request, const ServedFile& file) {
  if (!request.outputs.empty()) return request.outputs;
  std::vector<WantedOutput> all;
  for (const char* name : {"scores", "labels", "features"})
    if (has_head(file) || std::string_view(name) == "features")
      all.push_back({name, request.is_binary_usual, 0});
  return all;
}

// "0.93:2:cat", as Triton's extension for classification has it.
std::vector<std::string> class_texts(const ServedFile& file, const at::Tensor& shares,
                                     int64_t count) {
  std::vector<std::string> texts;
  const Ranked best = ranked(shares, count);
  for (size_t i = 0; i < best.values.size(); ++i)
    texts.push_back(
        text(best.values[i], ":", best.classes[i], ":", class_name(file, best.classes[i])));
  return texts;
}

void append_row(const at::Tensor& row, InferOutput& output) {
  const at::Tensor floats = row.to(at::kFloat).contiguous();
  if (!floats.isfinite().all().item<bool>())
    throw Refusal(400, "expected a task with finite numbers of the image, got NaN or infinity");
  auto& values = std::get<std::vector<float>>(output.data);
  values.insert(values.end(), floats.const_data_ptr<float>(),
                floats.const_data_ptr<float>() + floats.numel());
}

void append_texts(std::vector<std::string> more, InferOutput& output) {
  auto& texts = std::get<std::vector<std::string>>(output.data);
  texts.insert(texts.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

// `shares` are those of the answers' classes, where an output that needs them is wanted.
InferOutput output_of(const WantedOutput& wanted, const ServedFile& file,
                      const std::vector<JobAnswer>& answers,
                      const std::vector<at::Tensor>& shares) {
  const bool is_text = wanted.name == "labels" || wanted.class_count > 0;
  InferOutput output{.name = wanted.name, .shape = {}, .data = {}, .is_binary = wanted.is_binary};
  if (!is_text) output.data = std::vector<float>();
  for (size_t i = 0; i < answers.size(); ++i) {
    if (wanted.name == "features")
      append_row(std::get<Answer>(answers[i].outcome).features, output);
    else if (wanted.name == "labels")
      append_texts({class_name(file, ranked(shares[i], 1).classes.front())}, output);
    else if (is_text)
      append_texts(class_texts(file, shares[i], wanted.class_count), output);
    else
      append_row(shares[i], output);
  }
  const auto size =
      static_cast<int64_t>(std::visit([](const auto& data) { return data.size(); }, output.data));
  output.shape = {std::ssize(answers)};
  if (wanted.name != "labels") output.shape.push_back(size / std::ssize(answers));
  return output;
}

void check_outputs(const InferRequest& request, const ServedFile& file) {
  for (const WantedOutput& output : request.outputs) {
    if (output.name != "scores" && output.name != "labels" && output.name != "features")
      fail_argument("the outputs scores, labels and features", quoted_name(output.name));
    if (output.class_count > 0 && output.name != "scores")
      fail_argument("a classification of scores", quoted_name(output.name));
    if (output.name != "features" && !has_head(file))
      fail_argument("a task that has a head", "none in " + file.name);
  }
}

// Checked before anything is computed.
void check_size(const std::vector<WantedOutput>& outputs, int64_t images, const ServedFile& file) {
  const int64_t classes = std::ssize(file.classes());
  int64_t numbers = 0;
  for (const WantedOutput& output : outputs) {
    if (output.name == "labels")
      numbers += numbers_of_text * images;
    else if (output.class_count > 0)
      numbers += numbers_of_text * images * std::min(output.class_count, classes);
    else if (output.name == "scores")
      numbers += images * classes;
  }
  if (numbers > most_numbers)
    fail_argument(text("at most ", most_numbers, " numbers of one response"), numbers);
}

HttpResponse response_to(const InferRequest& request, const ServedFile& file,
                         const std::vector<JobAnswer>& answers) {
  for (const JobAnswer& answer : answers)
    if (const auto* error = std::get_if<std::exception_ptr>(&answer.outcome))
      std::rethrow_exception(*error);
  const auto outputs = wanted_outputs(request, file);
  std::vector<at::Tensor> shares;
  if (std::ranges::any_of(outputs, [](const auto& wanted) { return wanted.name != "features"; }))
    for (const JobAnswer& answer : answers)
      shares.push_back(class_shares(std::get<Answer>(answer.outcome).scores));
  InferResponse response{file.name, file.version, request.id, {}};
  for (const WantedOutput& wanted : outputs)
    response.outputs.push_back(output_of(wanted, file, answers, shares));
  InferBody body = infer_body(response);
  HttpResponse result{.body = std::move(body.bytes)};
  if (body.json_bytes) {
    result.content_type = "application/octet-stream";
    result.headers.emplace_back("Inference-Header-Content-Length",
                                std::to_string(*body.json_bytes));
  }
  return result;
}

void infer(const CallPointer& call, const Reply& reply, ServeParts& parts) {
  const HttpRequest& asked = call->request;
  const auto usual_deadline = deadline_of(*call, parts);
  const auto file = model_of(*call, parts);
  auto request = std::make_shared<InferRequest>(
      parse_infer_request(asked.body, asked.header("inference-header-content-length")));
  check_outputs(*request, *file);
  PredictJob job{.tasks = {file},
                 .images = asked_images(*request, decode_rules(parts)),
                 .rules = decode_rules(parts),
                 .deadline = usual_deadline,
                 .is_given_up = asked.is_given_up};
  if (request->timeout_us && *request->timeout_us > 0)
    job.deadline = call->arrived + std::chrono::microseconds(
                                       std::min(*request->timeout_us, 1000 * most_timeout_ms));
  const auto outputs = wanted_outputs(*request, *file);
  check_size(outputs, std::ssize(job.images), *file);
  for (const WantedOutput& wanted : outputs)
    job.wants_features = job.wants_features || wanted.name == "features";
  run_job(std::move(job), parts.folder, parts.engine, parts.pool,
          [&parts, reply, request, file](const PredictJob&, const std::vector<JobAnswer>& answers) {
            HttpResponse response;
            try {
              for (const JobAnswer& answer : answers)
                count_outcome(answer.outcome, file->name, parts.metrics);
              response = response_to(*request, *file, answers);
            } catch (...) {
              response = response_of(std::current_exception());
            }
            response.task = file->name;
            reply(std::move(response));
          });
}

}  // namespace

void add_infer_routes(RouteTable& table, ServeParts& parts) {
  Json operation = json_operation("Inference of the Open Inference Protocol");
  operation["requestBody"] = {
      {"required", true},
      {"content",
       {{"application/json", {{"schema", {{"type", "object"}}}}},
        {"application/octet-stream", {{"schema", {{"type", "string"}, {"format", "binary"}}}}}}}};
  for (const char* pattern :
       {"/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer"})
    table.add({.method = "POST",
               .pattern = pattern,
               .takes_images = true,
               .may_wait = true,
               .run = [&parts](const CallPointer& call,
                               const Reply& reply) { infer(call, reply, parts); },
               .operation = operation});
}

}  // namespace submask
