// A small network, for tests that train.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "runtime/network.h"
#include "runtime/parameter_store.h"
#include "runtime/test_task.h"

namespace nasc {

// conv 3x3 of stride 2, bn, relu, drop_path, linear: for 1x28x28 images of ten classes.
inline Program SmallProgram() {
  using Role = ir::Param::Role;
  using Init = ir::Param::Init;
  Program program;
  program.params = {{"conv.weight", Role::kWeight, Init::kFanIn, 9, {4, 1, 3, 3}},
                    {"bn.weight", Role::kWeight, Init::kOnes, 0, {4}},
                    {"bn.bias", Role::kWeight, Init::kZeros, 0, {4}},
                    {"bn.running_mean", Role::kBuffer, Init::kZeros, 0, {4}},
                    {"bn.running_var", Role::kBuffer, Init::kOnes, 0, {4}},
                    {"linear.weight", Role::kWeight, Init::kFanIn, 784, {10, 784}},
                    {"linear.bias", Role::kWeight, Init::kFanIn, 784, {10}}};
  const auto add = [&program](const std::string& op, std::vector<int> params = {},
                              decltype(ProgramStep::attributes) attributes = {}) {
    const auto value = static_cast<int>(program.steps.size());
    ProgramStep step;
    step.name = op;
    step.op = op;
    if (value > 0) step.inputs = {value - 1};
    step.outputs = {value};
    step.params = std::move(params);
    step.attributes = std::move(attributes);
    program.steps.push_back(std::move(step));
  };
  add("input");
  add("conv", {0},
      {{"stride", int64_t{2}},
       {"padding", int64_t{1}},
       {"dilation", int64_t{1}},
       {"padding_width", int64_t{1}}});
  add("bn", {1, 2, 3, 4}, {{"affine", int64_t{1}}});
  add("relu");
  add("drop_path", {}, {{"rate", 0.2}});
  add("flatten");
  add("linear", {5, 6});
  program.results = {{"logits", static_cast<int>(program.steps.size()) - 1, 1}};
  program.values = {{{-1, 1, 28, 28}}, {{-1, 4, 14, 14}}, {{-1, 4, 14, 14}}, {{-1, 4, 14, 14}},
                    {{-1, 4, 14, 14}}, {{-1, 784}},       {{-1, 10}}};
  SetLifetimes(program);
  return program;
}

inline Network SmallNetwork(ParameterStore& store) {
  absl::StatusOr<Network> network = Network::Create(SmallProgram(), store);
  EXPECT_TRUE(network.ok()) << network.status();
  return *std::move(network);
}

inline Task Images(int train, const std::string& settings) {
  absl::StatusOr<Task> task = SmallTask(train, 10, settings);
  EXPECT_TRUE(task.ok()) << task.status();
  return *std::move(task);
}

}  // namespace nasc
