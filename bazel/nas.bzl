"""Rules for search spaces and searches."""

load(":model.bzl", _nas_model = "nas_model", _nas_train = "nas_train")
load(
    ":plugins.bzl",
    _nas_dataset = "nas_dataset",
    _nas_driver = "nas_driver",
    _nas_evaluator = "nas_evaluator",
    _nas_op = "nas_op",
    _nas_strategy = "nas_strategy",
)

nas_dataset = _nas_dataset
nas_driver = _nas_driver
nas_evaluator = _nas_evaluator
nas_model = _nas_model
nas_op = _nas_op
nas_strategy = _nas_strategy
nas_train = _nas_train

# Under `bazel run` messages name files of the user's workspace, and results are kept there.
_LAUNCHER = """#!/bin/bash
set -euo pipefail
runfiles="${{RUNFILES_DIR:-$0.runfiles}}/{workspace}"
nasc="$runfiles/{nasc}"
if [[ -n "${{BUILD_WORKSPACE_DIRECTORY:-}}" ]]; then
  unset BUILD_WORKING_DIRECTORY
  cd "$BUILD_WORKSPACE_DIRECTORY"
fi
file="{src}"
[[ -e "$file" ]] || file="$runfiles/$file"
exec "$nasc" {command} "$file" {args} "$@"
"""

def _launch(ctx, command, args):
    launcher = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        launcher,
        is_executable = True,
        content = _LAUNCHER.format(
            workspace = ctx.workspace_name,
            nasc = ctx.executable.driver.short_path,
            src = ctx.file.src.short_path,
            command = command,
            args = args,
        ),
    )
    runfiles = ctx.runfiles(files = [ctx.file.src] + ctx.files.spaces)
    runfiles = runfiles.merge(ctx.attr.driver[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = launcher, runfiles = runfiles)]

_DRIVER = attr.label(
    default = "//cli:nasc",
    executable = True,
    cfg = "target",
    doc = "The driver; one of your own can link more strategies.",
)

_SPACES = attr.label_list(
    allow_files = True,
    doc = "The files that it imports, and what those import; tables and data that it names.",
)

def _nas_search_impl(ctx):
    return _launch(ctx, "search", ctx.attr.search)

nas_search = rule(
    implementation = _nas_search_impl,
    executable = True,
    attrs = {
        "src": attr.label(
            allow_single_file = [".space"],
            mandatory = True,
            doc = "The file that declares the search.",
        ),
        "search": attr.string(
            doc = "The declaration's name; needed where the file has several.",
        ),
        "spaces": _SPACES,
        "driver": _DRIVER,
    },
    doc = """A search that `bazel run` starts.

```
load("@nasc//bazel:nas.bzl", "nas_search")

nas_search(
    name = "search",
    src = "search.space",
    spaces = ["my.space"],
)
```

`bazel run :search -- --seed 7` passes arguments on to `nasc search`. Everything that a run makes
lies in `runs/<name>` of the workspace.
""",
)

def _nas_benchmark_impl(ctx):
    return _launch(ctx, "benchmark", " ".join(ctx.attr.flags))

nas_benchmark = rule(
    implementation = _nas_benchmark_impl,
    executable = True,
    attrs = {
        "src": attr.label(
            allow_single_file = [".space"],
            mandatory = True,
            doc = "The file that declares the searches, one a strategy, on a table.",
        ),
        "flags": attr.string_list(
            doc = "Of `nasc benchmark`, such as `--seeds=200,bananas=20`.",
        ),
        "spaces": _SPACES,
        "driver": _DRIVER,
    },
    doc = """A comparison of strategies on a published table that `bazel run` starts.

```
load("@nasc//bazel:nas.bzl", "nas_benchmark")

nas_benchmark(
    name = "benchmark",
    src = "benchmark.space",
    flags = ["--seeds=200,bananas=20"],
    spaces = [
        "my.space",
        "table.tsv.gz",
    ],
)
```

`bazel run :benchmark -- --json` passes arguments on to `nasc benchmark`.
""",
)

def _nas_compare_impl(ctx):
    return _launch(ctx, "compare", " ".join(ctx.attr.flags))

nas_compare = rule(
    implementation = _nas_compare_impl,
    executable = True,
    attrs = {
        "src": attr.label(
            allow_single_file = [".space"],
            mandatory = True,
            doc = "The file that declares the searches, each with a `final` line.",
        ),
        "flags": attr.string_list(
            doc = "Of `nasc compare`, such as `--rank=spos`.",
        ),
        "spaces": _SPACES,
        "driver": _DRIVER,
    },
    doc = """Searches that `bazel run` runs one after the other, for one table of what they found.

```
load("@nasc//bazel:nas.bzl", "nas_compare")

nas_compare(
    name = "compare",
    src = "search.space",
    flags = ["--rank=spos"],
    spaces = ["my.space"],
)
```

`bazel run :compare -- --json` passes arguments on to `nasc compare`.
""",
)

def _nas_fidelities_impl(ctx):
    return _launch(ctx, "fidelities", " ".join([ctx.attr.search] + ctx.attr.flags))

nas_fidelities = rule(
    implementation = _nas_fidelities_impl,
    executable = True,
    attrs = {
        "src": attr.label(
            allow_single_file = [".space"],
            mandatory = True,
            doc = "The file that declares the search, with `fidelity` lines.",
        ),
        "search": attr.string(
            doc = "The declaration's name; needed where the file has several.",
        ),
        "flags": attr.string_list(
            doc = "Of `nasc fidelities`, such as `--count=30`.",
        ),
        "spaces": _SPACES,
        "driver": _DRIVER,
    },
    doc = """How well cheaper evaluations rank architectures, measured by `bazel run`.

```
load("@nasc//bazel:nas.bzl", "nas_fidelities")

nas_fidelities(
    name = "fidelities",
    src = "search.space",
    search = "halving",
    spaces = ["my.space"],
)
```

`bazel run :fidelities -- --json` passes arguments on to `nasc fidelities`.
""",
)
