#!/bin/bash
# Installs nasc into a folder and runs it from there.
set -euo pipefail
install="$PWD/$1"
space="$PWD/examples/darts/darts.space"
folder="$TEST_TMPDIR/a folder"

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# The installation fails and says this, in one line.
refuses() {
  local expected="$1" said
  shift
  said="$("$install" "$@" 2>&1)" && fail "installed: $*"
  [[ $said == "$expected" ]] || fail "'$*' says: $said"
}

usage="usage: bazel run //cli:install -- FOLDER"
refuses "install: no folder is given; $usage"
refuses "install: no folder is given; $usage" --prefix=/usr
refuses "install: one folder, not 2; $usage" a b
touch "$TEST_TMPDIR/file"
refuses "install: cannot write to $TEST_TMPDIR/file" "$TEST_TMPDIR/file"
[[ "$("$install" --help)" == "$usage"* ]] || fail "--help"

# A folder's name is the user's, from where the user is.
said="$(BUILD_WORKING_DIRECTORY="$TEST_TMPDIR" "$install" "a folder")"
[[ $said == "$folder/bin/nasc" ]] || fail "it says: $said"
for file in bin/nasc share/nasc/std/cnn.space share/doc/nasc/LICENSE share/doc/nasc/ops.md; do
  [[ -f $folder/$file && ! -L $folder/$file ]] || fail "no file $file"
done

# It runs without Bazel: with no library of its folders, and nothing of the environment.
ldd "$folder/bin/nasc" > "$TEST_TMPDIR/libraries"
! grep -E 'not found|bazel|execroot' "$TEST_TMPDIR/libraries" || fail "libraries of the build"
cd /
env -i "$folder/bin/nasc" check "$space" > /dev/null || fail "the installed nasc does not run"

# A second installation replaces the first, also while that runs.
touch "$folder/share/nasc/std/old.space"
printf '#!/bin/sh\n' > "$folder/bin/other"
mkfifo "$TEST_TMPDIR/input"
exec 3<> "$TEST_TMPDIR/input"  # open, so that the language server waits
"$folder/bin/nasc" lsp <&3 > /dev/null 2>&1 &
server=$!
"$install" "$folder" > /dev/null
kill "$server"
[[ ! -e $folder/share/nasc/std/old.space ]] || fail "an old file is left"
[[ -e $folder/bin/other ]] || fail "a file of others is gone"
[[ "$(ls -A "$folder/bin")" == $'nasc\nother' ]] || fail "bin has $(ls -A "$folder/bin")"
env -i "$folder/bin/nasc" check "$space" > /dev/null || fail "the replaced nasc does not run"
