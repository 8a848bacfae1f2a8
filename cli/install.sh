#!/bin/bash
# bazel run //cli:install -- FOLDER
set -euo pipefail

usage="usage: bazel run //cli:install -- FOLDER"

fail() {
  echo "install: $1" >&2
  exit 1
}

case "${1:-}" in
  -h | --help)
    cat << END
$usage

Puts nasc where it runs without Bazel, in place of what an earlier installation left:

  FOLDER/bin/nasc        the driver
  FOLDER/share/nasc/std  the standard library, to read; the driver has its own copy
  FOLDER/share/doc/nasc  the language, the operations, the licence
END
    exit
    ;;
  "" | -*) fail "no folder is given; $usage" ;;
esac
[[ $# == 1 ]] || fail "one folder, not $#; $usage"

# Under `bazel run` the current folder is not the user's.
folder="$1"
[[ $folder == /* ]] || folder="${BUILD_WORKING_DIRECTORY:-$PWD}/$folder"
cd "${RUNFILES_DIR:-$0.runfiles}/nasc"

# Files that are in use are replaced, not written to.
put() {
  local target="$folder/$1"
  shift
  rm -rf "$target.new" && mkdir -p "$target.new" && cp -L "$@" "$target.new" &&
      rm -rf "$target" && mv "$target.new" "$target"
}

{
  mkdir -p "$folder/bin" &&
      put share/nasc/std dsl/std/*.space &&
      put share/doc/nasc LICENSE docs/language.md docs/ops.md &&
      cp -L cli/nasc "$folder/bin/.nasc.new" && mv "$folder/bin/.nasc.new" "$folder/bin/nasc"
} 2> /dev/null || fail "cannot write to $folder"
echo "$folder/bin/nasc"
