"""Rules for search spaces and searches."""

def _nas_search_impl(ctx):
    launcher = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        launcher,
        is_executable = True,
        content = """#!/bin/bash
set -euo pipefail
runfiles="${{RUNFILES_DIR:-$0.runfiles}}/{workspace}"
nasc="$runfiles/{nasc}"
# Under `bazel run` messages name files of the user's workspace, and runs are kept there.
if [[ -n "${{BUILD_WORKSPACE_DIRECTORY:-}}" ]]; then
  unset BUILD_WORKING_DIRECTORY
  cd "$BUILD_WORKSPACE_DIRECTORY"
fi
file="{src}"
[[ -e "$file" ]] || file="$runfiles/$file"
exec "$nasc" search "$file" {search} "$@"
""".format(
            workspace = ctx.workspace_name,
            nasc = ctx.executable.driver.short_path,
            src = ctx.file.src.short_path,
            search = ctx.attr.search,
        ),
    )
    runfiles = ctx.runfiles(files = [ctx.file.src] + ctx.files.spaces)
    runfiles = runfiles.merge(ctx.attr.driver[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = launcher, runfiles = runfiles)]

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
        "spaces": attr.label_list(
            allow_files = [".space"],
            doc = "The files that it imports, and what those import.",
        ),
        "driver": attr.label(
            default = "//cli:nasc",
            executable = True,
            cfg = "target",
            doc = "The driver; one of your own can link more strategies.",
        ),
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
