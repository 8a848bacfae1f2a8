#!/bin/bash
# Runs the search with everything that plugins/ adds, and looks at what came of it.
set -euo pipefail
nasc="$1" search="$2" space="$3"
run="$TEST_TMPDIR/runs/run"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# The text that a command prints, on both outputs; it must exit with the code given.
says() {
  local expected="$1" code=0
  shift
  "$@" > "$TEST_TMPDIR/said" 2>&1 || code=$?
  cat "$TEST_TMPDIR/said"
  [[ $code == "$expected" ]] || fail "exit code $code, not $expected: $*"
}

# The driver knows the primitive as it knows its own.
says 0 "$nasc" check "$space"
says 0 "$nasc" fmt --check "$space"
says 0 "$nasc" ops space_to_depth | grep -F 'Gives block * block times the channels' > /dev/null
sed 's/space_to_depth(2)/space_to_dept(2)/' "$space" > "$TEST_TMPDIR/wrong.space"
says 1 "$nasc" check "$TEST_TMPDIR/wrong.space" | grep -F "did you mean 'space_to_depth'?" > /dev/null
sed 's/space_to_depth(2)/space_to_depth(3)/' "$space" > "$TEST_TMPDIR/wrong.space"
says 1 "$nasc" check "$TEST_TMPDIR/wrong.space" | grep -F '16 pixels do not make blocks of 3' > /dev/null

# The search tries six architectures, no two the same, and trains the best.
says 0 "$search" --runs "$TEST_TMPDIR/runs" --name run --threads 1
says 0 "$nasc" info "$space" --architecture "$run/architecture.arch"
says 0 "$nasc" runs export "$run" --output "$TEST_TMPDIR/trials.tsv"
trials="$(tail -n +2 "$TEST_TMPDIR/trials.tsv")"
[[ $(wc -l <<< "$trials") == 6 ]] || fail "not six trials"
[[ $(grep -o 'architecture shrink.*' <<< "$trials" | sort -u | wc -l) == 6 ]] || fail "some are the same"
[[ $(head -n 1 "$TEST_TMPDIR/trials.tsv") == *deviation* ]] || fail "no deviation is measured"

# A network of the primitive trains, and goes to Python; to ONNX it cannot.
says 0 "$nasc" train "$(dirname "$space")/search.space" quick --architecture "$(dirname "$space")/blocks.arch" \
    --runs "$TEST_TMPDIR/runs" --name blocks --threads 1
says 0 "$nasc" export "$TEST_TMPDIR/runs/blocks" --format python --output "$TEST_TMPDIR/network.py"
grep -F 'F.pixel_unshuffle(' "$TEST_TMPDIR/network.py" > /dev/null || fail "not in Python"
says 1 "$nasc" export "$TEST_TMPDIR/runs/blocks" --format onnx --output "$TEST_TMPDIR/network.onnx" |
    grep -F "no form in ONNX of 'space_to_depth'" > /dev/null
