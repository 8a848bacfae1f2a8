#include "strategies/learn/path_points.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace nasc {
namespace {

bool Branches(const ir::Instruction& instruction) {
  return instruction.op == "select" || instruction.op == "subset";
}

// Values that an instruction passes on once every decision is fixed.
std::vector<ir::ValueId> Passed(const ir::Instruction& instruction) {
  if (instruction.op == "when_relaxed") return {instruction.operands[1]};
  if (instruction.op == "none" || instruction.op == "absent") return {};
  return instruction.operands;
}

class Finder {
 public:
  Finder(const ir::Graph& graph, double most_paths)
      : graph_(graph), most_paths_(most_paths), point_at_(graph.instructions.size(), -1) {
    found_.in_paths.assign(graph.decisions.size(), false);
  }

  PathPoints Find() {
    std::map<std::string, std::vector<bool>> groups;  // decisions of each
    for (size_t d = 0; d < graph_.decisions.size(); ++d) {
      const std::vector<std::string> parts = absl::StrSplit(graph_.decisions[d].path, '.');
      groups[parts[0]].resize(graph_.decisions.size());
      groups[parts[0]][d] = true;
    }
    for (const auto& [name, decisions] : groups) FindGroup(decisions);
    return std::move(found_);
  }

 private:
  void FindGroup(const std::vector<bool>& decisions) {
    const size_t begin = found_.points.size();
    absl::c_fill(point_at_, -1);
    names_.clear();
    std::vector<bool> seen(decisions.size());
    std::vector<ir::ValueId> values;
    for (size_t v = 0; v < graph_.instructions.size(); ++v) {
      const ir::Instruction& instruction = graph_.instructions[v];
      if (!Branches(instruction)) continue;
      if (!decisions[instruction.decision] || seen[instruction.decision]) continue;
      seen[instruction.decision] = true;
      point_at_[v] = static_cast<int>(begin + values.size());
      values.push_back(static_cast<ir::ValueId>(v));
      names_.push_back(instruction.name + ".");
    }
    FindDependence();
    for (ir::ValueId value : values) AddPoint(value);
    if (PathsFrom(begin) > most_paths_) {
      found_.points.resize(begin);
      return;
    }
    for (ir::ValueId value : values) found_.in_paths[graph_.instruction(value).decision] = true;
  }

  // Which values depend on a point without passing the same choice in another instance or another
  // group; and which leave the instance.
  void FindDependence() {
    const size_t count = graph_.instructions.size();
    depends_.assign(count, false);
    leaves_.assign(count, false);
    for (size_t v = 0; v < count; ++v) {
      const ir::Instruction& instruction = graph_.instructions[v];
      depends_[v] = point_at_[v] >= 0;
      if (Branches(instruction)) continue;
      for (ir::ValueId operand : Passed(instruction))
        depends_[v] = depends_[v] || depends_[operand];
    }
    for (const ir::Result& result : graph_.results) leaves_[result.value] = true;
    for (size_t v = count; v-- > 0;) {
      const ir::Instruction& instruction = graph_.instructions[v];
      if (point_at_[v] >= 0) continue;
      if (!Branches(instruction) && !leaves_[v]) continue;
      for (ir::ValueId operand : Passed(instruction)) leaves_[operand] = true;
    }
  }

  void AddPoint(ir::ValueId value) {
    const ir::Instruction& instruction = graph_.instruction(value);
    const ir::Decision& decision = graph_.decisions[instruction.decision];
    PathPoints::Point point;
    point.decision = instruction.decision;
    point.select = instruction.op == "select";
    point.whole = leaves_[value];
    for (size_t i = 0; i < instruction.operands.size(); ++i) {
      PathPoints::Way way = WayFrom(instruction.operands[i]);
      if (i >= decision.options.size()) {
        (instruction.labels[i] == "and" ? point.always : point.otherwise).push_back(way);
        continue;
      }
      if (point.select) point.options.push_back(TextId(decision.options[i]));
      point.ways.push_back(std::move(way));
    }
    found_.points.push_back(std::move(point));
  }

  // Backward from an operand to other points, and to values that are of no point.
  PathPoints::Way WayFrom(ir::ValueId from) {
    PathPoints::Way way;
    std::set<ir::ValueId> seen;
    std::vector<ir::ValueId> open = {from};
    while (!open.empty()) {
      const ir::ValueId v = open.back();
      open.pop_back();
      if (!seen.insert(v).second) continue;
      const ir::Instruction& instruction = graph_.instruction(v);
      if (point_at_[v] >= 0) {
        way.points.push_back(point_at_[v]);
      } else if (depends_[v] || IsOfPoint(instruction)) {
        for (ir::ValueId operand : Passed(instruction)) open.push_back(operand);
      } else {
        way.beginnings.push_back(TextId(instruction.name));
      }
    }
    absl::c_sort(way.points);
    absl::c_sort(way.beginnings);
    return way;
  }

  // Whether an instruction is part of an option: names follow structure.
  bool IsOfPoint(const ir::Instruction& instruction) const {
    if (Branches(instruction)) return false;
    return absl::c_any_of(
        names_, [&](const std::string& name) { return absl::StartsWith(instruction.name, name); });
  }

  int TextId(const std::string& text) {
    const auto [it, is_new] = text_ids_.try_emplace(text, static_cast<int>(found_.texts.size()));
    if (is_new) found_.texts.push_back(text);
    return it->second;
  }

  // The most paths that an architecture may have through the points from `begin` on.
  double PathsFrom(size_t begin) const {
    std::vector<double> paths(found_.points.size(), 0);
    const auto of = [&](const PathPoints::Way& way) {
      double sum = static_cast<double>(way.beginnings.size());
      for (int point : way.points) sum += paths[point];
      return sum;
    };
    double whole = 0;
    for (size_t p = begin; p < found_.points.size(); ++p) {
      const PathPoints::Point& point = found_.points[p];
      std::vector<double> ways;
      for (const PathPoints::Way& way : point.ways) ways.push_back(of(way));
      std::sort(ways.rbegin(), ways.rend());
      const auto most = static_cast<size_t>(graph_.decisions[point.decision].most);
      for (size_t i = 0; i < std::min(most, ways.size()); ++i) paths[p] += ways[i];
      for (const PathPoints::Way& way : point.always) paths[p] += of(way);
      for (const PathPoints::Way& way : point.otherwise) paths[p] = std::max(paths[p], of(way));
      if (point.whole) whole += paths[p];
      // What is not whole costs as well.
      if (paths[p] > most_paths_) return paths[p];
    }
    return whole;
  }

  const ir::Graph& graph_;
  const double most_paths_;
  PathPoints found_;
  absl::flat_hash_map<std::string, int> text_ids_;
  std::vector<int> point_at_;       // by value, of the group
  std::vector<std::string> names_;  // of points, with a dot
  std::vector<bool> depends_;
  std::vector<bool> leaves_;
};

}  // namespace

PathPoints FindPathPoints(const ir::Graph& supernet, double most_paths) {
  return Finder(supernet, most_paths).Find();
}

}  // namespace nasc
