#!/bin/bash
# Writes a C++ header with the texts of the standard library's files: embed.sh FILE... > header.
set -euo pipefail
cat <<'HEADER'
#pragma once

namespace nasc {

struct StandardLibraryEntry {
  const char* path;
  const char* text;
};

constexpr StandardLibraryEntry kStandardLibraryFiles[] = {
HEADER
for file in "$@"; do
  printf '    {"std/%s", R"nasc(' "$(basename "$file")"
  cat "$file"
  printf ')nasc"},\n'
done
printf '};\n\n}  // namespace nasc\n'
