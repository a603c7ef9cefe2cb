#include <gtest/gtest.h>

#include "base/file.h"
#include "serve/api/routes.h"
#include "serve/served_files.h"

namespace submask {
namespace {

class InferRoutesTest : public ServedFiles {
 protected:
  InferRoutesTest() {
    options_.tasks = fresh_folder("infer_routes").string();
    const BankHead bank{at::ones({1, backbone_->info().feature_width}),
                        at::zeros({1}, at::kLong),
                        40'000,
                        {.k = 1, .temperature = 1}};
    const std::string made =
        file_of("many.task", task_with(bank, std::vector<std::string>(40'000)));
    std::filesystem::rename(made, std::filesystem::path(options_.tasks) / "many.task");
    parts_ = std::make_unique<ServeParts>(*backbone_, options_, 1, [](const std::string&) {});
    add_infer_routes(table_, *parts_);
  }

  // Of a request about so many images, which are empty files.
  std::string refusal_of(int images, const std::string& outputs) {
    auto call = std::make_shared<Call>();
    call->path = {{"model", "many"}};
    std::string data = R"("")";
    for (int i = 1; i < images; ++i) data += R"(,"")";
    call->request.body = R"({"inputs":[{"name":"image","datatype":"BYTES","shape":[)" +
                         std::to_string(images) + R"(],"data":[)" + data + R"(]}],"outputs":[)" +
                         outputs + "]}";
    const auto match = table_.find("POST", "/v2/models/many/infer");
    return error_of(ErrorKind::invalid_argument,
                    [&] { match.route->run(call, [](HttpResponse) {}); });
  }

  ServeOptions options_;
  std::unique_ptr<ServeParts> parts_;
  RouteTable table_;
};

// Of one small request a response of gigabytes could come: JSON has some twenty bytes a number.
TEST_F(InferRoutesTest, BoundsTheNumbersOfAResponseBeforeItComputes) {
  EXPECT_EQ(refusal_of(210, R"({"name":"scores"})"),
            "expected at most 8388608 numbers of one response, got 8400000");
  EXPECT_EQ(refusal_of(105, R"({"name":"scores"},{"name":"scores"})"),
            "expected at most 8388608 numbers of one response, got 8400000");
  EXPECT_EQ(refusal_of(27, R"({"name":"scores","parameters":{"classification":40000}})"),
            "expected at most 8388608 numbers of one response, got 8640000");
}

}  // namespace
}  // namespace submask
