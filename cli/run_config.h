#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "compiler/hash128.h"
#include "dsl/sources.h"
#include "strategies/search_config.h"

namespace nasc {

// What all commands that make a run can be told.
struct RunFlags {
  std::string runs = "runs";
  std::string name;            // "" takes the search's name, with a number where that is taken
  int threads = 0;             // 0: as many as the machine has
  std::string isa = "best";    // see fused::SetIsa
  std::string device = "cpu";  // see SetCompute
  std::string precision = "float32";  // see SetCompute
  int64_t memory = 0;                 // see NetworkOptions; 0: what the search requires
  std::vector<std::string> settings;  // see WithSettings
  bool quiet = false;
};

// The file of a run that says how it was made: what `nasc eval` needs, and what a person would need
// to make it again.
struct RunRecord {
  std::string command;                // "search", "train"
  std::string file;                   // of the run folder: "space/search.space"
  std::string search;                 // its declaration
  std::vector<std::string> settings;  // that replaced what it says, see WithSettings
  std::string sources;                // the hash of the text of all files, see HashOf
  std::string scale;                  // of trained networks
  Budget final_budget;                // of each of them
  uint64_t seed = 0;
  int64_t seeds = 1;  // how many searches, each in a sub-folder where there are several
  int threads = 1;
  std::string isa = "best";  // of our own kernels: "none", "avx2", "avx512"
  std::string device = "cpu";
  std::string precision = "float32";
  std::string identity;       // of the space: see IdentityOf
  std::string migrated_from;  // the run of an earlier version of the space; "": none
};

inline constexpr char kRunConfigFile[] = "config.json";

// The same for the same texts, wherever they lie.
Hash128 HashOf(const Sources& sources);

// The record and every setting, given or default, as JSON.
std::string RunConfigJson(const RunRecord& record, const SearchConfig& config);

// Reads the record back. Error: what is missing or damaged.
absl::StatusOr<RunRecord> ReadRunConfig(const std::string& path);

}  // namespace nasc
