#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "strategies/trial/architecture_code.h"
#include "strategies/trial_search.h"

namespace SQLite {
class Database;
class Statement;
class Transaction;
}  // namespace SQLite

namespace nasc {

// The trials of a run, in an SQLite database (trials.sqlite) that other programs may read while it
// grows (WAL). Tables:
//
//   study          key, value: what the trials belong to, as texts
//   architectures  id, code, text: each once; the code as the bytes of its words, the text as Print
//                  gives it
//   trials         search ("search", "random"), number (from 1), architecture (its id), fidelity,
//                  same_as (a number; 0: evaluated), metrics_bytes (the length of metrics.jsonl
//                  when the trial ended), a column measure_NAME a measure (null: diverged), and
//                  objective_1, ... (more is better)
//
// A trial that took a twentieth of a second or more is on the disk when Add returns, safe from the
// process being killed; quicker ones are by the Add a twentieth of a second later, or at the next
// Flush. Errors of all calls are one line that names the file.
class TrialStore {
 public:
  using Facts = std::map<std::string, std::string>;

  // Makes the file, which must not exist.
  static absl::StatusOr<TrialStore> Create(const std::string& path, const Facts& facts,
                                           const std::vector<std::string>& measures,
                                           int objectives);

  // Opens the file to go on with it. FailedPrecondition where its facts or measures are others, and
  // which; DataLoss for what is no such file.
  static absl::StatusOr<TrialStore> Open(const std::string& path, const Facts& facts,
                                         const std::vector<std::string>& measures, int objectives);

  // Opens the file, which may be that of a run under way, to read. DataLoss as above.
  static absl::StatusOr<TrialStore> OpenToRead(const std::string& path);

  TrialStore(TrialStore&&);
  TrialStore& operator=(TrialStore&&);
  ~TrialStore();  // what was not flushed by then is

  // Where a trial was the last one of another that the loop has taken; `text` is asked for where
  // the architecture is new to the file.
  absl::Status Add(absl::string_view search, const Trial& trial, int64_t metrics_bytes,
                   const std::function<std::string()>& text);
  absl::Status Flush();

  struct Record {
    Trial trial;
    int64_t metrics_bytes = 0;
    std::string text;  // of the architecture
  };
  // Every trial of a search, in order. An error of `visit` ends it.
  absl::Status ForEach(absl::string_view search,
                       const std::function<absl::Status(const Record&)>& visit);

  // The greatest length of the metrics of all trials; nothing where there are none.
  absl::StatusOr<std::optional<int64_t>> MetricsBytes();

  const std::vector<std::string>& measures() const;
  const Facts& facts() const;
  int objectives() const;

 private:
  struct Connection;
  explicit TrialStore(std::unique_ptr<Connection> connection);

  std::unique_ptr<Connection> connection_;
};

}  // namespace nasc
