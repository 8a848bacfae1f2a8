#include "compiler/primitives.h"

#include <utility>

#include "compiler/primitive_attributes.h"
#include "compiler/primitive_rules.h"
#include "compiler/primitive_table.h"

namespace nasc {
namespace {

using namespace attribute;  // what most rows are made of

using Default = AttributeSpec::Default;
using Form = Primitive::Form;

bool WithoutBias(const ir::Instruction& instruction) {
  return Attribute(instruction, "bias") == ir::Dim(0);
}
bool WithoutAffine(const ir::Instruction& instruction) {
  return Attribute(instruction, "affine") == ir::Dim(0);
}

}  // namespace

std::vector<Primitive> BuiltInPrimitives() {
  return {
      {"conv",
       Form::kUnary,
       {Kernel(), Filters(), Stride(), Dilation(), Padding(),
        Bias(0, "whether an offset a filter is added"), KernelWidth(), PaddingWidth()},
       ConvShape,
       ConvParams,
       ConvMacs,
       WithoutBias,
       "convolution; `kernel` and `padding` are those of both directions, or of the height alone",
       Algebra::kWindow},
      {"depthwise",
       Form::kUnary,
       {Kernel(), Stride(), Dilation(), Padding()},
       WindowShape,
       DepthwiseParams,
       DepthwiseMacs,
       Always,
       "convolution of every channel with a filter of its own",
       Algebra::kWindow},
      {"linear",
       Form::kUnary,
       {Required("features", "the number of values it gives"),
        Bias(1, "whether an offset a feature is added")},
       LinearShape,
       LinearParams,
       LinearMacs,
       WithoutBias,
       "fully connected layer"},
      {"bn",
       Form::kUnary,
       {Affine()},
       ChannelsShape,
       BatchNormParams,
       nullptr,
       WithoutAffine,
       "batch normalisation (Ioffe and Szegedy, 2015); epsilon 1e-5, momentum 0.1",
       Algebra::kNormal},
      {"layer_norm",
       Form::kUnary,
       {Affine()},
       ChannelsShape,
       LayerNormParams,
       nullptr,
       WithoutAffine,
       "layer normalisation (Ba et al., 2016) of the channels of each pixel, or of the features; "
       "epsilon 1e-5",
       Algebra::kPixel},
      {"relu", Form::kUnary, {}, SameShape, nullptr, nullptr, Always, "max(x, 0)", Algebra::kPixel},
      {"relu6",
       Form::kUnary,
       {},
       SameShape,
       nullptr,
       nullptr,
       Always,
       "min(max(x, 0), 6)",
       Algebra::kPixel},
      {"sigmoid",
       Form::kUnary,
       {},
       SameShape,
       nullptr,
       nullptr,
       nullptr,
       "1 / (1 + exp(-x))",
       Algebra::kPixel},
      {"tanh",
       Form::kUnary,
       {},
       SameShape,
       nullptr,
       nullptr,
       Always,
       "(exp(x) - exp(-x)) / (exp(x) + exp(-x))",
       Algebra::kPixel},
      {"power",
       Form::kUnary,
       {Required("exponent", "a whole number")},
       SameShape,
       nullptr,
       nullptr,
       Always,
       "each value to the power of the exponent",
       Algebra::kPixel},
      {"max_pool",
       Form::kUnary,
       {Kernel(), Stride(), Padding()},
       WindowShape,
       nullptr,
       nullptr,
       Always,
       "the greatest value of each window",
       Algebra::kGreatest},
      {"avg_pool",
       Form::kUnary,
       {Kernel(), Stride(), Padding()},
       WindowShape,
       nullptr,
       nullptr,
       Always,
       "the mean of each window; padding does not count",
       Algebra::kMean},
      {"global_avg_pool",
       Form::kUnary,
       {},
       GlobalPoolShape,
       nullptr,
       nullptr,
       Always,
       "the mean of each channel",
       Algebra::kLinear},
      {"adaptive_avg_pool",
       Form::kUnary,
       {Required("size", "the side of the image it gives")},
       AdaptivePoolShape,
       nullptr,
       nullptr,
       Always,
       "the means of size x size windows that cover the image; row i of them from floor(i * height "
       "/ size) to ceil((i + 1) * height / size)",
       Algebra::kLinear},
      {"shift",
       Form::kUnary,
       {Required("rows", "moved up by", 0), Required("columns", "moved left by", 0)},
       ImageShape,
       nullptr,
       nullptr,
       Always,
       "the image moved up and left; zeros come in from below and from the right",
       Algebra::kLinear},
      {"slice",
       Form::kUnary,
       {Required("first", "the first channel that it gives, from 0", 0),
        Required("channels", "how many it gives")},
       SliceShape,
       nullptr,
       nullptr,
       Always,
       "some of the channels",
       Algebra::kLinear},
      {"channel_shuffle",
       Form::kUnary,
       {Required("groups", "how many groups of channels are interleaved")},
       ShuffleShape,
       nullptr,
       nullptr,
       Always,
       "channels of equal groups, interleaved: the first of each group, the second of each, and so "
       "on (Zhang et al., 2018)",
       Algebra::kLinear},
      {"flatten",
       Form::kUnary,
       {},
       FlattenShape,
       nullptr,
       nullptr,
       Always,
       "all values in one row",
       Algebra::kLinear},
      {"column",
       Form::kUnary,
       {Required("index", "of the feature, from 0", 0)},
       ColumnShape,
       nullptr,
       nullptr,
       Always,
       "one of the features",
       Algebra::kLinear},
      {"identity",
       Form::kUnary,
       {},
       SameShape,
       nullptr,
       nullptr,
       Always,
       "its input",
       Algebra::kSame},
      {"none",
       Form::kUnary,
       {Filters(), Stride()},
       NoneShape,
       nullptr,
       nullptr,
       Always,
       "zeros: the edge is absent; written without arguments",
       Algebra::kZeros},
      {"dropout",
       Form::kUnary,
       {Rate("the probability")},
       SameShape,
       nullptr,
       nullptr,
       Always,
       "while training, zero for random values, the others scaled by 1 / (1 - rate) (Srivastava et "
       "al., 2014)",
       Algebra::kRandom},
      {"drop_path",
       Form::kUnary,
       {Rate("the probability at the end of training")},
       SameShape,
       nullptr,
       nullptr,
       Always,
       "while training, zero for a random part of the images (Larsson et al., 2017)",
       Algebra::kRandom},
      {"sum",
       Form::kCombiner,
       {},
       SumShape,
       nullptr,
       nullptr,
       Always,
       "the sum of its operands",
       Algebra::kSum},
      {"affine",
       Form::kCombiner,
       {},
       AffineShape,
       AffineParams,
       nullptr,
       nullptr,
       "a trained number, plus its operands, each times a trained number",
       Algebra::kUnordered},
      {"multiply",
       Form::kCombiner,
       {},
       MultiplyShape,
       nullptr,
       nullptr,
       Always,
       "the product of its operands; one of size 1x1 scales whole channels",
       Algebra::kProduct},
      {"concat",
       Form::kCombiner,
       {},
       ConcatShape,
       nullptr,
       nullptr,
       Always,
       "the channels of its operands, one after the other",
       Algebra::kJoin},
      {"input",
       Form::kInput,
       {Required("channels", "of the images"), Required("height", "in pixels"),
        Required("width", "in pixels")},
       InputShape,
       nullptr,
       nullptr,
       nullptr,
       "the images"},
      {"features",
       Form::kInput,
       {Required("features", "the number of values in a row")},
       FeaturesShape,
       nullptr,
       nullptr,
       nullptr,
       "rows of numbers"},
      {"select",
       Form::kControl,
       {},
       SelectShape,
       nullptr,
       nullptr,
       Always,
       "the operand that the decision takes",
       Algebra::kSame},
      {"subset",
       Form::kControl,
       {},
       SubsetShape,
       nullptr,
       nullptr,
       Always,
       "the operands that the decision takes, combined"},
      {"switch",
       Form::kControl,
       {Required("index", "the operand that is taken, by the decisions", 0)},
       SwitchShape,
       nullptr,
       nullptr,
       nullptr,
       "the operand that an index picks",
       Algebra::kSame},
      {"assume",
       Form::kControl,
       {Required("condition", "1 where its operand is asked for", 0)},
       AssumeShape,
       nullptr,
       nullptr,
       nullptr,
       "its operand, whose shape counts only where a condition on the decisions holds",
       Algebra::kSame},
      {"absent",
       Form::kControl,
       {},
       AbsentShape,
       nullptr,
       nullptr,
       nullptr,
       "no channels: what is left out of a concatenation"},
      {"when_relaxed",
       Form::kControl,
       {},
       CasesShape,
       nullptr,
       nullptr,
       Always,
       "one operand while the decision is relaxed, the other once it is fixed",
       Algebra::kSame},
      {"logits",
       Form::kControl,
       {},
       LogitsShape,
       nullptr,
       nullptr,
       nullptr,
       "the strategy's parameters of a relaxed decision, one an option"},
      {"softmax",
       Form::kControl,
       {},
       SameShape,
       nullptr,
       nullptr,
       nullptr,
       "exp(x_i) / sum exp(x_j)"},
      {"mix",
       Form::kControl,
       {},
       MixShape,
       nullptr,
       nullptr,
       Always,
       "the sum of its operands, weighted by the first one"},
      {"pick",
       Form::kControl,
       {Required("index", "the option that was drawn", 0)},
       PickShape,
       nullptr,
       nullptr,
       Always,
       "its second operand; its gradient goes to the weight of that index, too"},
  };
}

absl::string_view ShapeInWords(const Primitive& primitive) {
  static constexpr std::pair<ShapeRule, absl::string_view> kWords[] = {
      {SameShape, "the shape of its input"},
      {ImageShape, "the shape of its input, which is images"},
      {ConvShape,
       "`filters` channels of floor((size + 2 * padding - dilation * (kernel - 1) - 1) / "
       "stride) + 1 rows and columns"},
      {WindowShape, "the channels of its input; rows and columns as `conv`"},
      {ChannelsShape, "the shape of its input"},
      {SliceShape, "`channels` channels of the size of its input"},
      {ShuffleShape, "the shape of its input"},
      {NoneShape, "`filters` channels of ceil(size / stride) rows and columns"},
      {GlobalPoolShape, "the channels of its input, of size 1x1"},
      {AdaptivePoolShape, "the channels of its input, of `size` rows and columns"},
      {ColumnShape, "one feature"},
      {AffineShape, "the shape of its operands, which is one"},
      {FlattenShape, "one row of channels * height * width values"},
      {LinearShape, "`features` values, from one row of values or from images of size 1x1"},
      {SumShape, "the shape of its operands, which is one"},
      {MultiplyShape, "the shape of its first operand; the others have it, or size 1x1"},
      {ConcatShape, "the channels of all operands together; their sizes are one"},
  };
  if (!primitive.shape_doc.empty()) return primitive.shape_doc;
  for (const auto& [rule, words] : kWords) {
    if (rule == primitive.shape) return words;
  }
  return "";
}

absl::string_view WeightsInWords(const Primitive& primitive) {
  static constexpr std::pair<ParamsRule, absl::string_view> kWords[] = {
      {ConvParams, "`weight`, `bias` where asked for: at first uniform in +-1/sqrt(fan in)"},
      {DepthwiseParams, "`weight`: at first uniform in +-1/sqrt(fan in)"},
      {AffineParams,
       "`weight`, one an operand, at first uniform in +-1/sqrt(operands); `bias` (0)"},
      {LayerNormParams, "`weight` (ones) and `bias` (zeros) where affine"},
      {LinearParams, "`weight`, `bias` unless 0: at first uniform in +-1/sqrt(fan in)"},
      {BatchNormParams,
       "`weight` (ones) and `bias` (zeros) where affine; buffers `running_mean` and "
       "`running_var`"},
  };
  if (!primitive.params_doc.empty()) return primitive.params_doc;
  for (const auto& [rule, words] : kWords) {
    if (rule == primitive.params) return words;
  }
  return "";
}

absl::string_view AlgebraInWords(const Primitive& primitive) {
  switch (primitive.algebra) {
    case Algebra::kNone:
      return "";
    case Algebra::kSame:
      return "gives its operand";
    case Algebra::kZeros:
      return "gives zeros";
    case Algebra::kSum:
      return "commutative, associative; zeros add nothing";
    case Algebra::kProduct:
      return "commutative and associative where shapes are equal";
    case Algebra::kLinear:
      return "of a sum, the sum of what it gives for each term";
    case Algebra::kWindow:
      return "where the window is one pixel, each pixel by itself";
    case Algebra::kNormal:
      return "each pixel by itself; adding one constant image to all images changes nothing";
    case Algebra::kPixel:
      return "each pixel by itself";
    case Algebra::kMean:
      return "of a sum, the sum of what it gives for each term; of a constant image that image";
    case Algebra::kGreatest:
      return "of a constant image that image";
    case Algebra::kUnordered:
      return "commutative";
    case Algebra::kJoin:
      return "of one operand it is that operand";
    case Algebra::kRandom:
      return "random: twice the same gives two results";
  }
  return "";
}

}  // namespace nasc
