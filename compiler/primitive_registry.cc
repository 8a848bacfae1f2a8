#include <deque>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "compiler/primitive_table.h"
#include "compiler/primitives.h"
#include "glog/logging.h"

namespace nasc {
namespace {

using Form = Primitive::Form;

// Rows stay where they are when another is added.
class Registry {
 public:
  Registry() {
    for (Primitive& primitive : BuiltInPrimitives()) Add(std::move(primitive));
  }

  void Add(Primitive primitive) {
    const Primitive& added = primitives_.emplace_back(std::move(primitive));
    CHECK(by_name_.emplace(added.name, &added).second) << "two primitives are named " << added.name;
  }
  const std::deque<Primitive>& primitives() const { return primitives_; }
  const Primitive* Find(absl::string_view name) const {
    const auto it = by_name_.find(name);
    return it == by_name_.end() ? nullptr : it->second;
  }

 private:
  std::deque<Primitive> primitives_;
  absl::flat_hash_map<absl::string_view, const Primitive*> by_name_;
};

Registry& AllPrimitives() {
  static auto* const registry = new Registry;
  return *registry;
}

}  // namespace

PrimitiveRegistration::PrimitiveRegistration(Primitive primitive) {
  CHECK(primitive.form == Form::kUnary || primitive.form == Form::kCombiner)
      << primitive.name << ": operations are unary or combiners";
  CHECK(primitive.shape != nullptr) << primitive.name << ": no shape rule";
  CHECK(!ShapeInWords(primitive).empty()) << primitive.name << ": no words for its shape";
  AllPrimitives().Add(std::move(primitive));
}

const std::deque<Primitive>& Primitives() { return AllPrimitives().primitives(); }

const Primitive* FindPrimitive(absl::string_view name) { return AllPrimitives().Find(name); }

const Vocabulary& LanguageVocabulary() {
  static const auto* const vocabulary = [] {
    std::vector<Signature> signatures;
    for (const Primitive& primitive : Primitives()) {
      if (primitive.form != Form::kUnary && primitive.form != Form::kCombiner) continue;
      Signature signature{primitive.name, primitive.form == Form::kCombiner, {}};
      for (const AttributeSpec& attribute : primitive.attributes) {
        signature.params.push_back(
            {attribute.name, attribute.fallback == AttributeSpec::Default::kRequired});
      }
      signatures.push_back(std::move(signature));
    }
    return new Vocabulary(std::move(signatures));
  }();
  return *vocabulary;
}

}  // namespace nasc
