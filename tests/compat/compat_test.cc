// Compiled spaces of earlier formats load, damaged and newer ones are refused.
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "compiler/identity.h"
#include "compiler/ir/printer.h"
#include "compiler/primitives.h"
#include "compiler/space_size.h"
#include "compiler/versions/compiled_space.h"
#include "compiler/versions/space_diff.h"
#include "dsl/check.h"
#include "dsl/sources.h"
#include "gtest/gtest.h"
#include "runtime/run/atomic_file.h"

namespace nasc {
namespace {

constexpr char kFolder[] = "tests/compat";

std::string FileOf(int format) {
  absl::StatusOr<std::string> bytes =
      ReadFileToString(absl::StrCat(kFolder, "/space-", format, ".nasc"));
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  return bytes.ok() ? *std::move(bytes) : "";
}

CompiledSpace Sample() {
  Diagnostics diagnostics;
  const Sources sources = LoadSources(absl::StrCat(kFolder, "/sample.space"), diagnostics);
  CheckSources(sources, LanguageVocabulary(), diagnostics);
  EXPECT_FALSE(diagnostics.has_errors()) << diagnostics.Render();
  return *CompileSpace(*SpaceOf(sources.root()));
}

TEST(CompatTest, EveryFormatLoads) {
  for (int format = 1; format <= kSpaceFormat; ++format) {
    const absl::StatusOr<CompiledSpace> space = ParseCompiledSpace(FileOf(format));
    ASSERT_TRUE(space.ok()) << format << ": " << space.status();
    EXPECT_EQ(space->name, "sample");
    EXPECT_EQ(space->version, "1.2.0");
    // Written down when the format was new, so that the hashes never change either.
    EXPECT_EQ(space->sources.ToString(), "86df892dc02f6ba6c7e7265a4b57cb2a");
    EXPECT_EQ(IdentityOf(space->scales[0]).ToString(), "21be98602e8438f74e07be44e7065ac4");
    EXPECT_EQ(space->renames,
              (std::vector<Rename>{{"normal.n", "normal.first"}, {"skip", "skip_connect"}}));
    ASSERT_EQ(space->scales.size(), 2);
    EXPECT_EQ(
        CountArchitectures(space->scales[0].decisions, space->scales[0].constraints).ToString(),
        "40320");
  }
}

TEST(CompatTest, TheSpaceIsStillTheSame) {
  const CompiledSpace now = Sample();
  for (int format = 1; format <= kSpaceFormat; ++format) {
    const absl::StatusOr<CompiledSpace> then = ParseCompiledSpace(FileOf(format));
    ASSERT_TRUE(then.ok()) << then.status();
    EXPECT_EQ(DiffSpaces(*then, now).needed, VersionStep::kNone);
  }
}

TEST(CompatTest, WhatIsWrittenIsRead) {
  const CompiledSpace space = Sample();
  const std::string bytes = SerializeSpace(space);
  const absl::StatusOr<CompiledSpace> read = ParseCompiledSpace(bytes);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->sources, space.sources);
  EXPECT_EQ(read->renames, space.renames);
  ASSERT_EQ(read->scales.size(), space.scales.size());
  for (size_t i = 0; i < space.scales.size(); ++i) {
    EXPECT_EQ(ir::Print(read->scales[i]), ir::Print(space.scales[i]));
  }
  EXPECT_EQ(SerializeSpace(*read), bytes);
}

TEST(CompatTest, RefusesNewerFormats) {
  const std::string newer = absl::StrReplaceAll(FileOf(1), {{"nasc space 1\n", "nasc space 99\n"}});
  const absl::Status status = ParseCompiledSpace(newer).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_EQ(status.message(),
            absl::StrCat("the compiled space has format 99; this nasc reads up to ", kSpaceFormat,
                         ": a newer nasc made it"));
}

TEST(CompatTest, RefusesWhatIsDamaged) {
  const std::string bytes = FileOf(kSpaceFormat);
  EXPECT_FALSE(ParseCompiledSpace("").ok());
  EXPECT_FALSE(ParseCompiledSpace("space sample version 1.2.0").ok());
  for (size_t length = 0; length < bytes.size(); length += 7) {
    EXPECT_FALSE(ParseCompiledSpace(bytes.substr(0, length)).ok()) << length;
  }
  EXPECT_FALSE(ParseCompiledSpace(bytes + "x").ok());
  const size_t graphs = bytes.find("graphs ");
  for (size_t at = 0; at < bytes.size(); at += at < graphs ? 1 : 13) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x55);
    EXPECT_FALSE(ParseCompiledSpace(changed).ok()) << at;
  }
  // A size that no compressed bytes could have is not even tried.
  const std::string bomb = absl::StrReplaceAll(bytes, {{"graphs 79800 ", "graphs 9999999999999 "}});
  ASSERT_NE(bomb, bytes);
  EXPECT_FALSE(ParseCompiledSpace(bomb).ok());
}

}  // namespace
}  // namespace nasc
