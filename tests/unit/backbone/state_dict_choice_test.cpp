// Which of the state dicts in a file is taken, and what is said of it.
#include "backbone/state_dict_choice.h"

#include <array>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "backbone/state_dict.h"
#include "error_of.h"
#include "tiny_network.h"

namespace submask {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// As timm has it.
TEST(FindNetwork, TakesTheMovingAverageBeforeTheWeights) {
  StateDict dict;
  TensorMap& tensors = dict.tensors;
  add_network(tensors, "model.", 1);
  add_network(tensors, "ema.", 2);
  add_network(tensors, "schema.", 3);
  const auto find = [&] {
    return find_network(TinyNetwork(), std::array<const StateDict*, 1>{&dict});
  };
  const NetworkLocation found = find();
  EXPECT_EQ(found.prefix, "ema.");
  EXPECT_EQ(found.weights_place, "model");
  tensors.erase("ema.stem.weight");
  EXPECT_EQ(find().prefix, "model.");
}

// A checkpoint with the network in one of its dicts, and other things beside it.
WeightFile training_file() {
  WeightFile file;
  file.tensors["accuracy"] = at::ones({});
  for (const auto& [key, value] :
       {std::pair("state_dict", 1), std::pair("state_dict_ema", 2), std::pair("student", 3)}) {
    StateDict& dict = file.others.emplace_back();
    dict.key = key;
    add_network(dict.tensors, "", value);
  }
  StateDict& optimiser = file.others.emplace_back();
  optimiser.key = "optimizer";
  optimiser.tensors["stem.weight"] = at::zeros({2, 1});
  return file;
}

ChosenStateDict choose(const WeightFile& file, const std::string& key) {
  return choose_state_dict(TinyNetwork(), tiny_info(), file, key);
}

TEST(ChooseStateDict, TakesTheDictThatHoldsTheNetwork) {
  WeightFile file = training_file();
  const ChosenStateDict average = choose(file, "");
  EXPECT_EQ(average.location.dict->key, "state_dict_ema");
  EXPECT_THAT(
      average.notes,
      ElementsAre("weights: the moving average 'state_dict_ema', not 'state_dict' beside it "
                  "(--checkpoint-key chooses)",
                  "weights: those of 'state_dict_ema', not of 'student', which fit as well "
                  "(--checkpoint-key chooses)"));
  file.others[1].tensors.erase("qkv.weight");
  const ChosenStateDict whole = choose(file, "");
  EXPECT_EQ(whole.location.dict->key, "state_dict");
  EXPECT_THAT(whole.notes,
              ElementsAre("weights: those of 'state_dict', not of 'student', which fit as well "
                          "(--checkpoint-key chooses)"));
  file.others[2].tensors.erase("qkv.weight");
  EXPECT_THAT(choose(file, "").notes, IsEmpty());
}

TEST(ChooseStateDict, TakesTheKeyThatIsNamed) {
  const WeightFile file = training_file();
  for (const char* key : {"state_dict", "state_dict_ema", "student"})
    EXPECT_EQ(choose(file, key).location.dict->key, key);
  for (const char* key : {"state", "accuracy", "state_dict.module", "optimizer.state"})
    EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { choose(file, key); }),
              std::string("expected a key of the file below which tensors of tiny are: state_dict, "
                          "state_dict_ema, student, optimizer, got '") +
                  key + "'");
  WeightFile flat;
  add_network(flat.tensors, "ema.", 1);
  add_network(flat.tensors, "model.net.", 2);
  EXPECT_EQ(choose(flat, "model").location.prefix, "model.net.");
  EXPECT_EQ(choose(flat, "model.net").location.prefix, "model.net.");
  EXPECT_EQ(choose(flat, "").location.prefix, "ema.");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { choose(flat, "mod"); }),
            "expected a key of the file below which tensors of tiny are: ema, model, got 'mod'");
}

// What nothing needs may be of any kind, and what the network needs is told by its kind.
TEST(ChooseStateDict, TellsWhichKindIsNotRead) {
  TinyNetwork network;
  WeightFile file;
  add_network(file.tensors, "", 1);
  file.unread["scale"] = "F8_E4M3";
  load_state_dict(network, tiny_info(), choose(file, ""), "FILE");
  file.unread["qkv.weight"] = "F8_E4M3";
  file.tensors.erase("qkv.weight");
  EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                     [&] { load_state_dict(network, tiny_info(), choose(file, ""), "FILE"); }),
            "expected the tensors of tiny, got 1 of a kind that is not read: qkv.weight (F8_E4M3), "
            "in FILE");
}

}  // namespace
}  // namespace submask
