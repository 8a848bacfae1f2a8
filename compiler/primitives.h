#pragma once

#include <deque>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "compiler/ir/graph.h"
#include "dsl/vocabulary.h"

namespace nasc {

// What computes an instruction's type: from its operands' types, attributes and labels.
// Error: why the operands cannot be taken, as a user would say it.
using ShapeRule = absl::StatusOr<ir::TensorType> (*)(const ir::Graph&, const ir::Instruction&);

// Multiply-accumulate operations of one image; zero for what is not a convolution or linear layer.
using MacsRule = ir::Dim (*)(const ir::Graph&, const ir::Instruction&);

// The weights and buffers of an instruction, named below its own name ("weight", "running_mean").
using ParamsRule = std::vector<ir::Param> (*)(const ir::Graph&, const ir::Instruction&);

// Whether zeros in give zeros out, whatever the weights are. (The running statistics of a batch
// norm are then those of zeros.) Such an instruction behind an absent edge is absent too.
using ZeroRule = bool (*)(const ir::Instruction&);

// What may be said of an operation whatever the numbers are.
enum class Algebra {
  kNone,
  kSame,       // gives its operand
  kZeros,      // gives zeros
  kSum,        // commutative and associative; zeros add nothing
  kProduct,    // commutative and associative where all shapes are one; zeros anywhere give zeros
  kWindow,     // of a single pixel: as kPixel
  kNormal,     // as kPixel; adding one constant image to all images changes nothing
  kPixel,      // what it gives at a pixel depends on that pixel alone, and so keeps constant images
  kLinear,     // of a sum it is the sum of what it gives for each term
  kMean,       // linear; of a constant image it is that image, where the size stays
  kGreatest,   // of a constant image it is that image, where the size stays
  kUnordered,  // the order of the operands does not matter
  kJoin,       // joins what its operands hold; of one operand it is that
  kRandom,     // draws random numbers: twice the same operation gives two results
};

// An attribute of an instruction, which is an argument of the primitive in the language.
struct AttributeSpec {
  enum class Default {
    kRequired,
    kNumber,     // `number`
    kKernel,     // the value of `kernel`: a square window
    kSame,       // the padding of `kernel` that keeps the size, divided by the stride
    kSameWidth,  // the same of `kernel_width`; that of a square window is its `padding`
    kStep,       // the step's `stride` in scope
    kWidth,      // the `filters` in scope
    kSetting,    // the scale's setting of the same name, or `number` where it has none
  };
  static constexpr int64_t kMost = 1 << 24;

  std::string name;
  Default fallback = Default::kNumber;
  double number = 0;
  bool whole = true;
  int64_t least = 0;  // the least and the greatest value that mean something
  int64_t most = kMost;
  std::string doc;
};

// One row of the table: everything the compiler knows of an operation. The runtime adds how it is
// computed.
struct Primitive {
  enum class Form {
    kUnary,     // one operand
    kCombiner,  // several operands
    kInput,     // none
    kControl,   // decisions, and what relaxation makes of them: not written in a `.space` file
  };
  std::string name;
  Form form = Form::kUnary;
  std::vector<AttributeSpec> attributes;
  ShapeRule shape = nullptr;
  ParamsRule params = nullptr;      // nullptr: none
  MacsRule macs = nullptr;          // nullptr: none
  ZeroRule zero_to_zero = nullptr;  // nullptr: never
  std::string doc;
  Algebra algebra = Algebra::kNone;
  // What it gives and which weights it has, in words. Rules of the table have words of their own.
  std::string shape_doc = {};
  std::string params_doc = {};
};

// A primitive that a library adds to the table of every program that links it, in the way of a
// strategy. Its kernel is registered beside it: see runtime/kernels.h.
//
//   const PrimitiveRegistration registration({"space_to_depth", Primitive::Form::kUnary, ...});
class PrimitiveRegistration {
 public:
  explicit PrimitiveRegistration(Primitive primitive);
};

// The table, and what is registered. Complete once main has begun.
const std::deque<Primitive>& Primitives();

// What a primitive gives, which weights it has and what its algebra is, in words, for people: "as
// its input". "" where it has no weights, or no algebra.
absl::string_view ShapeInWords(const Primitive& primitive);
absl::string_view WeightsInWords(const Primitive& primitive);
absl::string_view AlgebraInWords(const Primitive& primitive);

// nullptr if there is none.
const Primitive* FindPrimitive(absl::string_view name);

// The primitives that a `.space` file can name.
const Vocabulary& LanguageVocabulary();

}  // namespace nasc
