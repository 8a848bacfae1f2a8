#!/bin/bash
# Compares the pages that are made of definitions with what those say, or writes them:
# page.sh check|update NASC.
set -euo pipefail
ops() { "$1" ops --markdown; }
bazel() { "${NASC_PYTHON:-/usr/bin/python3}" -B docs/bazel_page.py bazel/nas.bzl; }
stale=0
for name in ops bazel; do
  page="$("$name" "$2")"
  if [[ "$1" == update ]]; then
    printf '%s\n' "$page" > "$BUILD_WORKSPACE_DIRECTORY/docs/$name.md"
  elif ! diff -u "docs/$name.md" - <<< "$page"; then
    echo "docs/$name.md is not what the definitions say: bazel run //docs:update"
    stale=1
  fi
done
exit $stale
