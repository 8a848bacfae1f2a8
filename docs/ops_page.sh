#!/bin/bash
# Compares docs/ops.md with what the definitions say, or writes it: ops_page.sh check|update NASC.
set -euo pipefail
page="$("$2" ops --markdown)"
if [[ "$1" == update ]]; then
  printf '%s\n' "$page" > "$BUILD_WORKSPACE_DIRECTORY/docs/ops.md"
elif ! diff -u docs/ops.md - <<< "$page"; then
  echo "docs/ops.md is not what the definitions say: bazel run //docs:update"
  exit 1
fi
