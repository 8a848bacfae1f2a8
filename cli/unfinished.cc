#include "cli/unfinished.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/summary.h"
#include "runtime/run/log.h"

namespace nasc {
namespace {

namespace fs = std::filesystem;

bool IsUnfinished(const fs::path& folder, const RunRecord& wanted) {
  std::error_code error;
  if (fs::exists(folder / kSummaryFile, error)) return false;
  const absl::StatusOr<RunRecord> record = ReadRunConfig((folder / kRunConfigFile).string());
  return record.ok() && record->command == "search" && record->search == wanted.search &&
         record->sources == wanted.sources && record->settings == wanted.settings &&
         record->seed == wanted.seed && record->seeds == wanted.seeds &&
         !RunLog::IsOpen(folder.string());
}

}  // namespace

std::optional<std::string> FindUnfinished(const RunFlags& flags, const LoadedSearch& search,
                                          int64_t seeds) {
  RunRecord wanted;
  wanted.search = search.config.name;
  wanted.sources = HashOf(*search.sources).ToString();
  wanted.settings = search.settings;
  wanted.seed = search.config.seed;
  wanted.seeds = seeds;
  std::optional<std::string> last;
  fs::file_time_type made;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(flags.runs, error)) {
    if (!flags.name.empty() && entry.path().filename() != flags.name) continue;
    if (!IsUnfinished(entry.path(), wanted)) continue;
    const fs::file_time_type time = fs::last_write_time(entry.path() / kRunConfigFile, error);
    if (last.has_value() && time < made) continue;
    last = entry.path().string();
    made = time;
  }
  return last;
}

}  // namespace nasc
