#!/bin/bash
# What a target of `nas_space` is made by: space.sh NASC FILE FACTS. Its diagnostics are the build's.
set -euo pipefail
nasc="$1" file="$2" facts="$3"
"$nasc" check "$file" > "$facts"
# Warnings have been said.
"$nasc" info "$file" --json > "$facts" 2> "$facts.log" || { cat "$facts.log"; exit 1; }
