// Runs a fuzz target over the files of folders, with any compiler: what a fuzzer found stays
// tested.
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <set>
#include <string>

#include "dsl/sources.h"
#include "tests/fuzz/fuzz_target.h"

int main(int argc, char** argv) {
  std::set<std::string> files;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      files.insert(entry.path().string());
    }
  }
  for (const std::string& file : files) {
    const absl::StatusOr<std::string> text = nasc::ReadSourceFile(file);
    if (!text.ok()) {
      std::cerr << file << ": " << text.status().message() << "\n";
      return 1;
    }
    std::cerr << file << std::endl;  // before it may end the process
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text->data()), text->size());
  }
  std::cerr << files.size() << " files\n";
  return files.empty() ? 1 : 0;
}
