#include "dsl/options.h"

#include <cmath>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "dsl/ast_printer.h"
#include "dsl/constant.h"
#include "glog/logging.h"

namespace nasc {
namespace {

NASC_DIAGNOSTIC(kUnknownOption, "unknown-setting", kError);
NASC_DIAGNOSTIC(kBadOption, "bad-setting", kError);

using Kind = OptionSpec::Kind;

std::optional<double> NumberOf(const ast::Expr& expr) {
  const std::optional<Rational> number = ConstantOf(expr);
  return number.has_value() ? std::optional<double>(number->ToDouble()) : std::nullopt;
}

std::optional<bool> TruthOf(const ast::Expr& expr) {
  if (expr.kind != ast::Expr::Kind::kName) return std::nullopt;
  if (expr.text == "on" || expr.text == "true") return true;
  if (expr.text == "off" || expr.text == "false") return false;
  return std::nullopt;
}

std::optional<Schedule> ScheduleOf(const ast::Expr& expr) {
  if (const auto number = NumberOf(expr); number.has_value()) {
    return Schedule{*number, *number, false};
  }
  if (expr.kind != ast::Expr::Kind::kCall || expr.text != "cosine" || expr.args.size() != 2) {
    return std::nullopt;
  }
  if (!expr.args[0].expr.has_value() || !expr.args[1].expr.has_value()) return std::nullopt;
  const auto from = NumberOf(*expr.args[0].expr);
  const auto to = NumberOf(*expr.args[1].expr);
  if (!from.has_value() || !to.has_value()) return std::nullopt;
  return Schedule{*from, *to, true};
}

std::string KindText(const OptionSpec& spec) {
  const std::string range = absl::StrCat(" from ", spec.least, " to ", spec.most);
  switch (spec.kind) {
    case Kind::kWhole:
      return "a whole number" + range;
    case Kind::kReal:
      return "a number" + range;
    case Kind::kTruth:
      return "`on` or `off`";
    case Kind::kText:
      return "a text in quotes";
    case Kind::kSchedule:
      return absl::StrCat("a number", range, ", or cosine(from, to) of two");
  }
  return "";
}

bool InRange(const OptionSpec& spec, double value) {
  return value >= spec.least && value <= spec.most &&
         (spec.kind != Kind::kWhole || value == std::floor(value));
}

}  // namespace

double Schedule::At(double progress) const {
  return cosine ? to + 0.5 * (from - to) * (1 + std::cos(M_PI * progress)) : from;
}

const Options::Value& Options::At(absl::string_view name, Kind kind) const {
  const auto it = values_.find(std::string(name));
  CHECK(it != values_.end() && it->second.kind == kind) << "no option " << name;
  return it->second;
}

int64_t Options::Whole(absl::string_view name) const {
  return static_cast<int64_t>(At(name, Kind::kWhole).number);
}
double Options::Real(absl::string_view name) const { return At(name, Kind::kReal).number; }
bool Options::Truth(absl::string_view name) const { return At(name, Kind::kTruth).number != 0; }
const std::string& Options::Text(absl::string_view name) const {
  return At(name, Kind::kText).text;
}
const Schedule& Options::Rate(absl::string_view name) const {
  return At(name, Kind::kSchedule).schedule;
}

void Options::TakeGiven(const Options& other) {
  for (auto& [name, value] : values_) {
    const auto it = other.values_.find(name);
    if (it != other.values_.end() && it->second.given) value = it->second;
  }
}

std::vector<std::pair<std::string, std::string>> Options::Print() const {
  std::vector<std::pair<std::string, std::string>> printed;
  for (const std::string& name : order_) {
    const Value& value = values_.at(name);
    std::string text;
    switch (value.kind) {
      case Kind::kWhole:
      case Kind::kReal:
        text = absl::StrCat(value.number);
        break;
      case Kind::kTruth:
        text = value.number != 0 ? "on" : "off";
        break;
      case Kind::kText:
        text = value.text;
        break;
      case Kind::kSchedule:
        text = value.schedule.cosine
                   ? absl::StrCat("cosine(", value.schedule.from, ", ", value.schedule.to, ")")
                   : absl::StrCat(value.schedule.from);
        break;
    }
    printed.emplace_back(name, std::move(text));
  }
  return printed;
}

Options ReadOptions(absl::string_view what, const std::vector<OptionSpec>& specs,
                    const std::vector<ast::Assign>& assigns, Diagnostics& diagnostics) {
  Options options;
  std::vector<std::string> names;
  for (const OptionSpec& spec : specs) {
    Options::Value value;
    value.kind = spec.kind;
    value.number = spec.number;
    value.text = spec.text;
    value.schedule = {spec.number, spec.number, false};
    options.values_[spec.name] = std::move(value);
    options.order_.push_back(spec.name);
    names.push_back(spec.name);
  }
  for (const ast::Assign& assign : assigns) {
    const auto spec =
        absl::c_find_if(specs, [&](const OptionSpec& s) { return s.name == assign.name.text; });
    if (spec == specs.end()) {
      diagnostics
          .Report(kUnknownOption, assign.name.location,
                  absl::StrCat("'", what, "' has no setting '", assign.name.text, "'"))
          .fix = DidYouMean(assign.name.text, names);
      continue;
    }
    Options::Value& value = options.values_[spec->name];
    if (assign.scaled || value.given) {
      diagnostics.Report(kBadOption, assign.name.location,
                         absl::StrCat("'", spec->name, "' of '", what, "' is set once, with `=`"));
      continue;
    }
    bool good = true;
    if (spec->kind == Kind::kText) {
      good &= assign.value.kind == ast::Expr::Kind::kString;
      value.text = assign.value.text;
    } else if (spec->kind == Kind::kTruth) {
      const auto truth = TruthOf(assign.value);
      good &= truth.has_value();
      value.number = truth.value_or(false) ? 1 : 0;
    } else if (spec->kind == Kind::kSchedule) {
      const auto schedule = ScheduleOf(assign.value);
      good &=
          schedule.has_value() && InRange(*spec, schedule->from) && InRange(*spec, schedule->to);
      value.schedule = schedule.value_or(Schedule{});
    } else {
      const auto number = NumberOf(assign.value);
      good &= number.has_value() && InRange(*spec, *number);
      value.number = number.value_or(0);
    }
    value.given = true;
    if (!good) {
      diagnostics.Report(kBadOption, assign.value.location,
                         absl::StrCat("'", spec->name, "' of '", what, "' is ",
                                      PrintExpr(assign.value), "; it takes ", KindText(*spec)));
    }
  }
  return options;
}

}  // namespace nasc
