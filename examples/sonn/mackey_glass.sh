#!/bin/bash
# Tells x(t + 6) of the series of Mackey and Glass by every way that mackey_glass.space declares, and
# prints the errors on the test rows in standard deviations of the series: the root of 1 - R^2.
# Arguments go to every search and training, such as --seed 3.
set -euo pipefail

runfiles="${RUNFILES_DIR:-$0.runfiles}"
nasc="$(find -L "$runfiles" -path '*/cli/nasc' | head -n 1)"
[[ -n "${BUILD_WORKSPACE_DIRECTORY:-}" ]] && cd "$BUILD_WORKSPACE_DIRECTORY"
space=examples/sonn/mackey_glass.space
mkdir -p runs
runs="$(mktemp -d runs/mackey_glass.XXXXXX)"

"$nasc" search "$space" sonn --runs "$runs" --name sonn "$@"
"$nasc" search "$space" linear --runs "$runs" --name linear --quiet "$@" > "$runs/linear.txt"
"$nasc" train "$space" fully_connected --architecture examples/sonn/fully_connected.arch \
  --runs "$runs" --name fully_connected "$@"

# row TITLE RUN NETWORK
row() {
  local weights r2
  weights="$(grep '"phase":"test"' "$runs/$2/metrics.jsonl" | grep "\"network\":\"$3\"" |
    sed 's/.*"weights":\([0-9]*\).*/\1/')"
  r2="$("$nasc" eval "$runs/$2" --network "$3" --json | sed -n 's/.*"test_r2": *\([-0-9.e]*\).*/\1/p')"
  awk -v title="$1" -v weights="$weights" -v r2="$r2" \
    'BEGIN { printf "| %-38s | %7d | %.4f |\n", title, weights, sqrt(1 - r2) }'
}

echo
echo "| x(t + 6) of 500 test rows              | weights | error  |"
echo "| -------------------------------------- | ------: | -----: |"
row "SONN" sonn derived
row "random networks of its space, as many" sonn random
row "linear, least squares" linear derived
row "fully connected, back-propagation" fully_connected network
echo
echo "An error of 1 is a standard deviation of the series. Everything is in $runs"
