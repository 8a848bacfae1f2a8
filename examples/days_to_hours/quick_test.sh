#!/bin/bash
# The quick race, with some of its searches: it ends with a table and a page of two pictures.
set -euo pipefail

"$1" --quick stacked_proxy inheritance gdas --threads 1 --quiet > "$TEST_TMPDIR/table.txt"
cat "$TEST_TMPDIR/table.txt"
for search in stacked_proxy inheritance gdas; do
  grep -Eq "^$search .* [01] of 1 .* [0-9.]+ .* [0-9.]+%$" "$TEST_TMPDIR/table.txt"
done
[[ "$(grep -c '<svg' "$TEST_TMPDIR/days_to_hours_quick.html")" == 2 ]]
