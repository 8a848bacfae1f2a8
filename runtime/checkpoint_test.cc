#include "runtime/checkpoint.h"

#include <ATen/core/Dict.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <sys/stat.h>
#include <torch/csrc/jit/serialization/pickle.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/test_folder.h"

namespace nasc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

NamedTensors Examples() {
  const at::Tensor values = at::arange(24, at::kDouble).div(7);
  return {{"double", values},
          {"float", values.to(at::kFloat)},
          {"labels", at::arange(5, at::kLong)},
          {"scalar", values[3]},
          {"empty", values.slice(0, 0, 0)},
          {"stage0.cell0.conv.weight",
           values.view({2, 3, 2, 2}).contiguous(at::MemoryFormat::ChannelsLast)}};
}

void ExpectEqual(const NamedTensors& actual, const NamedTensors& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    ASSERT_EQ(actual.count(name), 1u) << name;
    EXPECT_EQ(actual.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(actual.at(name).equal(tensor)) << name;
  }
}

std::string Save(const TestFolder& folder, const NamedTensors& tensors) {
  const std::string path = folder.File("weights.pt");
  const absl::Status status = SaveTensors(path, tensors);
  EXPECT_TRUE(status.ok()) << status;
  return path;
}

void ExpectDamaged(const std::string& path) {
  const absl::Status status = LoadTensors(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_EQ(status.message(), path + " is damaged or holds no weights");
}

TEST(CheckpointTest, GivesBackWhatWasSaved) {
  const TestFolder folder;
  for (const NamedTensors& tensors : {Examples(), NamedTensors{}}) {
    const absl::StatusOr<NamedTensors> loaded = LoadTensors(Save(folder, tensors));
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ExpectEqual(*loaded, tensors);
  }
  EXPECT_THAT(folder.Names(), ElementsAre("weights.pt"));
}

TEST(CheckpointTest, SavesAWeightWithoutItsGradient) {
  const TestFolder folder;
  const at::Tensor weight = at::ones({3}).set_requires_grad(true);
  weight.sum().backward();
  const absl::StatusOr<NamedTensors> loaded = LoadTensors(Save(folder, {{"weight", weight}}));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_FALSE(loaded->at("weight").requires_grad());
  EXPECT_TRUE(loaded->at("weight").equal(at::ones({3})));
}

TEST(CheckpointTest, MissingFile) {
  const TestFolder folder;
  const absl::Status status = LoadTensors(folder.File("weights.pt")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            "cannot read " + folder.File("weights.pt") + ": No such file or directory");
}

TEST(CheckpointTest, TruncatedFile) {
  const TestFolder folder;
  const std::string path = Save(folder, Examples());
  const std::string whole = *ReadFileToString(path);
  for (size_t size = 0; size < whole.size(); size += 1 + whole.size() / 50) {
    ASSERT_TRUE(WriteFileAtomically(path, whole.substr(0, size)).ok());
    ExpectDamaged(path);
  }
}

// LibTorch's reader leaves the checksums of the file unchecked, so a damaged number goes unnoticed;
// damaged structure must not end the program.
TEST(CheckpointTest, DamagedByte) {
  const TestFolder folder;
  const std::string path = Save(folder, Examples());
  const std::string whole = *ReadFileToString(path);
  int refused = 0;
  for (size_t i = 0; i < whole.size(); i += 31) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    ASSERT_TRUE(WriteFileAtomically(path, damaged).ok());
    if (LoadTensors(path).ok()) continue;
    ExpectDamaged(path);
    ++refused;
  }
  EXPECT_GT(refused, 20);
}

TEST(CheckpointTest, FileOfSomethingElse) {
  const TestFolder folder;
  const std::string path = folder.File("weights.pt");
  c10::Dict<std::string, int64_t> numbers;
  numbers.insert("a", 1);
  c10::Dict<int64_t, at::Tensor> unnamed;
  unnamed.insert(1, at::ones({1}));
  for (const c10::IValue& value : std::vector<c10::IValue>{
           at::ones({1}), std::vector<at::Tensor>{at::ones({1})}, numbers, unnamed, "text"}) {
    const std::vector<char> bytes = torch::jit::pickle_save(value);
    ASSERT_TRUE(WriteFileAtomically(path, absl::string_view(bytes.data(), bytes.size())).ok());
    ExpectDamaged(path);
  }
  ASSERT_TRUE(WriteFileAtomically(path, "architecture darts version 1.0.0 {\n}\n").ok());
  ExpectDamaged(path);
}

TEST(CheckpointTest, NothingIsLeftWhereSavingFails) {
  const TestFolder folder;
  const std::string missing = folder.File("missing/weights.pt");
  const absl::Status status = SaveTensors(missing, Examples());
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "cannot write " + missing + ": No such file or directory");
  EXPECT_THAT(folder.Names(), IsEmpty());

  const std::string path = Save(folder, Examples());
  EXPECT_FALSE(SaveTensors(path, {{"good", at::ones({1})}, {"undefined", at::Tensor()}}).ok());
  const absl::StatusOr<NamedTensors> loaded = LoadTensors(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ExpectEqual(*loaded, Examples());
  EXPECT_THAT(folder.Names(), ElementsAre("weights.pt"));
}

}  // namespace
}  // namespace nasc
