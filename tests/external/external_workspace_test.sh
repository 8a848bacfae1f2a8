#!/bin/bash
# Runs the tests of examples/external_workspace by a Bazel of its own, as a user would. Its output base
# is kept beside that of the Bazel that runs this test, so that only the first run compiles everything.
set -euo pipefail

# Runfiles are links into the source tree.
root="$(dirname "$(readlink -f "$1")")"
outer="${TEST_SRCDIR%%/execroot/*}"
[[ $outer != "$TEST_SRCDIR" ]] || { echo "not run by Bazel: $TEST_SRCDIR" >&2; exit 1; }

cd "$root/examples/external_workspace"
# Tests have no home; the user's .bazelrc may name a cache there. A Bazel that sees $TEST_TMPDIR keeps
# everything in it. Not optimised: what is tested is that it builds and works.
env -u TEST_TMPDIR HOME="$(getent passwd "$(id -u)" | cut -d: -f6)" \
    bazel --output_base="$outer-external_workspace" --max_idle_secs=60 \
    test --symlink_prefix=/ --compilation_mode=fastbuild --noshow_progress --color=no //...

for left in bazel-* runs; do
  [[ ! -e $left ]] || { echo "left in the source tree: $PWD/$left" >&2; exit 1; }
done
