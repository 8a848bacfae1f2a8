#include "strategies/migrate/trials.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "compiler/architecture.h"
#include "strategies/trial/decision_space.h"

namespace nasc {

absl::StatusOr<CarriedTrials> CarryTrials(const std::string& search, const Translation& translation,
                                          TrialStore& from, int64_t metrics_bytes,
                                          Carried& carried) {
  const ir::Graph& new_supernet = translation.map().new_supernet();
  const DecisionSpace old_space(translation.map().old_supernet());
  const DecisionSpace new_space(new_supernet);
  CarriedTrials result;
  std::vector<TrialStore::Record>& records = result.records;
  std::map<int64_t, int64_t>& numbers = result.numbers;
  const absl::Status status = from.ForEach(search, [&](const TrialStore::Record& record) {
    const std::string name = absl::StrCat(search, " trial ", record.trial.number);
    const Architecture before = old_space.Decode(record.trial.architecture);
    const absl::StatusOr<Architecture> after = translation.Of(before);
    if (!after.ok()) {
      carried.push_back({"trial", name, Fate::kLost, std::string(after.status().message())});
      return absl::OkStatus();
    }
    TrialStore::Record copy = record;
    copy.metrics_bytes = metrics_bytes;
    copy.text = Print(*after, new_supernet);
    copy.trial.number = static_cast<int64_t>(records.size()) + 1;
    numbers[record.trial.number] = copy.trial.number;
    copy.trial.architecture = new_space.Encode(*after);
    // What it repeated may be lost, as it can compute the same in another way: then it is the
    // first.
    const auto same = numbers.find(record.trial.same_as);
    copy.trial.same_as = same == numbers.end() ? 0 : same->second;
    const bool kept =
        copy.trial.number == record.trial.number && ChoicesIn(copy.text) == ChoicesIn(record.text);
    carried.push_back({"trial", name, kept ? Fate::kKept : Fate::kRemapped,
                       kept ? "" : absl::StrCat(search, " trial ", copy.trial.number)});
    records.push_back(std::move(copy));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return result;
}

}  // namespace nasc
