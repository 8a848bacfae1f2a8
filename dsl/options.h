#pragma once

#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "dsl/ast.h"
#include "dsl/diagnostics.h"

namespace nasc {

// An option that a part of a search declaration takes: `darts { order = 1 }`. Tables of these are
// what reading, checking and documentation share.
struct OptionSpec {
  enum class Kind {
    kWhole,
    kReal,
    kTruth,     // on, off
    kText,      // "a text"
    kSchedule,  // a number, or one of the shapes of Schedule: cosine(from, to)
  };
  std::string name;
  Kind kind = Kind::kReal;
  double number = 0;  // the default; of a schedule, its constant value
  double least = 0;
  double most = 0;
  std::string text;  // the default of a text
  std::string doc;
  std::vector<std::string> choices = {};  // all that a text may be; none: anything
};

// A value that changes over a training.
struct Schedule {
  enum class Shape {
    kConstant,
    kCosine,  // cosine(from, to): along half a cosine, over the whole training
    // warm_restarts(from, to, length, factor): half a cosine after the other, the first of so many
    // epochs, each longer by the factor (Loshchilov and Hutter, ICLR 2017, equation 5)
    kWarmRestarts,
    kExponential,  // exponential(from, factor, length): by the factor after every `length` epochs
  };
  Shape shape = Shape::kConstant;
  double from = 0;
  double to = 0;
  double length = 1;
  double factor = 1;

  // `progress` goes from 0 to 1 over a training of so many passes over its examples.
  double At(double progress, double epochs) const;
};

// The values of a table of options, each given or its default.
class Options {
 public:
  int64_t Whole(absl::string_view name) const;
  double Real(absl::string_view name) const;
  bool Truth(absl::string_view name) const;
  const std::string& Text(absl::string_view name) const;
  const Schedule& Rate(absl::string_view name) const;

  bool Has(absl::string_view name) const { return values_.find(name) != values_.end(); }
  bool Given(absl::string_view name) const;

  // As if it had been written: of an option that there is, a value of its kind.
  using Written = std::variant<double, std::string, Schedule>;
  void Give(absl::string_view name, const Written& written);

  // Takes over every value that `other` was given and these options have too.
  void TakeGiven(const Options& other);

  // "learning_rate = cosine(0.025, 0.001)" of every option, in the order of the table.
  std::vector<std::pair<std::string, std::string>> Print() const;

 private:
  friend Options ReadOptions(absl::string_view, const std::vector<OptionSpec>&,
                             const std::vector<ast::Assign>&, Diagnostics&);
  struct Value {
    double number = 0;
    std::string text;
    Schedule schedule;
    bool given = false;
    OptionSpec::Kind kind = OptionSpec::Kind::kReal;
  };
  const Value& At(absl::string_view name, OptionSpec::Kind kind) const;

  std::vector<std::string> order_;
  std::map<std::string, Value, std::less<>> values_;
};

// Reads what was written for `what` ("data fashion_mnist"). Unknown options, wrong kinds and values
// out of range are reported.
Options ReadOptions(absl::string_view what, const std::vector<OptionSpec>& specs,
                    const std::vector<ast::Assign>& assigns, Diagnostics& diagnostics);

}  // namespace nasc
