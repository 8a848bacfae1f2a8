#!/bin/bash
# Races every idea of search.space, or with --quick of quick.space, to the same accuracy, and writes
# a page. Other arguments go to `nasc race`, such as --threads 1 or the names of searches.
set -euo pipefail

runfiles="$(cd "${RUNFILES_DIR:-$0.runfiles}" && pwd)"
nasc="$(find -L "$runfiles" -path '*/cli/nasc' | head -n 1)"
folder=examples/days_to_hours
if [[ -n "${BUILD_WORKSPACE_DIRECTORY:-}" ]]; then
  cd "$BUILD_WORKSPACE_DIRECTORY"
else
  folder="$(dirname "$(find -L "$runfiles" -path "*/$folder/search.space" | head -n 1)")"
  cd "${TEST_TMPDIR:-.}"
fi

if [[ "${1:-}" == --quick ]]; then
  shift
  exec "$nasc" race "$folder/quick.space" --target 0.77 --seeds 1 --output days_to_hours_quick.html "$@"
fi
exec "$nasc" race "$folder/search.space" --target 0.815 --seeds 3 --output days_to_hours.html "$@"
