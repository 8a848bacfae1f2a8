// Architectures of one function hash in the table of NAS-Bench-201: trained from other random
// weights, they reach about the same accuracy, and random groups of the same sizes do not.

#include <algorithm>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "compiler/algebra/function_hash.h"
#include "compiler/notation/nasbench201.h"
#include "gtest/gtest.h"
#include "runtime/data/gzip_file.h"
#include "tests/language/lower_text.h"

namespace nasc {
namespace {

std::string Content(const std::string& path) {
  absl::StatusOr<GzipFile> file = GzipFile::Open(path);
  EXPECT_TRUE(file.ok()) << file.status();
  if (!file.ok()) return "";
  std::string content(8 << 20, '\0');
  const absl::StatusOr<int64_t> size =
      file->Read(content.data(), static_cast<int64_t>(content.size()));
  EXPECT_TRUE(size.ok()) << size.status();
  content.resize(size.ok() ? *size : 0);
  return content;
}

// The median over all groups of two or more of the greatest difference within a group.
double MedianSpread(const std::vector<std::vector<double>>& groups) {
  std::vector<double> spreads;
  for (const std::vector<double>& group : groups) {
    if (group.size() < 2) continue;
    const auto [least, greatest] = std::minmax_element(group.begin(), group.end());
    spreads.push_back(*greatest - *least);
  }
  std::nth_element(spreads.begin(), spreads.begin() + spreads.size() / 2, spreads.end());
  return spreads[spreads.size() / 2];
}

TEST(TableTest, EqualFunctionsReachEqualAccuracy) {
  Diagnostics diagnostics;
  const std::optional<ir::Graph> graph =
      LowerFile("examples/nasbench201/nasbench201.space", "search", diagnostics);
  ASSERT_TRUE(graph.has_value()) << diagnostics.Render();
  const auto notation = NasBench201Notation::For(*graph);
  ASSERT_TRUE(notation.ok()) << notation.status();
  FunctionHasher hasher(*graph);

  const std::vector<std::string> lines =
      absl::StrSplit(Content("examples/nasbench201/benchmark.tsv.gz"), '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 15626u);
  const std::vector<std::string> header = absl::StrSplit(lines[0], '\t');
  const auto column = std::find(header.begin(), header.end(), "cifar10_test_acc_200ep");
  ASSERT_NE(column, header.end());
  absl::flat_hash_map<Hash128, std::vector<double>> by_hash;
  std::vector<double> all;
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> fields = absl::StrSplit(lines[i], '\t');
    const absl::StatusOr<Architecture> architecture = notation->Read(fields[0]);
    ASSERT_TRUE(architecture.ok()) << architecture.status();
    double accuracy = 0;
    ASSERT_TRUE(absl::SimpleAtod(fields[column - header.begin()], &accuracy)) << lines[i];
    by_hash[hasher.Of(*architecture)].push_back(accuracy);
    all.push_back(accuracy);
  }
  std::vector<std::vector<double>> groups;
  for (const auto& [hash, accuracies] : by_hash) groups.push_back(accuracies);
  std::shuffle(all.begin(), all.end(), std::mt19937(1));
  std::vector<std::vector<double>> random_groups;
  auto next = all.begin();
  for (const std::vector<double>& group : groups) {
    random_groups.emplace_back(next, next + group.size());
    next += group.size();
  }
  const double spread = MedianSpread(groups);
  const double random_spread = MedianSpread(random_groups);
  std::printf("%zu functions; median spread %.3f points, of random groups %.3f\n", groups.size(),
              spread, random_spread);
  EXPECT_LE(spread, 0.35);
  EXPECT_GT(random_spread, 10 * spread);
}

}  // namespace
}  // namespace nasc
