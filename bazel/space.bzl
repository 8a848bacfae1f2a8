"""Spaces and libraries as targets."""

load(":attributes.bzl", "DEPS", "DRIVER", "all_sources")
load(":providers.bzl", "NasInfo", "NasSpaceInfo")

def _nas_library_impl(ctx):
    sources = all_sources(ctx.files.srcs, ctx.attr.deps)
    checked = ctx.actions.declare_file(ctx.label.name + ".checked")
    ctx.actions.run_shell(
        mnemonic = "NasLibrary",
        progress_message = "Checking %s" % ctx.label,
        inputs = sources,
        tools = [ctx.attr.driver[DefaultInfo].files_to_run],
        outputs = [checked],
        arguments = [ctx.executable.driver.path, checked.path] + [src.path for src in ctx.files.srcs],
        command = 'nasc="$1" checked="$2"; shift 2; "$nasc" check "$@" > "$checked"',
    )
    return [
        DefaultInfo(
            files = depset([checked]),
            runfiles = ctx.runfiles(files = [checked], transitive_files = sources),
        ),
        NasInfo(sources = sources),
    ]

nas_library = rule(
    implementation = _nas_library_impl,
    attrs = {
        "srcs": attr.label_list(
            allow_files = [".space"],
            mandatory = True,
            allow_empty = False,
            doc = "Files that spaces import.",
        ),
        "deps": DEPS,
        "driver": DRIVER,
    },
    doc = """Operations, cells and networks that several spaces import.

```
load("@nasc//bazel:nas.bzl", "nas_library")

nas_library(
    name = "blocks",
    srcs = ["blocks.space"],
)
```

Each file is checked when it is built, as `nasc check` does.
""",
)

def _nas_space_impl(ctx):
    sources = all_sources([ctx.file.src], ctx.attr.deps)
    made = [ctx.outputs.facts, ctx.outputs.compiled]
    ctx.actions.run(
        mnemonic = "NasSpace",
        progress_message = "Checking %s" % ctx.label,
        executable = ctx.executable._script,
        inputs = sources,
        tools = [ctx.attr.driver[DefaultInfo].files_to_run],
        outputs = made,
        arguments = [ctx.executable.driver.path, ctx.file.src.path] + [file.path for file in made],
    )
    return [
        DefaultInfo(
            files = depset(made),
            runfiles = ctx.runfiles(files = made, transitive_files = sources),
        ),
        NasInfo(sources = sources),
        NasSpaceInfo(
            source = ctx.file.src,
            compiled = ctx.outputs.compiled,
            facts = ctx.outputs.facts,
        ),
    ]

nas_space = rule(
    implementation = _nas_space_impl,
    attrs = {
        "src": attr.label(
            allow_single_file = [".space"],
            mandatory = True,
            doc = "The file that defines the space.",
        ),
        "deps": DEPS,
        "driver": DRIVER,
        "_script": attr.label(
            default = "//bazel:space.sh",
            allow_single_file = True,
            executable = True,
            cfg = "host",
        ),
    },
    outputs = {
        "facts": "%{name}.json",
        "compiled": "%{name}.nasc",
    },
    doc = """A search space.

```
load("@nasc//bazel:nas.bzl", "nas_space")

nas_space(
    name = "my",
    src = "my.space",
    deps = [":blocks"],
)
```

It is checked when it is built: a mistake is an error of the build, with the line, a caret and what
would mend it. `my.json` says of it what `nasc info --json` says: version, identity hash, number of
architectures, weights and MACs at each scale. `my.nasc` is the compiled space, with the supernet of
each scale, which `nasc diff` and `nasc compat` take.
""",
)
