// Requests and responses of inference in the Open Inference Protocol (KServe v2): JSON, and the
// extension for tensors as bytes behind it. No torch.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace submask {

struct InferInput {
  std::string name;
  std::vector<int64_t> shape;
  // BYTES as texts, UINT8 or FP32; in the order of rows, as many as the shape says.
  std::variant<std::vector<std::string>, std::vector<uint8_t>, std::vector<float>> data;
};

struct WantedOutput {
  std::string name;
  bool is_binary = false;
  int64_t class_count = 0;  // above 0: so many classes as "score:number:label" in place of numbers
};

struct InferRequest {
  std::string id;                     // "": none
  std::optional<int64_t> timeout_us;  // of the parameters
  std::vector<InferInput> inputs;
  std::vector<WantedOutput> outputs;  // none: all of them
  bool is_binary_usual = false;       // for outputs that are not named
};

// `json_bytes` is what Inference-Header-Content-Length says; "": all of the body is JSON. Images in
// JSON are base64. Throws invalid_argument for what is no such request.
InferRequest parse_infer_request(std::string_view body, std::string_view json_bytes);

struct InferOutput {
  std::string name;
  std::vector<int64_t> shape;
  std::variant<std::vector<std::string>, std::vector<float>> data;  // BYTES or FP32
  bool is_binary = false;
};

struct InferResponse {
  std::string model, version, id;
  std::vector<InferOutput> outputs;
};

struct InferBody {
  std::string bytes;
  std::optional<size_t> json_bytes;  // where tensors follow the JSON
};

InferBody infer_body(const InferResponse& response);

}  // namespace submask
