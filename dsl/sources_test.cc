#include "dsl/sources.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace nasc {
namespace {

namespace fs = std::filesystem;

class SourcesTest : public testing::Test {
 protected:
  SourcesTest() : folder_(fs::path(testing::TempDir()) / "sources_test") {
    fs::remove_all(folder_);
  }

  std::string Write(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  std::string Folder(const std::string& name) const { return (folder_ / name).string(); }

  const fs::path folder_;
};

TEST_F(SourcesTest, FindLibrariesInTheFirstFolderThatHasThem) {
  Write("one/parts/blocks.space", "library parts.blocks version 1.0.0 op first = relu");
  Write("two/parts/blocks.space", "library parts.blocks version 1.0.0 op second = relu");
  Write("two/more.space", "library more version 1.0.0 import parts.blocks op third = relu");
  const std::string root = Write(
      "root.space", "library root version 1.0.0 import parts.blocks import more import std.cnn");
  Diagnostics diagnostics;
  const Sources sources =
      LoadSources(root, diagnostics, {{Folder("one"), Folder("two")}, ReadSourceFile});
  EXPECT_EQ(diagnostics.Render(), "");
  EXPECT_EQ(sources.modules().size(), 4u);
  EXPECT_TRUE(sources.root().FindOp("first"));
  EXPECT_FALSE(sources.root().FindOp("second"));
  EXPECT_TRUE(sources.root().FindOp("third"));
  EXPECT_TRUE(sources.root().FindOp("sep_conv"));
}

TEST_F(SourcesTest, FindTheStandardLibraryFirst) {
  Write("one/std/cnn.space", "library std.cnn version 1.0.0 op hidden = relu");
  const std::string root = Write("root.space", "library root version 1.0.0 import std.cnn");
  Diagnostics diagnostics;
  const Sources sources = LoadSources(root, diagnostics, {{Folder("one")}, ReadSourceFile});
  EXPECT_EQ(diagnostics.Render(), "");
  EXPECT_FALSE(sources.root().FindOp("hidden"));
}

TEST_F(SourcesTest, SayWhichFoldersWereSearched) {
  const std::string root = Write("root.space", "library root version 1.0.0 import parts.blocks");
  Diagnostics diagnostics;
  LoadSources(root, diagnostics, {{"here", "there"}, ReadSourceFile});
  ASSERT_EQ(diagnostics.errors(), 1);
  const std::string message = diagnostics.Sorted()[0].message;
  EXPECT_NE(message.find("cannot import parts.blocks"), std::string::npos) << message;
  EXPECT_NE(message.find("the folders searched are here, there"), std::string::npos) << message;
}

TEST_F(SourcesTest, RefuseCirclesThroughTheSearchPath) {
  Write("one/a.space", "library a version 1.0.0 import b");
  Write("one/b.space", "library b version 1.0.0 import a");
  const std::string root = Write("root.space", "library root version 1.0.0 import a");
  Diagnostics diagnostics;
  LoadSources(root, diagnostics, {{Folder("one")}, ReadSourceFile});
  ASSERT_EQ(diagnostics.errors(), 1);
  EXPECT_EQ(diagnostics.Sorted()[0].kind->code, "import-cycle");
}

// Own names win, then those of the imports in their order.
TEST_F(SourcesTest, LookNamesUpHereFirst) {
  Write("a.space", "library a version 1.0.0 op f = relu op g = relu");
  Write("b.space", "library b version 1.0.0 op g = bn op h = bn");
  const std::string root = Write("root.space",
                                 "library root version 1.0.0 import \"a.space\" import \"b.space\" "
                                 "import \"a.space\" op f = tanh");
  Diagnostics diagnostics;
  const Sources sources = LoadSources(root, diagnostics);
  EXPECT_EQ(diagnostics.Render(), "");
  const Module& module = sources.root();
  EXPECT_EQ(module.imports.size(), 2u);
  EXPECT_EQ(module.FindOp("f").module, &module);
  EXPECT_EQ(module.FindOp("g").module, module.imports[0]);
  EXPECT_EQ(module.FindOp("h").module, module.imports[1]);
  EXPECT_FALSE(module.FindOp("i"));
}

}  // namespace
}  // namespace nasc
