"""Commands of the driver that `bazel run` starts on a file of searches."""

load(":attributes.bzl", "DATA", "DEPS", "DRIVER", "SEARCH", "all_folders", "all_sources")

# Under `bazel run` messages name files of the user's workspace, and results are kept there.
_LAUNCHER = """#!/bin/bash
set -euo pipefail
runfiles="${{RUNFILES_DIR:-$0.runfiles}}/{workspace}"
nasc="$runfiles/{nasc}"
if [[ -n "${{BUILD_WORKSPACE_DIRECTORY:-}}" ]]; then
  unset BUILD_WORKING_DIRECTORY
  cd "$BUILD_WORKSPACE_DIRECTORY"
fi
found() {{ if [[ "$1" != ../* && -e "$1" ]]; then echo "$1"; else echo "$runfiles/$1"; fi; }}
file="$(found "{src}")"
for folder in {folders}; do
  NASC_PATH="${{NASC_PATH:+$NASC_PATH:}}$(found "$folder")"
done
export NASC_PATH
exec "$nasc" {command} "$file" {args} "$@"
"""

def _launched_impl(ctx):
    launcher = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        launcher,
        is_executable = True,
        content = _LAUNCHER.format(
            workspace = ctx.workspace_name,
            nasc = ctx.executable.driver.short_path,
            src = ctx.file.src.short_path,
            folders = " ".join([folder.short_path for folder in all_folders(ctx.attr.deps).to_list()]),
            command = ctx.attr._command,
            args = " ".join([getattr(ctx.attr, "search", "")] + ctx.attr.flags),
        ),
    )
    runfiles = ctx.runfiles(
        files = ctx.files.data,
        transitive_files = all_sources([ctx.file.src], ctx.attr.deps),
    )
    runfiles = runfiles.merge(ctx.attr.driver[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = launcher, runfiles = runfiles)]

def _launched(command, src, flag, doc, attrs = {}):
    return rule(
        implementation = _launched_impl,
        executable = True,
        attrs = dict(
            src = attr.label(allow_single_file = [".space"], mandatory = True, doc = src),
            flags = attr.string_list(
                doc = "Of `nasc {}`, such as `{}`.".format(command.split(" ")[0], flag),
            ),
            deps = DEPS,
            data = DATA,
            driver = DRIVER,
            _command = attr.string(default = command),
            **attrs
        ),
        doc = doc,
    )

nas_search = _launched(
    command = "search --continue",
    src = "The file that declares the search.",
    flag = "--threads=4",
    attrs = {"search": SEARCH},
    doc = """A search that `bazel run` starts, or goes on with where it was stopped.

```
load("@nasc//bazel:nas.bzl", "nas_search")

nas_search(
    name = "search",
    src = "search.space",
    deps = [":my"],
)
```

Arguments after `--` go to `nasc search` and override the declaration:

```
bazel run :search -- --seed 7 --set train.batch=32 --set budget.epochs=5
```

Everything that a run makes lies in `runs/<name>` of the workspace. Where the last run of the same
texts, settings and seed has not ended, it goes on there and says so; `-- --fresh` begins a new one.
""",
)

nas_benchmark = _launched(
    command = "benchmark",
    src = "The file that declares the searches, one a strategy, on a table.",
    flag = "--seeds=200,bananas=20",
    doc = """A comparison of strategies on a published table that `bazel run` starts.

```
load("@nasc//bazel:nas.bzl", "nas_benchmark")

nas_benchmark(
    name = "benchmark",
    src = "benchmark.space",
    flags = ["--seeds=200,bananas=20"],
    data = ["table.tsv.gz"],
    deps = [":my"],
)
```

`bazel run :benchmark -- --json` passes arguments on to `nasc benchmark`.
""",
)

nas_compare = _launched(
    command = "compare",
    src = "The file that declares the searches, each with a `final` line.",
    flag = "--rank=spos",
    doc = """Searches that `bazel run` runs one after the other, for one table of what they found.

```
load("@nasc//bazel:nas.bzl", "nas_compare")

nas_compare(
    name = "compare",
    src = "search.space",
    flags = ["--rank=spos"],
    deps = [":my"],
)
```

`bazel run :compare -- --json` passes arguments on to `nasc compare`.
""",
)

nas_fidelities = _launched(
    command = "fidelities",
    src = "The file that declares the search, with `fidelity` lines.",
    flag = "--count=30",
    attrs = {"search": SEARCH},
    doc = """How well cheaper evaluations rank architectures, measured by `bazel run`.

```
load("@nasc//bazel:nas.bzl", "nas_fidelities")

nas_fidelities(
    name = "fidelities",
    src = "search.space",
    search = "halving",
    deps = [":my"],
)
```

`bazel run :fidelities -- --json` passes arguments on to `nasc fidelities`.
""",
)
