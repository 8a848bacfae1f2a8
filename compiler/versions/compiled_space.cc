#include "compiler/versions/compiled_space.h"

#include <zlib.h>

#include <cstdint>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "compiler/identity.h"
#include "compiler/ir/parser.h"
#include "compiler/ir/printer.h"
#include "compiler/ir/verifier.h"
#include "compiler/lower.h"
#include "dsl/ast_printer.h"

namespace nasc {
namespace {

constexpr absl::string_view kMagic = "nasc space ";
constexpr uint64_t kMostExpansion = 1100;  // of zlib: no stream expands more

void AddSources(const Module& module, std::set<const Module*>& seen, Hasher& hasher) {
  if (!seen.insert(&module).second) return;
  ast::File file = module.file;
  file.searches.clear();
  file.renamed.clear();
  file.imports.clear();  // the imported follow
  if (file.header.has_value()) file.header->version.clear();
  hasher.Add(PrintAst(file));
  for (const Module* import : module.imports) AddSources(*import, seen, hasher);
}

void ForgetLocations(ir::Graph& graph) {
  for (ir::Decision& decision : graph.decisions) decision.location = {};
  for (ir::Constraint& constraint : graph.constraints) constraint.location = {};
  for (ir::Instruction& instruction : graph.instructions) instruction.location = {};
}

absl::Status Damaged(absl::string_view why) {
  return absl::DataLossError(absl::StrCat("the compiled space is damaged: ", why));
}

// The lines of a header, read one after the other.
class HeaderReader {
 public:
  explicit HeaderReader(absl::string_view bytes) : rest_(bytes) {}

  // What follows `key ` in the next line; nothing where that has another key.
  std::optional<std::string> Next(absl::string_view key) {
    const size_t end = rest_.find('\n');
    if (end == absl::string_view::npos) return std::nullopt;
    absl::string_view line = rest_.substr(0, end);
    if (!absl::ConsumePrefix(&line, key) || !absl::ConsumePrefix(&line, " ")) return std::nullopt;
    rest_.remove_prefix(end + 1);
    return std::string(line);
  }

  absl::string_view rest() const { return rest_; }

 private:
  absl::string_view rest_;
};

absl::StatusOr<std::string> Inflate(absl::string_view compressed, uint64_t size) {
  if (size / kMostExpansion > compressed.size()) return Damaged("its graphs are cut off");
  std::string text(size, '\0');
  uLongf length = size;
  uLong used = compressed.size();
  const int code = uncompress2(reinterpret_cast<Bytef*>(text.data()), &length,
                               reinterpret_cast<const Bytef*>(compressed.data()), &used);
  if (code != Z_OK || length != size) return Damaged("its graphs are cut off or changed");
  if (used != compressed.size()) return Damaged("something follows its graphs");
  return text;
}

absl::Status ReadGraphs(absl::string_view compressed, const std::string& fact,
                        CompiledSpace& space) {
  const std::vector<std::string> words = absl::StrSplit(fact, ' ');
  uint64_t size = 0;
  if (words.size() != 3 || !absl::SimpleAtoi(words[0], &size) || words[1] != "xxh3")
    return Damaged("line `graphs`");
  absl::StatusOr<std::string> text = Inflate(compressed, size);
  if (!text.ok()) return text.status();
  if (HashBytes(*text).ToString() != words[2]) return Damaged("its graphs have another hash");
  for (absl::string_view graph :
       absl::StrSplit(*text, absl::string_view("\f"), absl::SkipEmpty())) {
    absl::StatusOr<ir::Graph> parsed = ir::ParseGraph(graph);
    if (!parsed.ok()) return Damaged(parsed.status().message());
    if (absl::Status status = ir::Verify(*parsed); !status.ok()) return Damaged(status.message());
    space.scales.push_back(*std::move(parsed));
  }
  return space.scales.empty() ? Damaged("it has no graph") : absl::OkStatus();
}

}  // namespace

absl::StatusOr<CompiledSpace> CompileSpace(const Space& space) {
  CompiledSpace compiled;
  compiled.name = space.name;
  compiled.version = space.version;
  Hasher hasher;
  std::set<const Module*> seen;
  AddSources(*space.module, seen, hasher);
  compiled.sources = hasher.Take();
  for (const ast::Renamed* renamed : space.renamed) {
    compiled.renames.push_back({renamed->from.text, renamed->to.text});
  }
  std::vector<std::string> scales;
  for (const ast::ScaleDecl* scale : space.scales) scales.push_back(scale->name.text);
  if (scales.empty()) scales.emplace_back();
  for (const std::string& scale : scales) {
    absl::StatusOr<ir::Graph> graph = LowerAt(space, {scale, std::nullopt});
    if (!graph.ok()) return graph.status();
    ForgetLocations(*graph);
    compiled.scales.push_back(*std::move(graph));
  }
  return compiled;
}

const ir::Graph* FindScale(const CompiledSpace& space, absl::string_view scale) {
  for (const ir::Graph& graph : space.scales) {
    if (graph.scale == scale) return &graph;
  }
  return nullptr;
}

std::string SerializeSpace(const CompiledSpace& space) {
  std::string text;
  for (const ir::Graph& graph : space.scales) absl::StrAppend(&text, ir::Print(graph), "\f");
  uLongf length = compressBound(text.size());
  std::string compressed(length, '\0');
  compress2(reinterpret_cast<Bytef*>(compressed.data()), &length,
            reinterpret_cast<const Bytef*>(text.data()), text.size(), Z_BEST_COMPRESSION);
  compressed.resize(length);
  std::string out = absl::StrCat(kMagic, kSpaceFormat, "\nname ", space.name, "\nversion ",
                                 space.version, "\nsources ", space.sources.ToString(),
                                 "\nidentity ", IdentityOf(space.scales[0]).ToString(), "\n");
  for (const Rename& rename : space.renames) {
    absl::StrAppend(&out, "renamed ", rename.from, " -> ", rename.to, "\n");
  }
  absl::StrAppend(&out, "header xxh3 ", HashBytes(out).ToString(), "\n");
  absl::StrAppend(&out, "graphs ", text.size(), " xxh3 ", HashBytes(text).ToString(), "\n",
                  compressed);
  return out;
}

bool IsCompiledSpace(absl::string_view bytes) { return absl::StartsWith(bytes, kMagic); }

absl::StatusOr<CompiledSpace> ParseCompiledSpace(absl::string_view bytes) {
  HeaderReader header(bytes);
  const std::optional<std::string> magic = header.Next("nasc space");
  int format = 0;
  if (!magic.has_value() || !absl::SimpleAtoi(*magic, &format) || format < 1) {
    return absl::DataLossError("this is no compiled space");
  }
  if (format > kSpaceFormat) {
    return absl::FailedPreconditionError(absl::StrCat("the compiled space has format ", format,
                                                      "; this nasc reads up to ", kSpaceFormat,
                                                      ": a newer nasc made it"));
  }
  CompiledSpace space;
  const std::optional<std::string> name = header.Next("name");
  const std::optional<std::string> version = name ? header.Next("version") : std::nullopt;
  const std::optional<std::string> sources = version ? header.Next("sources") : std::nullopt;
  const std::optional<std::string> identity = sources ? header.Next("identity") : std::nullopt;
  if (!identity.has_value()) return Damaged("a fact is missing in its header");
  space.name = *name;
  space.version = *version;
  const std::optional<Hash128> sources_hash = ParseHash128(*sources);
  if (!sources_hash.has_value()) return Damaged("line `sources`");
  space.sources = *sources_hash;
  while (const std::optional<std::string> renamed = header.Next("renamed")) {
    const std::vector<std::string> paths = absl::StrSplit(*renamed, " -> ");
    if (paths.size() != 2) return Damaged("line `renamed`");
    space.renames.push_back({paths[0], paths[1]});
  }
  if (format > 1) {
    const absl::string_view lines = bytes.substr(0, bytes.size() - header.rest().size());
    const std::optional<std::string> hash = header.Next("header xxh3");
    if (hash != HashBytes(lines).ToString()) return Damaged("its header has another hash");
  }
  const std::optional<std::string> graphs = header.Next("graphs");
  if (!graphs.has_value()) return Damaged("it has no graphs");
  if (absl::Status status = ReadGraphs(header.rest(), *graphs, space); !status.ok()) return status;
  if (IdentityOf(space.scales[0]).ToString() != *identity) {
    return Damaged("its identity is not that of its graphs");
  }
  if (space.scales[0].space != space.name || space.scales[0].version != space.version) {
    return Damaged("its name and version are not those of its graphs");
  }
  return space;
}

}  // namespace nasc
