#include "strategies/learn/path_encoding.h"

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"

namespace nasc {
namespace {

void SortUnique(std::vector<int>& values) {
  absl::c_sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

}  // namespace

PathEncoding::PathEncoding(const ir::Graph& supernet)
    : decisions_(supernet.decisions),
      points_(FindPathPoints(supernet)),
      at_point_(points_.points.size()) {}

int PathEncoding::Intern(Step step) {
  const auto [it, is_new] = interned_.try_emplace(step, static_cast<int>(steps_.size()));
  if (is_new) {
    steps_.push_back(step);
    feature_of_.push_back(-1);
  }
  return it->second;
}

const std::vector<int>& PathEncoding::Paths(const Architecture& architecture) {
  paths_.clear();
  for (size_t p = 0; p < points_.points.size(); ++p) {
    const PathPoints::Point& point = points_.points[p];
    std::vector<int>& arrived = at_point_[p];
    arrived.clear();
    const auto take = [&](const PathPoints::Way& way) {
      for (int beginning : way.beginnings) arrived.push_back(Intern({-1, beginning}));
      for (int before : way.points) absl::c_copy(at_point_[before], std::back_inserter(arrived));
    };
    const std::vector<int>& picks = architecture.picks[point.decision];
    for (int pick : picks) take(point.ways[pick]);
    for (const PathPoints::Way& way : point.always) take(way);
    if (picks.empty()) absl::c_for_each(point.otherwise, take);
    SortUnique(arrived);
    if (point.select && !picks.empty()) {
      for (int& path : arrived) path = Intern({path, point.options[picks[0]]});
    }
    if (point.whole) absl::c_copy(arrived, std::back_inserter(paths_));
  }
  for (size_t d = 0; d < decisions_.size(); ++d) {
    if (points_.in_paths[d]) continue;
    for (int pick : architecture.picks[d]) {
      paths_.push_back(Intern({-2 - static_cast<int>(d), pick}));
    }
  }
  SortUnique(paths_);
  return paths_;
}

std::vector<int> PathEncoding::Encode(const Architecture& architecture) {
  std::vector<int> features;
  for (int path : Paths(architecture)) {
    if (feature_of_[path] < 0) {
      feature_of_[path] = static_cast<int>(features_.size());
      features_.push_back(path);
    }
    features.push_back(feature_of_[path]);
  }
  absl::c_sort(features);
  return features;
}

std::vector<int> PathEncoding::EncodeKnown(const Architecture& architecture) {
  std::vector<int> features;
  for (int path : Paths(architecture)) {
    if (feature_of_[path] >= 0) features.push_back(feature_of_[path]);
  }
  absl::c_sort(features);
  return features;
}

std::string PathEncoding::Text(int feature) const {
  std::string text;
  const Step* step = &steps_[features_[feature]];
  if (step->first <= -2) {
    const ir::Decision& decision = decisions_[-2 - step->first];
    return absl::StrCat(decision.path, " = ", decision.options[step->second]);
  }
  while (step->first >= 0) {
    text = absl::StrCat(" ", points_.texts[step->second], text);
    step = &steps_[step->first];
  }
  return points_.texts[step->second] + text;
}

}  // namespace nasc
