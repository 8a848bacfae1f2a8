// How long checking a space takes, phase by phase: see docs/testing.md.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "bench/generate_space.h"
#include "compiler/check_file.h"
#include "dsl/ast_builder.h"
#include "dsl/parse_boundary.h"
#include "dsl/sources.h"
#include "glog/logging.h"

namespace nasc {
namespace {

// The time that this process computes: what else the machine does matters less to it.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<Clock>;
  static constexpr bool is_steady = true;
  static time_point now() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};

// Milliseconds.
struct Times {
  double lex = 0;
  double parse = 0;
  double ast = 0;
  double check = 0;  // names, then the lowering and the proofs of every scale
  double whole = 0;  // everything from the text on, imports included
};
constexpr double Times::*kPhases[] = {&Times::lex, &Times::parse, &Times::ast, &Times::check,
                                      &Times::whole};
constexpr const char* kNames[] = {"lex", "parse", "ast", "check", "whole"};

double Since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

void MeasureParse(const std::string& path, const std::string& text, Times& times) {
  Diagnostics diagnostics;
  SpaceParser::FileContext* tree = nullptr;
  const auto source = std::make_shared<const SourceFile>(path, text);
  Clock::time_point begin = Clock::now();
  ParseWithinBounds(
      source, diagnostics,
      [&](SpaceParser& parser) {
        times.lex = Since(begin);
        begin = Clock::now();
        tree = parser.file();
        times.parse = Since(begin);
      },
      [&](antlr4::CommonTokenStream& tokens) {
        begin = Clock::now();
        AstBuilder(source, tokens, diagnostics).Build(*tree);
        times.ast = Since(begin);
      });
}

void MeasureWhole(const std::string& path, const std::string& text, Times& times) {
  const Clock::time_point begin = Clock::now();
  Diagnostics diagnostics;
  const Sources sources = LoadSourcesFromText(path, text, diagnostics);
  const Clock::time_point loaded = Clock::now();
  CheckFile(
      sources, [](const auto&...) {}, diagnostics);
  times.check = Since(loaded);
  times.whole = Since(begin);
  CHECK(!diagnostics.has_errors()) << diagnostics.Render();
}

Times Median(const std::vector<Times>& all) {
  Times median;
  for (double Times::*phase : kPhases) {
    std::vector<double> values;
    for (const Times& times : all) values.push_back(times.*phase);
    std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
    median.*phase = values[values.size() / 2];
  }
  return median;
}

struct Measurement {
  std::string name;
  size_t lines = 0;
  size_t bytes = 0;
  double first_whole = 0;  // in a process that has parsed nothing yet, of the first text alone
  Times median;
};

Measurement Measure(const std::string& path, const std::string& text, int runs) {
  Measurement result;
  result.name = path.substr(path.rfind('/') + 1);
  result.lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  result.bytes = text.size();
  std::vector<Times> all(runs + 1);
  for (Times& times : all) {
    MeasureWhole(path, text, times);
    MeasureParse(path, text, times);
  }
  result.first_whole = all.front().whole;
  all.erase(all.begin());
  result.median = Median(all);
  return result;
}

void PrintText(const std::vector<Measurement>& all) {
  std::printf("milliseconds%24s", "");
  for (const char* name : kNames) std::printf("%9s", name);
  std::printf("%9s   us a line, whole\n", "first");
  for (const Measurement& of : all) {
    std::printf("%-18s%8zu lines %3s", of.name.c_str(), of.lines, "");
    for (double Times::*phase : kPhases) std::printf("%9.1f", of.median.*phase);
    std::printf("%9.1f%10.1f\n", of.first_whole,
                1000 * of.median.whole / static_cast<double>(of.lines));
  }
}

void PrintJson(const std::vector<Measurement>& all) {
  std::string text = "[";
  for (const Measurement& of : all) {
    absl::StrAppend(&text, text.size() == 1 ? "\n" : ",\n", "  {\"name\": \"", of.name,
                    "\", \"lines\": ", of.lines, ", \"bytes\": ", of.bytes,
                    ", \"first_whole_ms\": ", of.first_whole);
    for (size_t i = 0; i < std::size(kPhases); ++i) {
      absl::StrAppend(&text, ", \"", kNames[i], "_ms\": ", of.median.*kPhases[i]);
    }
    text += "}";
  }
  std::printf("%s\n]\n", text.c_str());
}

struct Flags {
  bool json = false;
  std::vector<int> lines = {10000, 30000, 100000};
  std::vector<std::string> paths;
};

bool ReadFlags(int argc, char** argv, Flags& flags) {
  for (int i = 1; i < argc; ++i) {
    absl::string_view arg = argv[i];
    if (arg == "--json") {
      flags.json = true;
    } else if (absl::ConsumePrefix(&arg, "--lines=")) {
      flags.lines.clear();
      for (const absl::string_view lines : absl::StrSplit(arg, ',', absl::SkipEmpty())) {
        if (!absl::SimpleAtoi(lines, &flags.lines.emplace_back())) return false;
      }
    } else if (absl::StartsWith(arg, "-")) {
      return false;
    } else {
      flags.paths.emplace_back(arg);
    }
  }
  return true;
}

int Main(int argc, char** argv) {
  Flags flags;
  if (!ReadFlags(argc, argv, flags)) {
    std::fprintf(stderr, "usage: check_benchmark [--json] [--lines=LINES,...] [FILE...]\n");
    return 2;
  }
  std::vector<Measurement> all;
  for (const std::string& path : flags.paths) {
    const absl::StatusOr<std::string> text = ReadSourceFile(path);
    if (!text.ok()) {
      std::fprintf(stderr, "%s: %s\n", path.c_str(), std::string(text.status().message()).c_str());
      return 1;
    }
    all.push_back(Measure(path, *text, 21));
  }
  for (const int lines : flags.lines) {
    all.push_back(Measure(absl::StrCat("generated ", lines), GenerateSpace(lines), 3));
  }
  flags.json ? PrintJson(all) : PrintText(all);
  return 0;
}

}  // namespace
}  // namespace nasc

int main(int argc, char** argv) { return nasc::Main(argc, argv); }
