#include "strategies/final_options.h"

#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "runtime/training_options.h"
#include "runtime/training_presets.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kNotForNumbers, "not-for-numbers", kError);

// Labels can be made soft, the numbers of a regression cannot.
void CheckClasses(const std::vector<ast::Assign>& said, const Options& read, const Options& options,
                  Diagnostics& diagnostics) {
  for (const std::string option : {"label_smoothing", "mixup"}) {
    if (options.Real(option) == 0) continue;
    const std::string by = read.Given(option) ? option : "preset";
    const auto place =
        absl::c_find_if(said, [&](const ast::Assign& assign) { return assign.name.text == by; });
    diagnostics
        .Report(kNotForNumbers, place->name.location,
                absl::StrCat("`", option, "` is for classes, and the data are a regression"))
        .fix = absl::StrCat(option, " = 0");
  }
}

}  // namespace

Options ReadFinalOptions(const std::vector<ast::Assign>& said, const Options& train,
                         const Options& data, Diagnostics& diagnostics) {
  const Options read = ReadOptions("final", FinalOptionSpecs(), said, diagnostics);
  Options options = read;
  options.TakeGiven(train);
  if (const std::string& preset = read.Text("preset"); IsPreset(preset)) {
    TakePreset(preset, options);
    // What is said of the length takes the place of the preset's.
    if (read.Given("steps")) options.Give("epochs", 0.0);
  }
  options.TakeGiven(read);
  if (data.Has("regression") && data.Truth("regression")) {
    CheckClasses(said, read, options, diagnostics);
  }
  return options;
}

}  // namespace nasc
