#include "strategies/fidelity.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "dsl/constant.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kFidelity, "fidelity", kError);

constexpr char kScale[] = "scale";

// Options know texts in quotes; a scale is named as it is elsewhere, by its word.
std::vector<ast::Assign> WithoutScale(const std::vector<ast::Assign>& axes) {
  std::vector<ast::Assign> others;
  for (const ast::Assign& axis : axes) {
    if (axis.name.text != kScale) others.push_back(axis);
  }
  return others;
}

void ReadScale(const ast::Fidelity& line, const Space& space, Fidelity& fidelity,
               Diagnostics& diagnostics) {
  for (const ast::Assign& axis : line.axes) {
    if (axis.name.text != kScale) continue;
    if (!fidelity.scale.empty()) {
      diagnostics.Report(kFidelity, axis.name.location, "a fidelity has one scale");
      continue;
    }
    if (axis.value.kind != ast::Expr::Kind::kName || axis.scaled) {
      diagnostics.Report(kFidelity, axis.value.location, "a scale is given by its name").fix =
          "scale = small";
      continue;
    }
    const absl::StatusOr<const ast::ScaleDecl*> found = FindScale(space, axis.value.text);
    if (!found.ok()) {
      diagnostics.Report(kFidelity, axis.value.location, std::string(found.status().message()));
      continue;
    }
    fidelity.scale = axis.value.text;
  }
}

Fidelity ReadLine(const ast::Fidelity& line, const Space& space, Diagnostics& diagnostics) {
  Fidelity fidelity;
  const std::optional<Rational> part = ConstantOf(line.part);
  if (!part.has_value() || *part <= Rational(0) || Rational(1) <= *part) {
    diagnostics
        .Report(kFidelity, line.part.location,
                "a fidelity is the part of a trial's budget: a number above 0 and below 1")
        .fix = "fidelity 1/9 { epochs = 1/9 }";
  } else {
    fidelity.part = part->ToDouble();
  }
  const Options options =
      ReadOptions("fidelity", FidelityOptionSpecs(), WithoutScale(line.axes), diagnostics);
  fidelity.epochs = options.Real("epochs");
  fidelity.data = options.Real("data");
  fidelity.image = static_cast<int>(options.Whole("image"));
  ReadScale(line, space, fidelity, diagnostics);
  if (line.axes.empty()) fidelity.epochs = fidelity.part;
  return fidelity;
}

}  // namespace

std::string Print(const Fidelity& fidelity) {
  std::vector<std::string> axes;
  if (!fidelity.scale.empty()) axes.push_back(absl::StrCat("scale = ", fidelity.scale));
  if (fidelity.epochs < 1) axes.push_back(absl::StrCat("epochs = ", fidelity.epochs));
  if (fidelity.data < 1) axes.push_back(absl::StrCat("data = ", fidelity.data));
  if (fidelity.image > 0) axes.push_back(absl::StrCat("image = ", fidelity.image));
  return axes.empty() ? "epochs = 1" : absl::StrJoin(axes, "  ");
}

std::vector<OptionSpec> FidelityOptionSpecs() {
  return {
      {"epochs", OptionSpec::Kind::kReal, 1, 1e-6, 1, "",
       "the part of a trial's epochs or steps; where no axis is given, that of its budget"},
      {"data", OptionSpec::Kind::kReal, 1, 1e-6, 1, "",
       "the part of the examples that weights are searched with; an epoch is a pass over them"},
      {"image", OptionSpec::Kind::kWhole, 0, 0, 1 << 14, "",
       "the side to which images with their padding are resized; 0: as they are"},
  };
}

std::vector<Fidelity> ReadFidelities(const std::vector<ast::Fidelity>& lines, const Space& space,
                                     Diagnostics& diagnostics) {
  std::vector<Fidelity> fidelities;
  std::map<double, Location> places;
  for (const ast::Fidelity& line : lines) {
    Fidelity fidelity = ReadLine(line, space, diagnostics);
    const auto [first, is_new] = places.try_emplace(fidelity.part, line.part.location);
    if (!is_new && fidelity.part < 1) {
      diagnostics.Report(kFidelity, line.part.location, "there is a fidelity of that part already")
          .notes.push_back({first->second, "here"});
    }
    fidelities.push_back(std::move(fidelity));
  }
  std::sort(fidelities.begin(), fidelities.end(),
            [](const Fidelity& a, const Fidelity& b) { return a.part < b.part; });
  return fidelities;
}

}  // namespace nasc
