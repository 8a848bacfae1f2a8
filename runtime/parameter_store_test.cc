#include "runtime/parameter_store.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace nasc {
namespace {

using Role = ir::Param::Role;
using Init = ir::Param::Init;

ProgramParam Filters(const std::string& name, int64_t count = 8) {
  return {name, Role::kWeight, Init::kFanIn, 27, {count, 3, 3, 3}};
}

at::Tensor Get(ParameterStore& store, const ProgramParam& param) {
  absl::StatusOr<at::Tensor> tensor = store.Get(param);
  EXPECT_TRUE(tensor.ok()) << tensor.status();
  return *std::move(tensor);
}

TEST(ParameterStoreTest, AWeightStartsBySeedAndNameAlone) {
  ParameterStore store(at::kDouble, 1);
  const at::Tensor a = Get(store, Filters("a"));
  const at::Tensor b = Get(store, Filters("b"));
  ParameterStore other_order(at::kDouble, 1);
  EXPECT_TRUE(Get(other_order, Filters("b")).equal(b));
  EXPECT_TRUE(Get(other_order, Filters("a")).equal(a));
  ParameterStore other_seed(at::kDouble, 2);
  EXPECT_FALSE(Get(other_seed, Filters("a")).equal(a));
  EXPECT_FALSE(a.equal(b));
  ParameterStore single(at::kFloat, 1);
  EXPECT_TRUE(Get(single, Filters("a")).equal(a.to(at::kFloat)));
}

TEST(ParameterStoreTest, StartsAsTheRuleSays) {
  ParameterStore store(at::kFloat, 1);
  const at::Tensor filters = Get(store, Filters("filters", 500)).detach();
  const double bound = 1 / std::sqrt(27);
  EXPECT_LE(filters.abs().max().item<double>(), bound);
  EXPECT_NEAR(filters.mean().item<double>(), 0, 0.01);
  EXPECT_NEAR(filters.std().item<double>(), bound / std::sqrt(3), 0.01);
  EXPECT_TRUE(filters.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_EQ(filters.scalar_type(), at::kFloat);
  const ProgramParam mean{"mean", Role::kBuffer, Init::kZeros, 0, {4}};
  const ProgramParam variance{"variance", Role::kBuffer, Init::kOnes, 0, {4}};
  EXPECT_TRUE(Get(store, mean).equal(at::zeros({4})));
  EXPECT_TRUE(Get(store, variance).equal(at::ones({4})));
}

TEST(ParameterStoreTest, ProgramsThatNameAWeightShareIt) {
  ParameterStore store(at::kFloat, 1);
  EXPECT_TRUE(Get(store, Filters("a")).is_same(Get(store, Filters("a"))));
}

TEST(ParameterStoreTest, AnotherShapeIsAnError) {
  ParameterStore store(at::kFloat, 1);
  const at::Tensor tensor = Get(store, Filters("stem.weight"));
  const absl::Status status = store.Get(Filters("stem.weight", 9)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "stem.weight has shape [8, 3, 3, 3], the network needs [9, 3, 3, 3]");
  EXPECT_TRUE(store.tensors().at("stem.weight").is_same(tensor));
}

TEST(ParameterStoreTest, SamplesOfUnlikeShapesShareTheirParts) {
  const at::NoGradGuard no_grad;
  ParameterStore store(at::kFloat, 1);
  ProgramParam small = {"a", Role::kWeight, Init::kFanIn, 25, {2, 1, 3, 3}, {4, 1, 5, 5}};
  const ProgramParam wide = {"a", Role::kWeight, Init::kFanIn, 25, {4, 1, 5, 5}};
  const at::Tensor whole = Get(store, small);
  EXPECT_TRUE(Get(store, wide).is_same(whole));
  EXPECT_TRUE(PartOf(whole, wide).is_same(whole));
  at::Tensor part = PartOf(whole, small);
  EXPECT_TRUE(part.equal(whole.narrow(0, 0, 2).narrow(2, 1, 3).narrow(3, 1, 3)));
  part.zero_();
  EXPECT_EQ(whole.eq(0).sum().item<int64_t>(), 2 * 3 * 3);
}

TEST(ParameterStoreTest, OnlyWeightsAreTrained) {
  ParameterStore store(at::kFloat, 1);
  const at::Tensor b = Get(store, Filters("b"));
  const at::Tensor a = Get(store, Filters("a"));
  const at::Tensor mean = Get(store, {"mean", Role::kBuffer, Init::kZeros, 0, {4}});
  const std::vector<at::Tensor> weights = store.Weights();
  ASSERT_EQ(weights.size(), 2u);
  EXPECT_TRUE(weights[0].is_same(a));
  EXPECT_TRUE(weights[1].is_same(b));
  EXPECT_TRUE(a.requires_grad());
  EXPECT_TRUE(b.requires_grad());
  EXPECT_FALSE(mean.requires_grad());
}

TEST(ParameterStoreTest, PutReplaces) {
  ParameterStore store(at::kFloat, 1);
  const at::Tensor before = Get(store, Filters("a"));
  const at::Tensor values = at::ones({8, 3, 3, 3}, at::kDouble);
  store.Put("a", Role::kWeight, values);
  const at::Tensor after = Get(store, Filters("a"));
  EXPECT_FALSE(after.is_same(before));
  EXPECT_TRUE(after.detach().equal(values.to(at::kFloat)));
  EXPECT_TRUE(after.requires_grad());
  EXPECT_TRUE(after.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_FALSE(values.requires_grad());
}

}  // namespace
}  // namespace nasc
