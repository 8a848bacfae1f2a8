#include "compiler/numbers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace nasc {

std::string ToString(const Number& number) {
  switch (number.kind) {
    case Number::Kind::kTruth:
      return number.truth ? "true" : "false";
    case Number::Kind::kSymbol:
      return absl::StrCat("the name '", number.symbol, "'");
    case Number::Kind::kNumber:
      break;
  }
  return number.value.ToString();
}

NumberDiagram Whole(int64_t value) {
  constexpr int64_t kSmall = 1024;
  static const auto* const small = [] {
    auto* numbers = new std::vector<NumberDiagram>;
    for (int64_t i = 0; i < kSmall; ++i) numbers->emplace_back(Number::Of(i));
    return numbers;
  }();
  return 0 <= value && value < kSmall ? (*small)[value] : NumberDiagram(Number::Of(value));
}

const std::vector<Numbers::Entry>& Numbers::entries() const {
  static const auto* const none = new std::vector<Entry>;
  return entries_ == nullptr ? *none : *entries_;
}

// Where the name is, or would be.
size_t Numbers::IndexOf(absl::string_view name) const {
  const auto before = [](const Entry& entry, absl::string_view other) {
    return entry.first < other;
  };
  const std::vector<Entry>& all = entries();
  return std::lower_bound(all.begin(), all.end(), name, before) - all.begin();
}

std::vector<Numbers::Entry>& Numbers::Own() {
  if (entries_ == nullptr || entries_.use_count() > 1) {
    constexpr size_t kMore = 6;  // a call adds a few: its stride, its width, its arguments
    auto own = std::make_shared<std::vector<Entry>>();
    own->reserve(entries().size() + kMore);
    own->assign(entries().begin(), entries().end());
    entries_ = std::move(own);
  }
  return *entries_;
}

const NumberDiagram* Numbers::Find(absl::string_view name) const {
  const std::vector<Entry>& all = entries();
  const size_t index = IndexOf(name);
  return index < all.size() && all[index].first == name ? &all[index].second : nullptr;
}

void Numbers::Set(absl::string_view name, NumberDiagram number) {
  const size_t index = IndexOf(name);
  std::vector<Entry>& own = Own();
  if (index < own.size() && own[index].first == name) {
    own[index].second = std::move(number);
  } else {
    own.emplace(own.begin() + static_cast<std::ptrdiff_t>(index), std::string(name),
                std::move(number));
  }
}

void Numbers::SetAll(const Numbers& other) {
  for (const auto& [name, number] : other.entries()) Set(name, number);
}

void Numbers::Erase(absl::string_view name) {
  const size_t index = IndexOf(name);
  if (index == entries().size() || entries()[index].first != name) return;
  std::vector<Entry>& own = Own();
  own.erase(own.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace nasc
