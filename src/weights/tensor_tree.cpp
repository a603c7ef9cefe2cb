#include "weights/tensor_tree.h"

#include <algorithm>
#include <cstdint>
#include <map>

#include "base/fail.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

using Kind = PickleNode::Kind;
using Entries = std::vector<std::pair<const PickleNode*, const PickleNode*>>;

// The entries of a dict or the attributes of a TorchScript module; null for another kind of node.
const Entries* dict_entries(const PickleNode& node) {
  return node.entries.empty() ? nullptr : &node.entries;
}
const Entries* module_attributes(const PickleNode& node) {
  return node.is(Kind::instance) && node.state != nullptr ? &node.state->entries : nullptr;
}

// Walks down from one node and joins names by dots. A pickle may have a dict under many names, or
// inside itself. So no node is entered below itself, and the size of the pickle limits that of all
// names together.
class TreeWalk {
 public:
  using Children = const Entries* (*)(const PickleNode&);

  TreeWalk(Children children, size_t size_bytes, const std::string& file)
      : children_(children), budget_(names_per_byte * size_bytes + names_of_small), file_(file) {}

  // The tensors of all nodes together.
  TensorTree all_below(const PickleNode& root) {
    TensorTree all{"", "nested", {}};
    visit(root, "", [&](const std::string& prefix, const std::string& key, const auto* tensor) {
      all.tensors.emplace_back(prefix + key, tensor);
    });
    return all;
  }

  // A tree for each node that holds tensors itself, in the order of the file.
  std::vector<TensorTree> each_below(const PickleNode& root) {
    std::vector<TensorTree> trees;
    std::map<std::string, size_t> places;
    visit(root, "", [&](const std::string& prefix, const std::string& key, const auto* tensor) {
      const auto [place, is_new] = places.emplace(prefix, trees.size());
      if (is_new) {
        const std::string path = prefix.substr(0, prefix.size() - (prefix.empty() ? 0 : 1));
        trees.push_back({path, path, {}});
      }
      trees[place->second].tensors.emplace_back(key, tensor);
    });
    return trees;
  }

 private:
  static constexpr uint64_t names_per_byte = 16;
  static constexpr uint64_t names_of_small = 65536;
  static constexpr uint64_t entry_cost = 4;
  static constexpr uint64_t tensor_cost = 64;
  static constexpr size_t deepest = 64;
  static constexpr size_t longest_name = 1000;

  // Calls take(names above and a dot, or "", name, tensor).
  void visit(const PickleNode& node, const std::string& prefix, const auto& take) {
    const Entries* entries = children_(node);
    const bool inside_itself = std::find(above_.begin(), above_.end(), &node) != above_.end();
    if (entries == nullptr || inside_itself) return;
    if (above_.size() >= deepest) refuse("dicts nested deeper");
    above_.push_back(&node);
    for (const auto& [key, value] : *entries) {
      charge(entry_cost);
      if (!key->is(Kind::text)) continue;
      const bool tensor = is_tensor(*value);
      if (!tensor && children_(*value) == nullptr) continue;
      if (prefix.size() + key->text.size() > longest_name) refuse("a name of more than 1000 bytes");
      charge(tensor_cost + prefix.size() + key->text.size());
      if (tensor) {
        take(prefix, key->text, value);
      } else {
        visit(*value, prefix + key->text + ".", take);
      }
    }
    above_.pop_back();
  }

  void charge(uint64_t cost) {
    if (cost > budget_) refuse("parts named over and over");
    budget_ -= cost;
  }

  [[noreturn]] void refuse(const char* got) const {
    fail_corrupt("a tree of named tensors", got, file_);
  }

  Children children_;
  uint64_t budget_;
  const std::string& file_;
  std::vector<const PickleNode*> above_;
};

// The class of an object that was pickled in place of a state dict; "" where there is none.
std::string module_name(const PickleNode& root) {
  if (root.is(Kind::instance)) return root.text;
  for (const auto& [name, value] : root.entries) {
    if (value->is(Kind::instance) && (name->text == "model" || name->text == "state_dict")) {
      return value->text;
    }
  }
  return "";
}

}  // namespace

bool is_tensor(const PickleNode& node) {
  if (!node.is(Kind::call)) return false;
  return node.text.starts_with("torch._utils._rebuild_") ||
         node.text.starts_with("torch._tensor._rebuild_");
}

std::vector<TensorTree> find_state_dicts(const Pickle& object, const std::string& file) {
  const PickleNode& root = *object.root;
  TreeWalk walk(dict_entries, object.size_bytes, file);
  std::vector<TensorTree> trees = walk.each_below(root);
  if (trees.empty()) {
    const std::string module = module_name(root);
    if (!module.empty()) fail_corrupt("a state dict", "an object of " + shown_name(module), file);
    const auto& calls = object.unusual_calls;
    fail_corrupt("a state dict",
                 calls.empty() ? "no tensors by name"
                               : text("a call of ", *calls.begin(), ", which is not executed"),
                 file);
  }
  for (const char* usual : {"state_dict", "model", "model_state_dict", ""}) {
    const auto found = std::ranges::find(trees, usual, &TensorTree::layout);
    if (found == trees.end()) continue;
    std::rotate(trees.begin(), found, found + 1);
    if (trees.size() > 1) trees.push_back(walk.all_below(root));
    return trees;
  }
  return {walk.all_below(root)};
}

TensorTree find_module_tensors(const Pickle& object, const std::string& file) {
  TensorTree tree = TreeWalk(module_attributes, object.size_bytes, file).all_below(*object.root);
  tree.layout = "";
  if (tree.tensors.empty()) {
    fail_corrupt("weights",
                 "a TorchScript program without parameters (frozen? save it before "
                 "torch.jit.freeze, or save its state_dict())",
                 file);
  }
  return tree;
}

}  // namespace submask
