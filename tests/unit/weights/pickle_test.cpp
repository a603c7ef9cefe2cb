#include "weights/pickle.h"

#include <gmock/gmock.h>

#include "weight_samples.h"

namespace submask {
namespace {

using Kind = PickleNode::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using namespace std::string_literals;

Pickle read(std::string_view program) { return read_pickle(as_bytes(program), "FILE"); }

std::string pickle_refusal(const std::string& program) {
  return corrupt_message([&] { read(program); });
}

std::string repeated(const std::string& part, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += part;
  return all;
}

TEST(Pickle, ReadsNumbersOfEveryWidth) {
  const std::string program =
      "\x80\x04(K\x07M\x01\x02J\xff\xff\xff\xff\x8a\x00\x8a\x02\x00\xff\x8a\x09"
      "123456789I42\nL-5L\nG12345678\x88\x89Nt."s;
  const Pickle pickle = read(program);
  ASSERT_EQ(pickle.root->items.size(), 12U);
  const int64_t expected[] = {7, 513, -1, 0, -256, 0, 42, -5, 0, 1, 0, 0};
  for (size_t i = 0; i < 12; ++i) EXPECT_EQ(pickle.root->items[i]->integer, expected[i]) << i;
  EXPECT_TRUE(pickle.root->items[5]->is(Kind::big_integer));
  EXPECT_EQ(pickle.root->items[5]->text, "123456789");
  EXPECT_TRUE(pickle.root->items[8]->is(Kind::real));
  EXPECT_EQ(pickle.size_bytes, program.size());
}

TEST(Pickle, FillsContainersAndSharesMemoisedNodes) {
  const Pickle pickle = read(
      "}q\x01(U\x01"
      "a]q\x02(K\x01K\x02"
      "eU\x01"
      "bh\x02u.");
  ASSERT_EQ(pickle.root->entries.size(), 2U);
  EXPECT_EQ(pickle.root->entries[0].first->text, "a");
  EXPECT_EQ(pickle.root->entries[0].second, pickle.root->entries[1].second);
  EXPECT_EQ(pickle.root->entries[0].second->items.size(), 2U);
}

TEST(Pickle, AListMayContainItself) {
  const Pickle pickle = read("]\x94h" + std::string(1, '\0') + "a.");
  EXPECT_EQ(pickle.root->items.at(0), pickle.root);
}

TEST(Pickle, ReadsPython2OrderedDicts) {
  const Pickle pickle = read(
      "ccollections\nOrderedDict\n]]U\x01kaK\x05"
      "a"
      "a\x85R.");
  ASSERT_EQ(pickle.root->entries.size(), 1U);
  EXPECT_EQ(pickle.root->entries[0].first->text, "k");
  EXPECT_EQ(pickle.root->entries[0].second->integer, 5);
}

TEST(Pickle, MakesInertNodesOfUnknownClasses) {
  const Pickle pickle = read(
      "cos\nsystem\n)\x81}U\x01"
      "aK\x01sb.");
  EXPECT_TRUE(pickle.root->is(Kind::instance));
  EXPECT_EQ(pickle.root->text, "os.system");
}

// Whatever the function is: none is executed, and those that checkpoints do not call are named.
TEST(Pickle, MakesInertNodesOfCalls) {
  const auto called = [](const std::string& program) {
    const Pickle pickle = read(program);
    EXPECT_TRUE(pickle.root->is(Kind::call));
    return pickle.unusual_calls;
  };
  EXPECT_THAT(called("cos\nsystem\nU\x02ls\x85R."), ElementsAre("os.system"));
  EXPECT_THAT(called("\x8c\x08"
                     "builtins\x8c\x04"
                     "eval\x93)R."),
              ElementsAre("builtins.eval"));
  EXPECT_THAT(called("(U\x02lsios\nsystem\n."), ElementsAre("os.system"));
  EXPECT_THAT(called("(cos\nsystem\nU\x02lso."), ElementsAre("os.system"));
  EXPECT_THAT(called("K\x01)R."), ElementsAre("something without a name"));
  EXPECT_THAT(called("ca\rb\x1b\n" + std::string(500, 'x') + "\n)R."),
              ElementsAre(StartsWith("a?b?.xxx")));
  EXPECT_THAT(called("cfunctools\npartial\ncos\nsystem\n\x85R."), IsEmpty());
}

// Cut off; without operands, marks or pairs; on values of another kind; unknown.
TEST(Pickle, RefusesProgramsThatCannotRun) {
  const std::string programs[] = {"",
                                  "N",
                                  "cno_line",
                                  "X\xff\xff\xff\x7fzzz.",
                                  ".",
                                  "a.",
                                  "Na.",
                                  "]a.",
                                  "\x85.",
                                  "q\x01.",
                                  "R.",
                                  "Q.",
                                  "\x93.",
                                  "e.",
                                  "t.",
                                  "(.",
                                  "K\x01K\x02s.",
                                  "(K\x01u.",
                                  "}(K\x01u.",
                                  "h\x05.",
                                  "K\x01Nb.",
                                  "I4x\n.",
                                  "I99999999999999999999\n.",
                                  "\x80\x06N.",
                                  "\xff."};
  for (const std::string& program : programs) {
    EXPECT_FALSE(pickle_refusal(program).empty()) << program;
  }
}

TEST(Pickle, BoundsWhatAProgramMayBuild) {
  const int many = 5'000'000;
  EXPECT_THAT(pickle_refusal(repeated("N", many)), HasSubstr("values"));
  EXPECT_THAT(pickle_refusal("N" + repeated("2", many)), HasSubstr("stack"));
  EXPECT_THAT(pickle_refusal(repeated("(", many)), HasSubstr("marks"));
  EXPECT_THAT(pickle_refusal("Nr\xff\xff\xff\x7f."), HasSubstr("memo"));
  // A tuple of 1,000 items as the arguments of call after call.
  const std::string wide = "(" + repeated("N", 1000) +
                           "tq\x01"
                           "0";
  EXPECT_THAT(pickle_refusal(wide + repeated("ctorch\nSize\nh\x01R0", 10'000)),
              HasSubstr("values"));
  // A name of a megabyte as the class of object after object.
  const std::string named = "ca\n" + std::string(1'000'000, 'n') +
                            "\nq\x01"
                            "0";
  EXPECT_THAT(pickle_refusal(named + repeated("h\x01)\x81"
                                              "0",
                                              1000)),
              HasSubstr("values"));
}

TEST(Pickle, ReadsDeepNestingWithoutRecursion) {
  const Pickle pickle = read(repeated("]", 1'000'000) + repeated("a", 999'999) + ".");
  EXPECT_EQ(pickle.root->items.size(), 1U);
}

}  // namespace
}  // namespace submask
