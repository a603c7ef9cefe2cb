#include "serve/api/infer_message.h"

#include <chrono>
#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

#include "error_of.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string request_refusal(const std::string& body, const std::string& json_bytes = "") {
  return error_of(ErrorKind::invalid_argument, [&] { parse_infer_request(body, json_bytes); });
}

std::string with_input(const std::string& input) { return R"({"inputs":[)" + input + "]}"; }

InferInput input_of(const std::string& input) {
  return parse_infer_request(with_input(input), "").inputs.at(0);
}

TEST(InferMessage, ReadsTensorsOfJson) {
  const auto request = parse_infer_request(
      R"({"id":"q","parameters":{"timeout":5,"binary_data_output":true},)"
      R"("inputs":[{"name":"a","shape":[2,1],"datatype":"FP32","data":[[1.5],[-2]]}],)"
      R"("outputs":[{"name":"s","parameters":{"classification":3,"binary_data":false}},{"name":"t"}]})",
      "");
  EXPECT_EQ(request.id, "q");
  EXPECT_EQ(request.timeout_us, 5);
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_EQ(request.inputs[0].name, "a");
  EXPECT_THAT(request.inputs[0].shape, ElementsAre(2, 1));
  EXPECT_THAT(std::get<std::vector<float>>(request.inputs[0].data), ElementsAre(1.5F, -2.F));
  ASSERT_EQ(request.outputs.size(), 2U);
  EXPECT_EQ(request.outputs[0].class_count, 3);
  EXPECT_FALSE(request.outputs[0].is_binary);
  EXPECT_TRUE(request.outputs[1].is_binary);
  EXPECT_THAT(std::get<std::vector<uint8_t>>(
                  input_of(R"({"name":"a","shape":[3],"datatype":"UINT8","data":[0,7,255]})").data),
              ElementsAre(0, 7, 255));
  EXPECT_THAT(
      std::get<std::vector<std::string>>(
          input_of(R"({"name":"a","shape":[2],"datatype":"BYTES","data":["YWI=",""]})").data),
      ElementsAre("ab", ""));
}

// A client's keys and lists take memory and time many times their letters.
TEST(InferMessage, BoundsWhatItsJsonTakes) {
  std::string keys = "{\"a\":0", lists = "[]";
  for (int i = 0; i < 100'000; ++i) keys += ",\"" + std::to_string(i) + "\":0";
  for (int i = 0; i < 600'000; ++i) lists += ",[]";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(request_refusal(keys + "}"), "expected a list as \"inputs\", got none");
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  EXPECT_EQ(request_refusal(with_input(lists)),
            "expected at most 524288 lists, objects and members in JSON, got more");
}

TEST(InferMessage, ReadsTensorsBehindTheJson) {
  const std::string json = with_input(
      R"({"name":"a","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":11}},)"
      R"({"name":"b","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}})");
  const std::string texts("\3\0\0\0a\0b\0\0\0\0", 11), floats("\0\0\xC0\x3F\0\0\x00\xC0", 8);
  const auto request = parse_infer_request(json + texts + floats, std::to_string(json.size()));
  EXPECT_THAT(std::get<std::vector<std::string>>(request.inputs.at(0).data),
              ElementsAre(std::string("a\0b", 3), ""));
  EXPECT_THAT(std::get<std::vector<float>>(request.inputs.at(1).data), ElementsAre(1.5F, -2.F));
  EXPECT_THAT(request_refusal(json + texts, std::to_string(json.size())),
              HasSubstr("expected 8 bytes of 'b' behind the JSON, got 0"));
  EXPECT_THAT(request_refusal(json + texts + floats + "x", std::to_string(json.size())),
              HasSubstr("got 1 bytes more"));
  EXPECT_THAT(request_refusal(json, std::to_string(json.size() + 1)),
              HasSubstr("Inference-Header-Content-Length of at most"));
  EXPECT_THAT(request_refusal(json, "-1"), HasSubstr("got '-1'"));
}

TEST(InferMessage, RefusesBinaryDataThatDoesNotFit) {
  const auto with = [](const std::string& datatype, const std::string& bytes,
                       const std::string& shape = "[1]") {
    const std::string json =
        with_input(R"({"name":"a","shape":)" + shape + R"(,"datatype":")" + datatype +
                   R"(","parameters":{"binary_data_size":)" + std::to_string(bytes.size()) + "}}");
    return request_refusal(json + bytes, std::to_string(json.size()));
  };
  EXPECT_THAT(with("BYTES", std::string("\5\0\0\0abcd", 8)),
              HasSubstr("4 bytes of length and so many bytes"));
  EXPECT_THAT(with("BYTES", "\xFF\xFF\xFF\xFF"), HasSubstr("4 bytes of length and so many bytes"));
  EXPECT_THAT(with("BYTES", "ab"), HasSubstr("4 bytes of length and so many bytes"));
  EXPECT_THAT(with("BYTES", std::string(50'000, '\0')),
              HasSubstr("expected at most 10000 elements of 'a', got more"));
  EXPECT_THAT(with("FP32", "abcdef"), HasSubstr("expected a multiple of 4 bytes for 'a', got 6"));
  EXPECT_THAT(with("FP32", "abcdefgh"),
              HasSubstr("expected 1 elements of 'a', as its shape says, got 2"));
  EXPECT_THAT(with("UINT8", "ab", "[3]"),
              HasSubstr("expected 3 elements of 'a', as its shape says, got 2"));
  EXPECT_THAT(with("INT64", "abcdefgh"),
              HasSubstr("expected the datatype BYTES, UINT8 or FP32 of 'a', got 'INT64'"));
}

TEST(InferMessage, RefusesWhatIsNoRequest) {
  EXPECT_THAT(request_refusal(""), HasSubstr("expected a request as a JSON object, got no JSON"));
  EXPECT_THAT(request_refusal("[]"), HasSubstr("got array"));
  EXPECT_THAT(request_refusal("{}"), HasSubstr("expected a list as \"inputs\", got none"));
  EXPECT_THAT(request_refusal(R"({"inputs":3})"),
              HasSubstr("expected a list as \"inputs\", got number"));
  EXPECT_THAT(request_refusal(R"({"inputs":[3]})"), HasSubstr("expected an object as an input"));
  EXPECT_THAT(request_refusal(R"({"inputs":[],"id":3})"),
              HasSubstr("expected a text as \"id\", got number"));
  EXPECT_THAT(request_refusal(R"({"inputs":[],"parameters":[]})"),
              HasSubstr("expected an object as \"parameters\""));
  EXPECT_THAT(request_refusal(R"({"inputs":[],"parameters":{"timeout":-1}})"),
              HasSubstr("expected a whole number as the parameter \"timeout\", got -1"));
  EXPECT_THAT(request_refusal(R"({"inputs":[],"parameters":{"timeout":18446744073709551615}})"),
              HasSubstr("a whole number"));
  EXPECT_THAT(request_refusal(R"({"inputs":[],"parameters":{"binary_data_output":1}})"),
              HasSubstr("expected true or false"));
  EXPECT_THAT(request_refusal(R"({"inputs":[],"outputs":[3]})"),
              HasSubstr("expected an object as an output"));
  EXPECT_THAT(request_refusal(std::string(100, '[') + std::string(100, ']')),
              HasSubstr("expected JSON of at most 64 levels, got 100"));
}

TEST(InferMessage, RefusesInputsThatAreNone) {
  const auto with = [](const std::string& input) { return request_refusal(with_input(input)); };
  EXPECT_THAT(with(R"({"shape":[1]})"), HasSubstr("expected a text as \"name\", got none"));
  EXPECT_THAT(with(R"({"name":"a","shape":[1]})"), HasSubstr("expected a text as \"datatype\""));
  EXPECT_THAT(with(R"({"name":"a","shape":[1],"datatype":"FP32"})"),
              HasSubstr("expected a list as \"data\""));
  for (const std::string shape :
       {"[0]", "[-1]", "[1.5]", "[\"1\"]", "[4294967297]", "[65536,65537]",
        "[9223372036854775807,9223372036854775807]", "[1,1,1,1,1,1,1,1,1]"})
    EXPECT_THAT(with(R"({"name":"a","shape":)" + shape + R"(,"datatype":"FP32","data":[1]})"),
                HasSubstr("expected a shape of"))
        << shape;
  const auto with_data = [&](const std::string& datatype, const std::string& data) {
    return with(R"({"name":"a","shape":[1],"datatype":")" + datatype + R"(","data":)" + data + "}");
  };
  EXPECT_THAT(with_data("UINT8", "[256]"),
              HasSubstr("expected 0 to 255 in the data of 'a', got 256"));
  EXPECT_THAT(with_data("UINT8", "[-1]"), HasSubstr("got -1"));
  EXPECT_THAT(with_data("FP32", "[\"1\"]"),
              HasSubstr("expected numbers in the data of 'a', got \"1\""));
  EXPECT_THAT(with_data("FP32", "[null]"), HasSubstr("got null"));
  EXPECT_THAT(with_data("BYTES", "[\"no base64!\"]"), HasSubstr("expected base64"));
  EXPECT_THAT(with_data("FP32", "[1,2]"),
              HasSubstr("expected 1 elements of 'a', as its shape says, got 2"));
}

TEST(InferMessage, WritesResponses) {
  InferResponse response{"m",
                         "v",
                         "q",
                         {{"s", {1, 2}, std::vector<float>{.5F, 2}, false},
                          {"l", {1}, std::vector<std::string>{"a\"b"}, false}}};
  const InferBody plain = infer_body(response);
  EXPECT_EQ(
      plain.bytes,
      R"({"model_name":"m","model_version":"v","id":"q","outputs":[{"name":"s","datatype":"FP32","shape":[1,2],"data":[0.5,2.0]},)"
      R"({"name":"l","datatype":"BYTES","shape":[1],"data":["a\"b"]}]})");
  EXPECT_FALSE(plain.json_bytes);
  response.outputs[0].is_binary = response.outputs[1].is_binary = true;
  const InferBody binary = infer_body(response);
  ASSERT_TRUE(binary.json_bytes);
  EXPECT_THAT(binary.bytes.substr(0, *binary.json_bytes),
              HasSubstr(R"("parameters":{"binary_data_size":8}},{"name":"l")"));
  EXPECT_EQ(binary.bytes.substr(*binary.json_bytes),
            std::string("\0\0\0\x3F\0\0\0\x40\3\0\0\0a\"b", 15));
}

// JSON has no such number; its readers take null.
TEST(InferMessage, WritesWhatIsNoNumberAsNull) {
  const InferResponse response{
      "m",
      "v",
      "",
      {{"s", {1}, std::vector<float>{std::numeric_limits<float>::quiet_NaN()}, false}}};
  EXPECT_THAT(infer_body(response).bytes, HasSubstr(R"("data":[null])"));
}

}  // namespace
}  // namespace submask
