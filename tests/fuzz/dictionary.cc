// Prints the words of the language and of graphs as a dictionary of libFuzzer.
#include <iostream>
#include <set>
#include <string>

#include "compiler/primitives.h"
#include "dsl/parse.h"
#include "dsl/vocabulary.h"

int main() {
  std::set<std::string> words = {
      "->",     "{ ",    " }",     "1..2",    "[2]",        "= ",       "*= ",       "==",
      "1.0.0",  "1/3",   "///",    "std.cnn", "width",      "depth",    "filters",   "kernel",
      "on",     "off",   "affine", "max(",    "min(",       "floor(",   "count(",    "macs",
      "image(", "N",     "f32[N,", "loc(\"",  "supernet",   "decision", "weight",    "init",
      "fan_in", "zeros", "ones",   "buffer",  "return",     "if ",      " + [@",     "#1=[@",
      "#1",     "_",     "else: ", "and: ",   "relaxed: %", "fixed: %", "weight 1.0"};
  for (const std::string& keyword : nasc::Keywords()) words.insert(keyword + " ");
  for (const nasc::Primitive& primitive : nasc::Primitives()) {
    words.insert(primitive.name);
    for (const nasc::AttributeSpec& attribute : primitive.attributes) words.insert(attribute.name);
  }
  for (const nasc::ScaleSetting& setting : nasc::ScaleSettings()) {
    words.emplace(setting.name);
  }
  for (const std::string& word : words) {
    std::cout << '"';
    for (const char c : word) std::cout << (c == '"' ? "\\" : "") << c;
    std::cout << "\"\n";
  }
  return 0;
}
