#pragma once

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

// Random edits of a small space, for tests that know what a comparison must find.
namespace nasc {

// A small space, as data that edits change.
struct SpaceModel {
  struct Candidate {
    std::string name;
    int kernel = 1;
    bool relaxed = false;
  };
  std::vector<Candidate> candidates = {{"a", 1}, {"b", 3}, {"none", 0, true}};
  std::vector<std::string> nodes = {"n0", "n1"};
  int edges = 1;
  int stem = 4;
  int most_a = 0;  // of n0 and n1, how many may take the first candidate; 0: any
  std::vector<std::string> scales = {"small", "large"};
  std::vector<std::pair<std::string, std::string>> renamed;  // paths
  bool strange_layout = false;

  std::string Text() const;
};

// Edits at random, of a kind each at most, with the lines that a difference must have.
class RandomEdits {
 public:
  explicit RandomEdits(uint64_t seed) : random_(seed) {}

  SpaceModel model;
  std::set<std::string> expected;

  int Below(int n) { return static_cast<int>(random_() % static_cast<uint64_t>(n)); }

  // The old space.
  void Begin() {
    if (Below(2) == 0) model.candidates.push_back({"c", 5});
    model.edges = 1 + Below(2);
    if (model.edges == 1 && Below(2) == 0) model.nodes.push_back("n2");
    if (Below(4) == 0) model.most_a = 1;
  }

  void Edit();

 private:
  void AddCandidate() { model.candidates.push_back({"d", 7}); }
  void DropCandidate() {
    if (model.candidates.size() == 4 && model.candidates[3].name == "c")
      model.candidates.pop_back();
  }
  void RenameCandidate() {
    model.candidates[1].name = "bee";
    model.renamed.emplace_back("b", "bee");
  }
  void ChangeKernel() { model.candidates[1].kernel = 5 + 2 * Below(2); }
  void ExchangeCandidates() { std::swap(model.candidates[0], model.candidates[1]); }
  void AddNode() { model.nodes.push_back("last"); }
  void RenameNode() {
    model.nodes[0] = "first";
    model.renamed.emplace_back("normal.n0", "normal.first");
  }
  void ChangeEdges() { model.edges = 3 - model.edges; }
  void ChangeStem() { model.stem = 8; }
  void ChangeRequirement() { model.most_a = model.most_a == 0 ? 1 : 0; }
  void ChangeScales() {
    if (Below(2) == 0) {
      model.scales.pop_back();
    } else {
      model.scales.push_back("third");
    }
  }
  void ChangeLayout() { model.strange_layout = true; }

  // What is different, from the two models.
  void Expect();

  std::mt19937_64 random_;
  SpaceModel before_;
};

}  // namespace nasc
