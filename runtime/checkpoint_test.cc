#include "runtime/checkpoint.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <sys/stat.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/test_folder.h"

namespace nasc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

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
  const std::string path = folder.File("weights.safetensors");
  const absl::Status status = SaveTensors(path, tensors);
  EXPECT_TRUE(status.ok()) << status;
  return path;
}

void ExpectDamaged(const std::string& path, const std::string& why = "") {
  const absl::Status status = LoadTensors(path).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()),
              StartsWith(path + " is damaged or holds no weights: " + why));
}

TEST(CheckpointTest, GivesBackWhatWasSaved) {
  const TestFolder folder;
  for (const NamedTensors& tensors : {Examples(), NamedTensors{}}) {
    const absl::StatusOr<TensorFile> loaded = LoadTensors(Save(folder, tensors));
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    ExpectEqual(loaded->tensors, tensors);
  }
  EXPECT_THAT(folder.Names(), ElementsAre("weights.safetensors"));
}

TEST(CheckpointTest, SavesAWeightWithoutItsGradient) {
  const TestFolder folder;
  const at::Tensor weight = at::ones({3}).set_requires_grad(true);
  weight.sum().backward();
  const absl::StatusOr<TensorFile> loaded = LoadTensors(Save(folder, {{"weight", weight}}));
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_FALSE(loaded->tensors.at("weight").requires_grad());
  EXPECT_TRUE(loaded->tensors.at("weight").equal(at::ones({3})));
}

TEST(CheckpointTest, MissingFile) {
  const TestFolder folder;
  const absl::Status status = LoadTensors(folder.File("weights.safetensors")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            "cannot read " + folder.File("weights.safetensors") + ": No such file or directory");
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

TEST(CheckpointTest, NumbersAreNotChangedUnnoticed) {
  const TestFolder folder;
  const std::string path = Save(folder, Examples());
  const std::string whole = *ReadFileToString(path);
  for (size_t i = 0; i < whole.size(); i += 7) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
    ASSERT_TRUE(WriteFileAtomically(path, damaged).ok());
    const absl::StatusOr<TensorFile> loaded = LoadTensors(path);
    if (!loaded.ok()) {
      ExpectDamaged(path);
      continue;
    }
    // What is left is a letter of a note, or of the type of a tensor without elements.
    for (const auto& [name, tensor] : Examples()) {
      ASSERT_EQ(loaded->tensors.count(name), 1u) << i;
      EXPECT_TRUE(loaded->tensors.at(name).equal(tensor)) << name << " " << i;
    }
  }
}

std::string WithHeader(const std::string& header, const std::string& data = "12345678") {
  std::string length(8, '\0');
  length[0] = static_cast<char>(header.size());
  return length + header + data;
}

TEST(CheckpointTest, HostileFiles) {
  const TestFolder folder;
  const std::string path = folder.File("weights.safetensors");
  const auto tensor = [](const std::string& shape, const std::string& offsets,
                         const std::string& type = "F32") {
    return "{\"a\":{\"dtype\":\"" + type + "\",\"shape\":" + shape +
           ",\"data_offsets\":" + offsets + "}}";
  };
  const std::pair<std::string, std::string> cases[] = {
      {"", "it is shorter"},
      {"architecture darts version 1.0.0 {\n}\n", "its header is longer"},
      {std::string(8, '\xff') + "{}", "its header is longer"},
      {WithHeader("[1]"), "its header is no JSON object"},
      {WithHeader("{\"a\":1}"), "a is no object"},
      {WithHeader("{\"__metadata__\":{\"a\":1}}"), "__metadata__ holds more than texts"},
      {WithHeader("{\"__metadata__\":{\"xxh3:a\":\"0\"}}"), "a is missing"},
      {WithHeader("{\"a\":{\"dtype\":\"F32\"}}"), "a: 'shape' is missing"},
      {WithHeader(tensor("[2]", "[0,8]", "C64")), "a has numbers of type C64"},
      {WithHeader(tensor("[-2]", "[0,8]")), "the shape of a makes no sense"},
      {WithHeader(tensor("[4611686018427387904,4]", "[0,8]")), "the shape of a makes no sense"},
      {WithHeader(tensor("[3]", "[0,12]")), "a is beyond the end"},
      {WithHeader(tensor("[2]", "[-8,0]")), "a is beyond the end"},
      {WithHeader(tensor("[2]", "[8,0]")), "a is beyond the end"},
      {WithHeader(tensor("[2]", "[0]")), "a is beyond the end"},
      {WithHeader(tensor("[1]", "[0,8]")), "a has another size"},
  };
  for (const auto& [bytes, why] : cases) {
    SCOPED_TRACE(why);
    ASSERT_TRUE(WriteFileAtomically(path, bytes).ok());
    ExpectDamaged(path, why);
  }
  EXPECT_FALSE(LoadTensors(folder.File("")).ok()) << "a folder";
}

// Other programs write no hashes, and may not care where numbers begin.
TEST(CheckpointTest, FilesOfOtherPrograms) {
  const TestFolder folder;
  const std::string path = folder.File("weights.safetensors");
  for (const std::string space : {"", " ", "  ", "   "}) {
    const std::string header =
        "{\"a\":{\"dtype\":\"I64\",\"shape\":[1],\"data_offsets\":[0,8]}}" + space;
    ASSERT_TRUE(WriteFileAtomically(path, WithHeader(header, std::string(8, '\1'))).ok());
    const absl::StatusOr<TensorFile> loaded = LoadTensors(path);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ(loaded->tensors.at("a").item<int64_t>(), 0x0101010101010101);
  }
}

TEST(CheckpointTest, KeepsNotesAndTheFile) {
  const TestFolder folder;
  const std::string path = folder.File("weights.safetensors");
  const TensorNotes notes = {{"run", "first"}, {"step", "3"}};
  ASSERT_TRUE(SaveTensors(path, {{"a", at::ones({2})}}, notes).ok());
  {
    absl::StatusOr<TensorFile> loaded = LoadTensors(path);
    ASSERT_TRUE(loaded.ok()) << loaded.status();
    EXPECT_EQ(loaded->notes, notes);
    loaded->tensors.at("a").zero_();
  }
  EXPECT_TRUE(LoadTensors(path)->tensors.at("a").equal(at::ones({2})));
}

TEST(CheckpointTest, NothingIsLeftWhereSavingFails) {
  const TestFolder folder;
  const std::string missing = folder.File("missing/weights.safetensors");
  const absl::Status status = SaveTensors(missing, Examples());
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), "cannot write " + missing + ": No such file or directory");
  EXPECT_THAT(folder.Names(), IsEmpty());

  const std::string path = Save(folder, Examples());
  EXPECT_FALSE(SaveTensors(path, {{"good", at::ones({1})}, {"undefined", at::Tensor()}}).ok());
  const absl::StatusOr<TensorFile> loaded = LoadTensors(path);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  ExpectEqual(loaded->tensors, Examples());
  EXPECT_THAT(folder.Names(), ElementsAre("weights.safetensors"));
}

}  // namespace
}  // namespace nasc
