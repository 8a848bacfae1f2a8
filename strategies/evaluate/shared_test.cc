#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "runtime/checkpoint.h"
#include "runtime/parameter_store.h"
#include "strategies/evaluate/test_search.h"
#include "strategies/one_shot/shared_weights.h"

namespace nasc {
namespace {

const char kCandidates[] = "ops candidates { identity  conv_3 = relu -> conv(3) -> bn }\n";
const char kHead[] = "relu -> global_avg_pool -> linear(classes)";

TEST(SharedTest, ScoresWithTheWeightsOfAFile) {
  const TestSearch search(TestSearch::Space(kCandidates, kHead));
  ParameterStore store(at::kFloat, 4);
  for (const ir::Param& param : search.supernet().params) {
    ProgramParam made{param.name, param.role, param.init, param.fan_in, {}};
    for (const ir::Dim& dim : param.type.dims) made.shape.push_back(dim.value());
    ASSERT_TRUE(store.Get(made).ok());
  }
  const std::string path = absl::StrCat(TestFolder(), "/supernet.safetensors");
  ASSERT_TRUE(SaveTensors(path, store.tensors()).ok());
  const auto evaluator = search.Make("shared", absl::StrCat("weights = \"", path, "\""));
  ASSERT_TRUE(evaluator.ok()) << evaluator.status();
  EXPECT_EQ((*evaluator)->measures(), (std::vector<std::string>{"accuracy", "loss"}));
  SharedWeights shared(search.supernet(), store.tensors(), store.dtype());
  for (int option = 0; option < 2; ++option) {
    const Architecture architecture = TestSearch::Taking(option);
    const Score expected = *shared.On(architecture, search.task(), Task::Part::kValidation);
    EXPECT_EQ(TestSearch::Measure(**evaluator, architecture),
              (std::vector<double>{expected.quality, expected.loss}));
  }
}

TEST(SharedTest, WeightsOfAnotherSpaceAreAnError) {
  const TestSearch search(TestSearch::Space(kCandidates, kHead));
  EXPECT_TRUE(absl::IsInvalidArgument(search.Make("shared").status()));
  EXPECT_TRUE(absl::IsNotFound(search.Make("shared", "weights = \"none.safetensors\"").status()));
  const std::string path = absl::StrCat(TestFolder(), "/supernet.safetensors");
  ASSERT_TRUE(SaveTensors(path, {}).ok());
  const absl::Status status =
      search.Make("shared", absl::StrCat("weights = \"", path, "\"")).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
}

}  // namespace
}  // namespace nasc
