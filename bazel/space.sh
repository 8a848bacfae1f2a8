#!/bin/bash
# What a target of `nas_space` is made by: space.sh NASC FILE FACTS COMPILED. Its diagnostics are the
# build's.
set -euo pipefail
nasc="$1" file="$2" facts="$3" compiled="$4"
"$nasc" check "$file" > "$facts"
# Warnings have been said.
"$nasc" info "$file" --json > "$facts" 2> "$facts.log" || { cat "$facts.log"; exit 1; }
"$nasc" compile "$file" --emit space --output "$compiled" 2> "$facts.log" || { cat "$facts.log"; exit 1; }
