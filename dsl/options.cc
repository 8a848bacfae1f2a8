#include "dsl/options.h"

#include <cmath>
#include <optional>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

// How schedules are written.
struct ScheduleForm {
  const char* name;
  Schedule::Shape shape;
  const char* arguments;
  std::vector<double Schedule::*> fields;
};

const std::vector<ScheduleForm>& ScheduleForms() {
  using Shape = Schedule::Shape;
  static const auto* const forms = new std::vector<ScheduleForm>{
      {"cosine", Shape::kCosine, "from, to", {&Schedule::from, &Schedule::to}},
      {"warm_restarts",
       Shape::kWarmRestarts,
       "max, min, first, factor",
       {&Schedule::from, &Schedule::to, &Schedule::length, &Schedule::factor}},
      {"exponential",
       Shape::kExponential,
       "from, factor, epochs",
       {&Schedule::from, &Schedule::factor, &Schedule::length}},
  };
  return *forms;
}

Schedule Constant(double value) { return {Schedule::Shape::kConstant, value, value}; }

std::optional<Schedule> ScheduleOf(const ast::Expr& expr) {
  if (const auto number = NumberOf(expr); number.has_value()) return Constant(*number);
  if (expr.kind != ast::Expr::Kind::kCall) return std::nullopt;
  const auto form =
      absl::c_find_if(ScheduleForms(), [&](const ScheduleForm& f) { return f.name == expr.text; });
  if (form == ScheduleForms().end() || expr.args.size() != form->fields.size()) {
    return std::nullopt;
  }
  Schedule schedule{form->shape};
  for (size_t i = 0; i < expr.args.size(); ++i) {
    if (!expr.args[i].expr.has_value()) return std::nullopt;
    const auto number = NumberOf(*expr.args[i].expr);
    if (!number.has_value()) return std::nullopt;
    schedule.*form->fields[i] = *number;
  }
  // Periods that do not get longer, or rates that do not fall, are never meant.
  const bool restarts = schedule.shape == Schedule::Shape::kWarmRestarts;
  const bool good = schedule.length > 0 && schedule.factor > 0 &&
                    (restarts ? schedule.factor >= 1 : schedule.factor <= 1);
  return good ? std::make_optional(schedule) : std::nullopt;
}

std::string ScheduleText(const Schedule& schedule) {
  for (const ScheduleForm& form : ScheduleForms()) {
    if (form.shape != schedule.shape) continue;
    return absl::StrCat(form.name, "(",
                        absl::StrJoin(form.fields, ", ",
                                      [&](std::string* out, double Schedule::*field) {
                                        absl::StrAppend(out, schedule.*field);
                                      }),
                        ")");
  }
  return absl::StrCat(schedule.from);
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
      return spec.choices.empty() ? "a text in quotes"
                                  : absl::StrCat("\"", absl::StrJoin(spec.choices, "\", \""), "\"");
    case Kind::kSchedule:
      return absl::StrCat(
          "a number", range, ", or ",
          absl::StrJoin(ScheduleForms(), " or ", [](std::string* out, const ScheduleForm& form) {
            absl::StrAppend(out, form.name, "(", form.arguments, ")");
          }));
  }
  return "";
}

bool InRange(const OptionSpec& spec, double value) {
  return value >= spec.least && value <= spec.most &&
         (spec.kind != Kind::kWhole || value == std::floor(value));
}

}  // namespace

double Schedule::At(double progress, double epochs) const {
  const auto cosine = [this](double part) {
    return to + 0.5 * (from - to) * (1 + std::cos(M_PI * part));
  };
  double epoch = progress * epochs;
  double period = length;
  switch (shape) {
    case Shape::kConstant:
      break;
    case Shape::kCosine:
      return cosine(progress);
    case Shape::kWarmRestarts:
      for (; epoch >= period; period *= factor) epoch -= period;
      return cosine(epoch / period);
    case Shape::kExponential:
      return from * std::pow(factor, std::floor(epoch / length));
  }
  return from;
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

bool Options::Given(absl::string_view name) const {
  const auto it = values_.find(name);
  return it != values_.end() && it->second.given;
}

void Options::Give(absl::string_view name, const Written& written) {
  const auto it = values_.find(name);
  CHECK(it != values_.end()) << "no option " << name;
  Value& value = it->second;
  value.given = true;
  if (const auto* number = std::get_if<double>(&written)) {
    value.number = *number;
    value.schedule = Constant(*number);
  } else if (const auto* text = std::get_if<std::string>(&written)) {
    value.text = *text;
  } else {
    value.schedule = std::get<Schedule>(written);
  }
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
        text = ScheduleText(value.schedule);
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
    value.schedule = Constant(spec.number);
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
      good &= assign.value.kind == ast::Expr::Kind::kString &&
              (spec->choices.empty() || absl::c_linear_search(spec->choices, assign.value.text));
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
      diagnostics
          .Report(kBadOption, assign.value.location,
                  absl::StrCat("'", spec->name, "' of '", what, "' is ", PrintExpr(assign.value),
                               "; it takes ", KindText(*spec)))
          .fix = DidYouMean(assign.value.text, spec->choices);
    }
  }
  return options;
}

}  // namespace nasc
