#include "strategies/migrate/stored_weights.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "compiler/architecture.h"
#include "dsl/source.h"
#include "strategies/inherit/weight_store.h"
#include "strategies/migrate/tensors.h"
#include "strategies/tensor_notes.h"

namespace nasc {
namespace {

// In the new version; an error where it is not there or its text is damaged.
absl::StatusOr<Architecture> TranslatedText(const std::string& text,
                                            const Translation& translation) {
  Diagnostics diagnostics;
  const std::optional<Architecture> architecture =
      ParseArchitecture(std::make_shared<SourceFile>("a trained network", text),
                        translation.map().old_supernet(), diagnostics);
  if (!architecture.has_value()) return diagnostics.ToStatus();
  return translation.Of(*architecture);
}

}  // namespace

absl::Status CarryStoredWeights(const std::string& from, const Translation& translation,
                                const std::map<int64_t, int64_t>& numbers, const std::string& to,
                                Carried& carried) {
  std::error_code error;
  if (!std::filesystem::exists(from, error)) return absl::OkStatus();
  const absl::StatusOr<WeightStore> before = WeightStore::Open(from);
  if (!before.ok()) return before.status();
  absl::StatusOr<WeightStore> after = WeightStore::Open(to);
  if (!after.ok()) return after.status();
  const absl::StatusOr<std::vector<WeightStore::Entry>> entries = before->Entries();
  if (!entries.ok()) return entries.status();
  for (const WeightStore::Entry& entry : *entries) {
    const std::string name = absl::StrCat("of trial ", entry.trial);
    const auto number = numbers.find(entry.trial);
    if (number == numbers.end()) {
      carried.push_back({"stored network", name, Fate::kLost, "its trial is lost"});
      continue;
    }
    const absl::StatusOr<Architecture> architecture =
        TranslatedText(entry.architecture, translation);
    if (!architecture.ok()) return architecture.status();
    absl::StatusOr<TensorFile> file = before->Load(entry);
    if (!file.ok()) return file.status();
    const absl::Status of_space =
        CheckIdentity(file->notes, from, translation.map().old_supernet());
    if (!of_space.ok()) return of_space;
    const NamedTensors momenta =
        WithNewNames(SavedPart(kStoredMomentum, file->tensors), translation.renames());
    const std::string momentum = absl::StrCat(kStoredMomentum, "/");
    NamedTensors weights;
    for (auto& [weight, tensor] : file->tensors) {
      if (!absl::StartsWith(weight, momentum)) weights[weight] = std::move(tensor);
    }
    NamedTensors tensors = WithNewNames(std::move(weights), translation.renames());
    AddPart(kStoredMomentum, momenta, tensors);

    WeightStore::Entry copy = entry;
    copy.trial = number->second;
    copy.architecture = Print(*architecture, translation.map().new_supernet());
    const auto parent = numbers.find(entry.parent);
    copy.parent = parent == numbers.end() ? 0 : parent->second;
    const bool kept =
        copy.trial == entry.trial && ChoicesIn(copy.architecture) == ChoicesIn(entry.architecture);
    TensorNotes notes = NotesOf(*architecture, translation.map().new_supernet());
    notes["scale"] = file->notes["scale"];  // that of its fidelity
    const absl::Status status = after->Put(std::move(copy), tensors, notes);
    if (!status.ok()) return status;
    carried.push_back({"stored network", name, kept ? Fate::kKept : Fate::kRemapped,
                       kept ? "" : absl::StrCat("of trial ", number->second)});
  }
  return absl::OkStatus();
}

}  // namespace nasc
