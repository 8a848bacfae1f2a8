#!/usr/bin/env bash
# Fuzzes the compiler with libFuzzer. See --help.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: tests/fuzz/run.sh [SECONDS [TARGET...]]

Builds the fuzz targets with clang and runs each for SECONDS (60): parser_fuzzer, checker_fuzzer,
graph_fuzzer. They start from the committed corpus, the file tests, the examples and the standard
library. Inputs that reach new code are kept in $FUZZ_FOLDER (~/.cache/nasc-fuzz); what crashes,
takes longer than $FUZZ_TIMEOUT (10) seconds or more than two gigabytes lies there too, and ends the
script with 1.

  tests/fuzz/run.sh --merge [TARGET...]   adds to the committed corpus what reaches code that it
                                          does not reach, of the inputs kept so far
EOF
}

merge=false
case ${1-} in
  --help | -h) usage; exit 0 ;;
  --merge) merge=true; shift ;;
esac
seconds=60
if ! $merge && (($#)); then
  seconds=$1
  shift
fi
targets=("$@")
((${#targets[@]})) || targets=(parser_fuzzer checker_fuzzer graph_fuzzer)

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
folder=${FUZZ_FOLDER:-$HOME/.cache/nasc-fuzz}
mkdir -p "$folder"
bazel=(bazel --output_base="$folder/bazel")
"${bazel[@]}" build --config=fuzz --symlink_prefix=/ //tests/fuzz:dictionary "${targets[@]/#///tests/fuzz:}"
binaries=$("${bazel[@]}" info --config=fuzz bazel-bin)/tests/fuzz
"$binaries/dictionary" >"$folder/dictionary"

# The inputs of file tests whose first line matches $1, or their outputs, into the folder $3.
inputs() {
  local file
  for file in $(grep -lE "$1" tests/language/*.test); do
    awk -v part="$2" '
      NR == 1 { now = "input"; next }
      /^\/\/---- / { now = $2; next }
      now == part' "$file" >"$3/$(basename "$file")"
  done
}

limits=(-max_len=4096 -timeout="${FUZZ_TIMEOUT:-10}" -rss_limit_mb=2048 -use_value_profile=0)
failed=()
for target in "${targets[@]}"; do
  corpus=tests/fuzz/corpus/$target
  kept=$folder/$target
  seeds=$folder/seeds/$target
  mkdir -p "$kept" "$seeds" "$folder/found"
  if [[ $target == graph_fuzzer ]]; then
    inputs '^// graph' input "$seeds"
    inputs '^// ir' expected "$seeds"
  else
    inputs '^// ' input "$seeds"
    cp examples/*/*.space dsl/std/*.space "$seeds"
  fi
  if $merge; then
    "$binaries/$target" "${limits[@]}" -merge=1 "$corpus" "$seeds" "$kept"
    continue
  fi
  "$binaries/$target" "${limits[@]}" -max_total_time="$seconds" -dict="$folder/dictionary" \
    -artifact_prefix="$folder/found/$target-" -print_final_stats=1 \
    "$kept" "$corpus" "$seeds" || failed+=("$target")
done
if ((${#failed[@]})); then
  echo "nasc: faults of ${failed[*]}: see $folder/found" >&2
  exit 1
fi
