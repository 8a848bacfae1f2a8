#!/bin/bash
# Writes a C++ header with the texts of files, named by their paths below FOLDER:
# embed.sh NAME FOLDER FILE... > header.
set -euo pipefail
name="$1" folder="$2"
shift 2
cat <<HEADER
#pragma once

#include <utility>

namespace nasc {

// The path and the text of each file.
constexpr std::pair<const char*, const char*> $name[] = {
HEADER
for file in "$@"; do
  printf '    {"%s", R"nasc(' "${file#*"$folder"/}"
  cat "$file"
  printf ')nasc"},\n'
done
printf '};\n\n}  // namespace nasc\n'
