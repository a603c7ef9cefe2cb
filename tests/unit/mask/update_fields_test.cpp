#include "mask/update_fields.h"

#include <gtest/gtest.h>

#include "error_of.h"
#include "mask/pack_fields.h"

namespace submask {
namespace {

// What each option takes: its least value, and its most where it has one.
TEST(UpdateFields, HaveTheirRanges) {
  struct Limits {
    const char* option;
    std::vector<const char*> inside, outside;
  };
  const std::vector<Limits> all{{"momentum", {"0", "0.5", "0.999"}, {"-0.001", "1", "nan"}},
                                {"beta1", {"0", "0.5", "0.999"}, {"-0.001", "1"}},
                                {"beta2", {"0", "0.5", "0.999"}, {"-0.001", "1"}},
                                {"adam-epsilon", {"0", "1"}, {"-0.001"}},
                                {"rate", {"0", "50", "1e18"}, {"-1", "1e19"}},
                                {"weight-decay", {"0", "0.1"}, {"-0.1", "1e30"}}};
  for (const Limits& limits : all) {
    const auto* field = find_field(update_fields(), limits.option);
    ASSERT_NE(field, nullptr) << limits.option;
    UpdateSettings settings;
    for (const char* word : limits.inside) EXPECT_NO_THROW(field->assign(settings, {word}));
    for (const char* word : limits.outside)
      EXPECT_NE(error_of(ErrorKind::invalid_argument, [&] { field->assign(settings, {word}); }), "")
          << limits.option << " " << word;
  }
}

TEST(PackFields, SetHowATaskIsPacked) {
  const Fields<PackOptions> table{pack_fields()};
  PackOptions options;
  for (const auto& [name, word] :
       {std::pair{"profile", "fast"}, {"statistics", "exact"}, {"head", "int8"}}) {
    const auto* field = find_field(table, name);
    ASSERT_NE(field, nullptr) << name;
    field->assign(options, {word});
  }
  EXPECT_EQ(options.profile, MaskProfile::fast);
  EXPECT_EQ(options.statistics, StatisticsForm::exact);
  EXPECT_EQ(options.head, HeadForm::int8);
}

// Each rule's record has its own settings and not the other's.
TEST(UpdateFields, ApplyToTheirRule) {
  UpdateSettings settings;
  settings.rule = UpdateRule::sgd;
  const auto by_sgd = record_of(update_fields(), settings);
  EXPECT_TRUE(by_sgd.contains("momentum"));
  EXPECT_FALSE(by_sgd.contains("beta1"));
  settings.rule = UpdateRule::adam;
  const auto by_adam = record_of(update_fields(), settings);
  EXPECT_FALSE(by_adam.contains("nesterov"));
  EXPECT_TRUE(by_adam.contains("beta2"));
}

}  // namespace
}  // namespace submask
