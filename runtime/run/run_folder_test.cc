#include "runtime/run/run_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "dsl/diagnostics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "runtime/run/atomic_file.h"
#include "runtime/run/test_folder.h"

namespace nasc {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

bool Exists(const std::string& path) { return std::filesystem::exists(path); }
std::string Contents(const std::string& path) { return ReadFileToString(path).value_or("?"); }

RunFolder Create(const std::string& runs, const std::string& name) {
  absl::StatusOr<RunFolder> run = RunFolder::Create(runs, name, /*exact=*/false);
  EXPECT_TRUE(run.ok()) << run.status();
  return *std::move(run);
}

TEST(RunFolderTest, FindsAFreeName) {
  const TestFolder folder;
  const std::string runs = folder.File("a/runs/");
  EXPECT_EQ(Create(runs, "darts").path(), folder.File("a/runs/darts"));
  EXPECT_EQ(Create(runs, "darts").path(), folder.File("a/runs/darts-2"));
  const RunFolder third = Create(runs, "darts");
  EXPECT_EQ(third.name(), "darts-3");
  EXPECT_EQ(third.path(), folder.File("a/runs/darts-3"));
  EXPECT_EQ(third.File("log.txt"), folder.File("a/runs/darts-3/log.txt"));
  EXPECT_TRUE(std::filesystem::is_directory(third.path()));
}

TEST(RunFolderTest, ExactNameThatIsTaken) {
  const TestFolder folder;
  EXPECT_TRUE(RunFolder::Create(folder.path(), "darts", /*exact=*/true).ok());
  const absl::Status status = RunFolder::Create(folder.path(), "darts", /*exact=*/true).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(status.message(), "run darts exists already: choose another --name");
  EXPECT_THAT(folder.Names(), ElementsAre("darts"));
}

TEST(RunFolderTest, NamesMustNotEscape) {
  const TestFolder folder;
  for (const char* name : {"", ".", "..", "a/b", "/a", "../a", "a\nb"}) {
    EXPECT_EQ(RunFolder::Create(folder.path(), name, false).status().code(),
              absl::StatusCode::kInvalidArgument)
        << name;
  }
  EXPECT_THAT(folder.Names(), IsEmpty());
}

TEST(RunFolderTest, LeavesNothingBehindWhereItFails) {
  const TestFolder folder;
  ASSERT_TRUE(WriteFileAtomically(folder.File("file"), "").ok());
  for (const bool exact : {false, true}) {
    EXPECT_EQ(RunFolder::Create(folder.File("file"), "darts", exact).status().message(),
              "cannot create the run folder " + folder.File("file/darts") + ": Not a directory");
    EXPECT_THAT(RunFolder::Create(folder.File("file/runs"), "darts", exact).status().message(),
                HasSubstr("Not a directory"));
    EXPECT_THAT(
        RunFolder::Create(folder.File("a/b"), std::string(300, 'x'), exact).status().message(),
        HasSubstr("File name too long"));
  }
  EXPECT_THAT(folder.Names(), ElementsAre("file"));
}

TEST(RunFolderTest, ManyAtOnceGetDifferentFolders) {
  const TestFolder folder;
  std::vector<std::string> paths(8);
  std::vector<std::thread> threads;
  for (std::string& path : paths) {
    threads.emplace_back([&] { path = Create(folder.File("a/runs"), "darts").path(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::string>(paths.begin(), paths.end()).size(), 8u);
}

TEST(RunFolderTest, WritesTextInSubFolders) {
  const TestFolder folder;
  const RunFolder run = Create(folder.path(), "run");
  ASSERT_TRUE(run.WriteText("a/b/c.txt", "text").ok());
  ASSERT_TRUE(run.WriteText("a/b/c.txt", "other").ok());
  EXPECT_EQ(Contents(run.File("a/b/c.txt")), "other");
  for (const char* path : {"../x", "/x", "a/../../x", ""}) {
    EXPECT_EQ(run.WriteText(path, "").code(), absl::StatusCode::kInvalidArgument) << path;
  }
  EXPECT_THAT(std::string(run.WriteText("a/b/c.txt/d", "").message()),
              HasSubstr("cannot write " + run.File("a/b/c.txt/d") + ": Not a directory"));
  EXPECT_THAT(folder.Names(), ElementsAre("run"));
}

TEST(RunFolderTest, Discard) {
  const TestFolder folder;
  const RunFolder first = Create(folder.File("a/runs"), "run");
  const RunFolder second = Create(folder.File("a/runs"), "run");
  ASSERT_TRUE(second.WriteText("a/b.txt", "text").ok());
  ASSERT_TRUE(second.Discard().ok());
  EXPECT_TRUE(Exists(first.path()));
  EXPECT_FALSE(Exists(second.path()));
  ASSERT_TRUE(first.Discard().ok());
  EXPECT_THAT(folder.Names(), IsEmpty());
}

class SaveSourcesTest : public testing::Test {
 protected:
  void Write(const std::string& relative, const std::string& contents) {
    std::filesystem::create_directories(std::filesystem::path(original(relative)).parent_path());
    ASSERT_TRUE(WriteFileAtomically(original(relative), contents).ok());
  }

  std::string original(const std::string& relative) const {
    return folder_.File("original/" + relative);
  }

  // Saves a file with its imports, removes the original, loads the copy, and returns where it is.
  std::string SaveAndLoad(const std::string& path) {
    Diagnostics diagnostics;
    const Sources sources = LoadSources(path, diagnostics);
    EXPECT_EQ(diagnostics.Render(), "");
    if (diagnostics.has_errors()) return "";
    const absl::StatusOr<std::string> root = run_.SaveSources(sources);
    EXPECT_TRUE(root.ok()) << root.status();
    if (!root.ok()) return "";
    std::filesystem::remove_all(folder_.File("original"));

    const Sources copies = LoadSources(run_.File(*root), diagnostics);
    EXPECT_EQ(diagnostics.Render(), "");
    EXPECT_EQ(copies.modules().size(), sources.modules().size());
    return *root;
  }

  std::vector<std::string> Saved() const {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(run_.path())) {
      if (!entry.is_regular_file()) continue;
      files.push_back(entry.path().lexically_relative(run_.path()).string());
    }
    std::sort(files.begin(), files.end());
    return files;
  }

  TestFolder folder_;
  RunFolder run_ = Create(folder_.path(), "run");
};

const char kLibrary[] = "library lib version 1.0.0\n";
const char kSpace[] = "space s version 1.0.0\n";

TEST_F(SaveSourcesTest, LeavesOutTheStandardLibrary) {
  const std::string text = std::string(kSpace) + "import std.cnn\n";
  Write("search.space", text);
  EXPECT_EQ(SaveAndLoad(original("search.space")), "space/search.space");
  EXPECT_THAT(Saved(), ElementsAre("space/search.space"));
  EXPECT_EQ(Contents(run_.File("space/search.space")), text);
}

TEST_F(SaveSourcesTest, KeepsPaths) {
  Write("a/search.space",
        std::string(kSpace) + "import \"../lib/x.space\"\nimport \"own.space\"\n");
  Write("a/own.space", kLibrary);
  Write("lib/x.space", std::string(kLibrary) + "import \"deep/y.space\"\n");
  Write("lib/deep/y.space", std::string(kLibrary) + "import std.cnn\n");
  EXPECT_EQ(SaveAndLoad(original("a/search.space")), "space/a/search.space");
  EXPECT_THAT(Saved(), ElementsAre("space/a/own.space", "space/a/search.space",
                                   "space/lib/deep/y.space", "space/lib/x.space"));
}

TEST_F(SaveSourcesTest, ImportThatLeavesItsFolderAndComesBack) {
  Write("b/a/search.space", std::string(kSpace) + "import \"../../b/a/x.space\"\n");
  Write("b/a/x.space", kLibrary);
  EXPECT_EQ(SaveAndLoad(original("b/a/search.space")), "space/b/a/search.space");
  EXPECT_THAT(Saved(), ElementsAre("space/b/a/search.space", "space/b/a/x.space"));
}

TEST_F(SaveSourcesTest, KeepsLibrariesOfOtherFolders) {
  Write("a/search.space", std::string(kSpace) + "import ours.cells\n");
  Write("libs/ours/cells.space", std::string(kLibrary) + "import \"parts/p.space\"\n");
  Write("libs/ours/parts/p.space", std::string(kLibrary) + "import std.cnn\n");
  Diagnostics diagnostics;
  SourceOptions options;
  options.search_path = {original("libs")};
  const Sources sources = LoadSources(original("a/search.space"), diagnostics, options);
  EXPECT_EQ(diagnostics.Render(), "");
  const absl::StatusOr<std::string> root = run_.SaveSources(sources);
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_THAT(Saved(), ElementsAre("libraries/ours/cells.space", "libraries/ours/parts/p.space",
                                   "space/search.space"));
  std::filesystem::remove_all(folder_.File("original"));
  options.search_path = {run_.File(kLibrariesFolder)};
  const Sources copies = LoadSources(run_.File(*root), diagnostics, options);
  EXPECT_EQ(diagnostics.Render(), "");
  EXPECT_EQ(copies.modules().size(), sources.modules().size());
}

TEST_F(SaveSourcesTest, RelativePathsAndAFolderCalledStd) {
  Write("search.space", std::string(kSpace) + "import \"std/x.space\"\n");
  Write("std/x.space", kLibrary);
  const std::filesystem::path old = std::filesystem::current_path();
  std::filesystem::current_path(original(""));
  Diagnostics diagnostics;
  const Sources sources = LoadSources("./search.space", diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  const absl::StatusOr<std::string> root = run_.SaveSources(sources);
  std::filesystem::current_path(old);
  ASSERT_TRUE(root.ok()) << root.status();
  EXPECT_EQ(*root, "space/search.space");
  EXPECT_THAT(Saved(), ElementsAre("space/search.space", "space/std/x.space"));
}

TEST_F(SaveSourcesTest, CannotWrite) {
  Write("search.space", kSpace);
  ASSERT_TRUE(run_.WriteText("space", "").ok());
  Diagnostics diagnostics;
  const Sources sources = LoadSources(original("search.space"), diagnostics);
  EXPECT_THAT(std::string(run_.SaveSources(sources).status().message()),
              HasSubstr("cannot write " + run_.File("space/search.space") + ": Not a directory"));
}

}  // namespace
}  // namespace nasc
