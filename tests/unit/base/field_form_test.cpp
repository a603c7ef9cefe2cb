// How words become values of settings, and back.
#include "base/field_form.h"

#include <gmock/gmock.h>

#include <submask/error.h>

#include "base/fields.h"

namespace submask {
namespace {

enum class Colour { red, green };
constexpr auto names_of(Colour) { return std::array{"red", "green"}; }

struct Paint {
  int64_t coats = 2;
  double gloss = 0.5;
  bool outside = false;
  Colour colour = Colour::green;
  std::optional<double> width;
  std::vector<std::string> brushes;
  double share = 0;
  uint64_t batch = 0;
};

struct House {
  Paint wall, door;
};

const Section<Paint>& paint_fields() {
  using S = Paint;
  static const Section<S> section{
      "Paint",
      {
          {"coats", &S::coats, "How many", {within(1, 9)}},
          {"gloss", &S::gloss, "How much it shines", {positive_share()}},
          {"outside", &S::outside, "Whether it is", {.is_flag = true}},
          {"colour", &S::colour, "Which one"},
          {"brush-width", &S::width, "In centimetres", {above(0), Effect::nothing}},
          Field<S>("brushes", &S::brushes, "Their names").used_where([](const S& paint) {
            return paint.coats > 1 && paint.colour == Colour::green;
          }),
          {"share", &S::share, "Of oil", {share_below_one(), Effect::rounding}},
          {"batch", &S::batch, "Its number", {at_least(0), Effect::rounding}},
      },
      [](const S& paint) { return paint.coats > 1; }};
  return section;
}

const Fields<House>& house_fields() {
  static const Fields<House> table = {lifted(&House::wall, paint_fields()),
                                      lifted(&House::door, paint_fields(), "door-")};
  return table;
}

std::string refusal(const std::string& name, const Words& words) {
  House house;
  try {
    find_field(house_fields(), name)->assign(house, words);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    return error.what();
  }
  return "";
}

TEST(FieldForm, WordsBecomeValues) {
  House house;
  const auto set = [&](const std::string& name, const Words& words) {
    find_field(house_fields(), name)->assign(house, words);
  };
  set("coats", {"3"});
  set("door-gloss", {"0.25"});
  set("outside", {"true"});
  set("door-colour", {"red"});
  set("brush-width", {"4.5"});
  set("brushes", {"flat", "round"});
  EXPECT_EQ(house.wall.coats, 3);
  EXPECT_EQ(house.door.coats, 2);
  EXPECT_EQ(house.door.gloss, 0.25);
  EXPECT_TRUE(house.wall.outside);
  EXPECT_EQ(house.door.colour, Colour::red);
  EXPECT_EQ(house.wall.width, 4.5);
  EXPECT_THAT(house.wall.brushes, testing::ElementsAre("flat", "round"));
  set("brush-width", {default_word});
  EXPECT_EQ(house.wall.width, std::nullopt);
}

TEST(FieldForm, RefusalsNameTheOptionAndWhatItMayBe) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal("coats", {"0"}), HasSubstr("--coats"));
  EXPECT_THAT(refusal("coats", {"10"}), HasSubstr("9"));
  EXPECT_THAT(refusal("coats", {"2.5"}), HasSubstr("2.5"));
  EXPECT_THAT(refusal("coats", {"99999999999999999999"}), HasSubstr("99999999999999999999"));
  EXPECT_THAT(refusal("coats", {}), HasSubstr("--coats"));
  EXPECT_THAT(refusal("coats", {"2", "3"}), HasSubstr("--coats"));
  EXPECT_THAT(refusal("coats", {default_word}), HasSubstr("--coats"));
  EXPECT_THAT(refusal("door-gloss", {"0"}), HasSubstr("above 0 and at most 1 for --door-gloss"));
  EXPECT_THAT(refusal("door-gloss", {"nan"}), HasSubstr("nan"));
  EXPECT_THAT(refusal("door-gloss", {"1.5"}), HasSubstr("1.5"));
  EXPECT_THAT(refusal("outside", {"perhaps"}), HasSubstr("perhaps"));
  EXPECT_THAT(refusal("colour", {"blue"}), HasSubstr("(red or green), got blue"));
  EXPECT_THAT(refusal("colour", {"gren"}), HasSubstr("(green? red or green), got gren"));
  EXPECT_THAT(refusal("share", {"1"}), HasSubstr("of 0 or more and below 1 for --share, got 1"));
}

// What is computed is float32; the largest whole number is told to those who pass it.
TEST(FieldForm, RefusesNumbersThatTheComputationCannotHold) {
  using testing::HasSubstr;
  EXPECT_THAT(refusal("brush-width", {"1e39"}),
              HasSubstr("a number above 0 and at most 3.4028235e+38 (float32) for --brush-width"));
  EXPECT_THAT(refusal("brush-width", {"1e400"}), HasSubstr("at most 3.4028235e+38"));
  EXPECT_EQ(refusal("brush-width", {"1e38"}), "");
  EXPECT_THAT(refusal("brush-width", {"inf"}), HasSubstr("a number above 0 for --brush-width"));
  EXPECT_EQ(refusal("batch", {"9223372036854775807"}), "");
  EXPECT_THAT(refusal("batch", {"18446744073709551615"}),
              HasSubstr("a whole number of 0 or more and at most 9223372036854775807 for --batch"));
  EXPECT_THAT(refusal("batch", {"-1"}), HasSubstr("a whole number of 0 or more for --batch"));
}

TEST(Fields, TellWhichOfThemAreOfNoUse) {
  House house;
  const std::vector<std::string> given = {"door-brushes", "gloss", "brushes", "door-coats"};
  EXPECT_THAT(useless_fields(house_fields(), house, given), testing::IsEmpty());
  house.wall.coats = 1;
  house.door.colour = Colour::red;
  EXPECT_THAT(useless_fields(house_fields(), house, given),
              testing::ElementsAre("gloss", "brushes", "door-brushes"));
  EXPECT_THAT(changed_fields(house_fields(), house, House()),
              testing::ElementsAre("coats", "door-colour"));
}

TEST(Fields, RecordsHoldWhatAppliesAndCounts) {
  House house;
  house.door.coats = 1;
  house.wall.width = 3;
  EXPECT_EQ(record_of(house_fields(), house), (RecordJson{{"coats", 2},
                                                          {"gloss", 0.5},
                                                          {"outside", false},
                                                          {"colour", "green"},
                                                          {"brushes", RecordJson::array()}}));
  EXPECT_EQ(record_of(house_fields(), house, {Effect::nothing}),
            (RecordJson{{"brush_width", 3.0}}));
}

TEST(Fields, ArgumentsSayTheDifference) {
  House house;
  EXPECT_THAT(arguments_of(house_fields(), house, House()), testing::IsEmpty());
  house.wall.gloss = 0.1;
  house.door.brushes = {"flat", "round"};
  EXPECT_THAT(arguments_of(house_fields(), house, House()),
              testing::ElementsAre("--gloss=0.1", "--door-brushes=flat", "--door-brushes=round"));
  House wide;
  wide.wall.width = 2;
  EXPECT_THAT(arguments_of(house_fields(), House(), wide),
              testing::ElementsAre("--brush-width=default"));
}

}  // namespace
}  // namespace submask
