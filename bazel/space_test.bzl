"""Tests of spaces."""

load(":attributes.bzl", "DRIVER", "all_folders")
load(":providers.bzl", "NasInfo", "NasSpaceInfo")

_SPACE = attr.label(
    providers = [NasSpaceInfo],
    mandatory = True,
    doc = "The target of `nas_space`.",
)

# Every command runs, whatever another one found.
_TEST = """#!/bin/bash
export NASC_PATH="{path}"
nasc() {{ "${{RUNFILES_DIR:-$0.runfiles}}/{workspace}/{nasc}" "$@"; }}
failed=0
{commands}
exit $failed
"""

def _test(ctx, commands, files):
    test = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(
        test,
        is_executable = True,
        content = _TEST.format(
            workspace = ctx.workspace_name,
            nasc = ctx.executable.driver.short_path,
            path = ":".join([folder.short_path for folder in all_folders([ctx.attr.space]).to_list()]),
            commands = "\n".join(["nasc {} || failed=1".format(command) for command in commands]),
        ),
    )
    runfiles = ctx.runfiles(files = files, transitive_files = ctx.attr.space[NasInfo].sources)
    runfiles = runfiles.merge(ctx.attr.driver[DefaultInfo].default_runfiles)
    return [DefaultInfo(executable = test, runfiles = runfiles)]

def _nas_space_test_impl(ctx):
    file = ctx.attr.space[NasSpaceInfo].source.short_path
    commands = ["check --warnings-as-errors " + file, "fmt --check " + file]
    bounds = [
        "--{} {}={}".format(side, measure, number)
        for side, numbers in [("least", ctx.attr.least), ("most", ctx.attr.most)]
        for measure, number in numbers.items()
    ]
    if bounds:
        scale = "--scale " + ctx.attr.scale if ctx.attr.scale else ""
        commands.append("info {} {} {} > /dev/null".format(file, scale, " ".join(bounds)))
    return _test(ctx, commands, [])

nas_space_test = rule(
    implementation = _nas_space_test_impl,
    test = True,
    attrs = {
        "space": _SPACE,
        "scale": attr.string(
            doc = "At which `weights` and `macs` are bounded; by default at every scale.",
        ),
        "least": attr.string_dict(
            doc = "What no architecture may have less of: `architectures` (their number), " +
                  "`weights`, `macs`, each a whole number such as `\"3.5e6\"`.",
        ),
        "most": attr.string_dict(
            doc = "What no architecture may have more of.",
        ),
        "driver": DRIVER,
    },
    doc = """A test that a space has no warnings, is laid out as `nasc fmt` does, and keeps its size.

```
load("@nasc//bazel:nas.bzl", "nas_space_test")

nas_space_test(
    name = "my_test",
    least = {"architectures": "1e6"},
    most = {
        "macs": "600e6",
        "weights": "4e6",
    },
    scale = "final",
    space = ":my",
)
```

Where a bound does not hold, the test says which, and what was found.
""",
)

def _nas_compat_test_impl(ctx):
    released = ctx.file.released
    space = ctx.attr.space[NasSpaceInfo].source
    return _test(ctx, ["compat {} {}".format(released.short_path, space.short_path)], [released])

nas_compat_test = rule(
    implementation = _nas_compat_test_impl,
    test = True,
    attrs = {
        "released": attr.label(
            allow_single_file = [".space", ".nasc"],
            mandatory = True,
            doc = "The space as it was released: its file, or what was compiled of it.",
        ),
        "space": _SPACE,
        "driver": DRIVER,
    },
    doc = """A test that the version of a space says what changed since it was released.

```
load("@nasc//bazel:nas.bzl", "nas_compat_test")

nas_compat_test(
    name = "compat_test",
    released = "released/my-1.0.0.space",
    space = ":my",
)
```

It runs `nasc compat`: architectures and weights of the released version must still fit unless the
version in the header says otherwise.
""",
)
