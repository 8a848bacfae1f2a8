// Runs the file tests of the language: a file holds an input, and what the compiler says of it. The
// README of this folder describes the form.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compiler/architecture.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/printer.h"
#include "compiler/ir/verifier.h"
#include "compiler/lower.h"
#include "compiler/passes/pass.h"
#include "compiler/primitives.h"
#include "compiler/program/program.h"
#include "compiler/relax.h"
#include "compiler/space_size.h"
#include "compiler/versions/compiled_space.h"
#include "compiler/versions/diff_text.h"
#include "compiler/versions/space_diff.h"
#include "dsl/ast_printer.h"
#include "dsl/check.h"
#include "dsl/diagnostics.h"
#include "dsl/format.h"
#include "dsl/sources.h"
#include "gtest/gtest.h"
#include "runtime/run/atomic_file.h"
#include "strategies/search_config.h"

namespace nasc {
namespace {

namespace fs = std::filesystem;

constexpr char kFolder[] = "tests/language";
constexpr char kUpdate[] = "bazel run //tests/language:file_test -- --update";
constexpr char kSection[] = "//---- ";
constexpr char kExpected[] = "//---- expected\n";

std::string ReadFile(const fs::path& path) {
  absl::StatusOr<std::string> text = ReadFileToString(path.string());
  EXPECT_TRUE(text.ok()) << text.status().message();
  return text.ok() ? *std::move(text) : "";
}

void WriteFile(const fs::path& path, const std::string& text) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream file(path, std::ios::binary);
  file << text;
  EXPECT_TRUE(file) << "cannot write " << path;
}

struct FileTest {
  // What the first line says.
  std::string mode;
  std::string path;  // of a file of the repository that is read instead of the input
  std::string scale;
  bool relax = false;
  MixtureOptions mixture;
  bool sample = false;
  std::string pass;  // whose input and output the test shows
  std::string step;  // of training, whose gradients the program computes
  size_t pad = 0;    // the input is filled up with blanks to so many bytes

  std::string given;  // all before the expected output
  std::string input;  // its first line is empty, so that lines count as in the test's file
  std::vector<std::pair<std::string, std::string>> files;
  std::optional<std::string> architecture;
  std::optional<std::string> before;  // the version of the space before, where `path` is none
  std::string expected;
};

absl::Status ReadMode(absl::string_view line, FileTest& test) {
  if (!absl::ConsumePrefix(&line, "// ")) {
    return absl::InvalidArgumentError("the first line is no `// check`, `// ast`, ...");
  }
  const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
  for (size_t i = 0; i < words.size(); ++i) {
    const bool more = i + 1 < words.size();
    if (i == 0) {
      test.mode = words[i];
    } else if (words[i] == "--scale" && more) {
      test.scale = words[++i];
    } else if (words[i] == "--pass" && more) {
      test.pass = words[++i];
    } else if (words[i] == "--step" && more) {
      test.step = words[++i];
    } else if (words[i] == "--relax") {
      test.relax = true;
    } else if (words[i] == "--partial" && more &&
               absl::SimpleAtoi(words[i + 1], &test.mixture.partial_channels)) {
      ++i;
    } else if (words[i] == "--normalize") {
      test.mixture.edge_normalization = true;
    } else if (words[i] == "--sample") {
      test.sample = true;
    } else if (words[i] == "--pad" && more && absl::SimpleAtoi(words[i + 1], &test.pad)) {
      ++i;
    } else if (!absl::StartsWith(words[i], "--") && test.path.empty()) {
      test.path = words[i];
    } else {
      return absl::InvalidArgumentError(absl::StrCat("what is '", words[i], "'?"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<FileTest> ReadTest(const std::string& text) {
  FileTest test;
  std::string* section = &test.input;
  bool first = true;
  for (absl::string_view rest = text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
    absl::string_view line = rest.substr(0, end);
    rest.remove_prefix(end);
    if (line == kExpected) {
      test.expected = std::string(rest);
      break;
    }
    absl::StrAppend(&test.given, line);
    absl::string_view title = absl::StripSuffix(line, "\n");
    if (first) {
      if (absl::Status status = ReadMode(title, test); !status.ok()) return status;
      line = "\n";
    } else if (absl::ConsumePrefix(&title, kSection)) {
      if (title == "architecture") {
        section = &test.architecture.emplace();
      } else if (title == "before") {
        section = &test.before.emplace();
      } else if (absl::ConsumePrefix(&title, "file \"") && absl::ConsumeSuffix(&title, "\"")) {
        section = &test.files.emplace_back(std::string(title), "").second;
      } else {
        return absl::InvalidArgumentError(absl::StrCat("what is '", title, "'?"));
      }
      continue;
    }
    first = false;
    absl::StrAppend(section, line);
  }
  if (test.input.size() < test.pad) test.input.resize(test.pad, ' ');
  return test;
}

class Runner {
 public:
  explicit Runner(const FileTest& test) : test_(test) {}

  std::string Run() {
    if (test_.mode == "graph") return Graph();
    if (test_.mode == "format") return Format();
    if (test_.mode == "diff") return Diff();
    const Sources sources =
        test_.path.empty() ? LoadInput() : LoadSources(test_.path, diagnostics_);
    if (!diagnostics_.has_errors() && test_.mode == "ast") return PrintAst(sources.root().file);
    if (!diagnostics_.has_errors()) CheckSources(sources, LanguageVocabulary(), diagnostics_);
    if (!diagnostics_.has_errors()) {
      const std::string text = test_.mode == "check" ? Check(sources) : Compile(sources);
      if (!diagnostics_.has_errors()) return absl::StrCat(diagnostics_.Render(), text);
    }
    return diagnostics_.Render();
  }

  std::set<std::string> codes() const {
    std::set<std::string> codes;
    for (const Diagnostic& diagnostic : diagnostics_.Sorted()) {
      codes.emplace(diagnostic.kind->code);
    }
    return codes;
  }

 private:
  // The input and its files in a folder of their own, so that the names in messages are short.
  Sources LoadInput() {
    const fs::path before = fs::current_path();
    const fs::path folder = fs::path(testing::TempDir()) / "file_test";
    fs::remove_all(folder);
    WriteFile(folder / "input.space", test_.input);
    for (const auto& [name, text] : test_.files) WriteFile(folder / name, text);
    fs::current_path(folder);
    Sources sources = LoadSources("input.space", diagnostics_);
    fs::current_path(before);
    return sources;
  }

  // What `nasc check` does, for one file.
  std::string Check(const Sources& sources) {
    if (const std::optional<Space> space = SpaceOf(sources.root()); space.has_value()) {
      CheckEveryScale(*space, diagnostics_);
      if (test_.architecture.has_value() && !diagnostics_.has_errors()) {
        const std::string scale = space->scales.empty() ? "" : space->scales[0]->name.text;
        ReadArchitecture(*LowerSpace(*space, {scale, std::nullopt}, diagnostics_));
      }
    }
    for (const ast::SearchDecl& search : sources.root().file.searches) {
      ReadSearch(search, sources.root(), diagnostics_);
    }
    return "ok\n";
  }

  // From the version before to the input.
  std::string Diff() {
    const Sources before = test_.before.has_value()
                               ? LoadSourcesFromText("before.space", *test_.before, diagnostics_)
                               : LoadSources(test_.path, diagnostics_);
    const Sources after = LoadInput();
    const std::optional<CompiledSpace> old_space = CompileChecked(before);
    const std::optional<CompiledSpace> new_space = CompileChecked(after);
    if (!old_space.has_value() || !new_space.has_value()) return diagnostics_.Render();
    return DiffText(DiffSpaces(*old_space, *new_space));
  }

  std::optional<CompiledSpace> CompileChecked(const Sources& sources) {
    if (!diagnostics_.has_errors()) CheckSources(sources, LanguageVocabulary(), diagnostics_);
    if (diagnostics_.has_errors()) return std::nullopt;
    absl::StatusOr<CompiledSpace> compiled = CompileSpace(*SpaceOf(sources.root()));
    EXPECT_TRUE(compiled.ok()) << compiled.status();
    return compiled.ok() ? std::optional<CompiledSpace>(*std::move(compiled)) : std::nullopt;
  }

  std::optional<Architecture> ReadArchitecture(const ir::Graph& graph) {
    return ParseArchitecture(std::make_shared<const SourceFile>("input.arch", *test_.architecture),
                             graph, diagnostics_);
  }

  std::string Compile(const Sources& sources) {
    const std::optional<Space> space = SpaceOf(sources.root());
    if (!space.has_value()) return "no space\n";
    const auto scale = FindScale(*space, test_.scale);
    if (!scale.ok()) return absl::StrCat(scale.status().message(), "\n");
    absl::StatusOr<ir::Graph> graph = absl::UnknownError("not lowered");
    if (auto lowered = LowerSpace(*space, {test_.scale, std::nullopt}, diagnostics_)) {
      graph = *std::move(lowered);
    } else {
      return "";
    }
    if (test_.architecture.has_value()) {
      const std::optional<Architecture> architecture = ReadArchitecture(*graph);
      if (!architecture.has_value()) return "";
      graph = test_.sample ? RelaxToSample(*graph, *architecture) : Fix(*graph, *architecture);
    } else if (test_.relax) {
      graph = RelaxToMixture(*graph, test_.mixture);
    }
    if (!graph.ok()) return absl::StrCat(graph.status().message(), "\n");
    if (test_.mode == "ir") return Canonical(*graph);
    if (test_.mode == "decisions") return Decisions(*graph);
    if (test_.mode != "program") return absl::StrCat("no mode '", test_.mode, "'\n");
    const absl::StatusOr<Program> program = BuildProgram(*graph);
    if (!program.ok()) return absl::StrCat(program.status().message(), "\n");
    if (!test_.pass.empty()) return BeforeAndAfter(*program);
    if (test_.step.empty()) return Print(*program);
    const bool both = test_.step == "both";
    StepOptions options;
    options.goal = {both || test_.step == "weights", both || test_.step == "decisions"};
    options.passes = *PassesNamed("all");
    return Print(CompileStep(*program, options));
  }

  // What a pass is given, after those before it, and what it makes of that; which it must have
  // told.
  std::string BeforeAndAfter(const Program& program) {
    std::vector<const Pass*> before;
    for (const Pass& pass : Passes()) {
      if (pass.name == test_.pass) {
        StepOptions options;
        options.passes = before;
        Program given = CompileStep(program, options);
        const std::string text = Print(given);
        const bool changed = pass.run(given);
        const std::string made = Print(given);
        EXPECT_EQ(changed, made != text) << "what " << pass.name << " told of a change";
        EXPECT_TRUE(VerifyProgram(given).ok()) << VerifyProgram(given);
        EXPECT_FALSE(pass.run(given)) << pass.name << " changes what it made";
        EXPECT_EQ(Print(given), made) << "without a word";
        return absl::StrCat("before ", pass.name, ":\n", text, "after:\n", made);
      }
      before.push_back(&pass);
    }
    return absl::StrCat("no pass '", test_.pass, "'\n");
  }

  // The text of a graph, which must be the text of what is read from it, too.
  static std::string Canonical(const ir::Graph& graph) {
    std::string text = ir::Print(graph);
    const absl::StatusOr<ir::Graph> again = ir::ParseGraph(text);
    EXPECT_TRUE(again.ok()) << again.status();
    if (again.ok()) {
      EXPECT_EQ(text, ir::Print(*again));
      EXPECT_TRUE(ir::Verify(*again).ok()) << ir::Verify(*again);
    }
    return text;
  }

  // Only the decisions, and how many architectures they make.
  static std::string Decisions(const ir::Graph& graph) {
    std::string text;
    for (absl::string_view line : absl::StrSplit(ir::Print(graph), '\n')) {
      if (absl::ConsumePrefix(&line, "  decision ")) absl::StrAppend(&text, line, "\n");
    }
    return absl::StrCat(text, CountArchitectures(graph.decisions, graph.constraints).ToString(),
                        " architectures\n");
  }

  std::string Graph() const {
    const absl::StatusOr<ir::Graph> graph = ir::ParseGraph(test_.input);
    if (!graph.ok()) return absl::StrCat(graph.status().message(), "\n");
    const absl::Status valid = ir::Verify(*graph);
    if (!valid.ok()) return absl::StrCat(valid.message(), "\n");
    return Canonical(*graph);
  }

  // The text in its layout, which must be the layout of what is read from it, too.
  std::string Format() {
    const bool is_input = test_.path.empty();
    const std::optional<std::string> formatted = FormatSpace(
        std::make_shared<const SourceFile>(is_input ? "input.space" : test_.path,
                                           is_input ? test_.input : ReadFile(test_.path)),
        diagnostics_);
    if (!formatted.has_value()) return diagnostics_.Render();
    EXPECT_EQ(formatted, FormatSpace(std::make_shared<const SourceFile>("formatted", *formatted),
                                     diagnostics_));
    return *formatted;
  }

  const FileTest& test_;
  Diagnostics diagnostics_;
};

// The first line that differs, with what is before and after it.
std::string Difference(const std::string& expected, const std::string& found) {
  const std::vector<std::string> a = absl::StrSplit(expected, '\n');
  const std::vector<std::string> b = absl::StrSplit(found, '\n');
  size_t line = 0;
  while (line < a.size() && line < b.size() && a[line] == b[line]) ++line;
  constexpr size_t kContext = 4;
  std::string text = absl::StrCat("line ", line + 1, " of the output differs:\n");
  for (size_t i = line < kContext ? 0 : line - kContext; i < line; ++i) {
    absl::StrAppend(&text, "  ", a[i], "\n");
  }
  for (size_t i = line; i < std::min(a.size(), line + kContext); ++i) {
    absl::StrAppend(&text, "- ", a[i], "\n");
  }
  for (size_t i = line; i < std::min(b.size(), line + kContext); ++i) {
    absl::StrAppend(&text, "+ ", b[i], "\n");
  }
  return absl::StrCat(text, "(- expected, + found) If what was found is right: ", kUpdate, "\n");
}

std::vector<fs::path> TestFiles() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".test") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

class OneFile : public testing::Test {
 public:
  explicit OneFile(fs::path path) : path_(std::move(path)) {}

  void TestBody() override {
    const absl::StatusOr<FileTest> test = ReadTest(ReadFile(path_));
    ASSERT_TRUE(test.ok()) << test.status().message();
    const std::string found = Runner(*test).Run();
    if (found != test->expected) ADD_FAILURE() << Difference(test->expected, found);
  }

 private:
  const fs::path path_;
};

// A kind of message that no file shows has been read by nobody.
TEST(Coverage, EveryDiagnosticIsShownByAFile) {
  std::set<std::string> seen;
  for (const fs::path& path : TestFiles()) {
    const absl::StatusOr<FileTest> test = ReadTest(ReadFile(path));
    if (!test.ok()) continue;  // its own test reports it
    Runner runner(*test);
    runner.Run();
    for (const std::string& code : runner.codes()) seen.insert(code);
  }
  std::vector<std::string> missing;
  for (const DiagnosticKind* kind : DiagnosticKind::All()) {
    if (seen.count(std::string(kind->code)) == 0) missing.emplace_back(kind->code);
  }
  EXPECT_TRUE(missing.empty()) << "no file in " << kFolder
                               << " shows: " << absl::StrJoin(missing, ", ");
}

int Update() {
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (workspace == nullptr) {
    std::cerr << "not in `bazel run`: " << kUpdate << "\n";
    return 1;
  }
  int updated = 0;
  for (const fs::path& path : TestFiles()) {
    const std::string text = ReadFile(path);
    const absl::StatusOr<FileTest> test = ReadTest(text);
    if (!test.ok()) {
      std::cerr << path.string() << ": " << test.status().message() << "\n";
      return 1;
    }
    const std::string now = absl::StrCat(test->given, kExpected, Runner(*test).Run());
    if (now == text) continue;
    WriteFile(fs::path(workspace) / path, now);
    std::cout << "updated " << path.string() << "\n";
    ++updated;
  }
  std::cout << updated << " updated; read the difference before you commit it\n";
  return 0;
}

}  // namespace
}  // namespace nasc

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1 && std::string(argv[1]) == "--update") return nasc::Update();
  for (const std::filesystem::path& path : nasc::TestFiles()) {
    testing::RegisterTest("FileTest", path.stem().string().c_str(), nullptr, nullptr,
                          path.string().c_str(), 1,
                          [path]() -> testing::Test* { return new nasc::OneFile(path); });
  }
  return RUN_ALL_TESTS();
}
