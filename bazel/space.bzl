"""Spaces and libraries as targets."""

load(":attributes.bzl", "DEPS", "DRIVER", "all_folders", "all_sources", "import_environment")
load(":providers.bzl", "NasInfo", "NasSpaceInfo")

# The folder of a library, as the build and as runfiles see it.
def _import_folder(ctx):
    label = ctx.label
    inside = [part for part in label.package.split("/") + ctx.attr.path.split("/") if part not in ["", "."]]
    if ".." in inside:
        fail("it leads out of the package: " + ctx.attr.path, attr = "path")
    short = (["..", label.workspace_name] if label.workspace_name else []) + inside
    real = ([label.workspace_root] if label.workspace_root else []) + inside
    return struct(path = "/".join(real) or ".", short_path = "/".join(short) or ".")

def _nas_library_impl(ctx):
    folders = all_folders(ctx.attr.deps, [_import_folder(ctx)] if ctx.attr.path else [])
    sources = all_sources(ctx.files.srcs, ctx.attr.deps)
    checked = ctx.actions.declare_file(ctx.label.name + ".checked")
    ctx.actions.run_shell(
        mnemonic = "NasLibrary",
        progress_message = "Checking %s" % ctx.label,
        inputs = sources,
        tools = [ctx.attr.driver[DefaultInfo].files_to_run],
        outputs = [checked],
        env = import_environment(folders),
        arguments = [ctx.executable.driver.path, checked.path] + [src.path for src in ctx.files.srcs],
        command = 'nasc="$1" checked="$2"; shift 2; "$nasc" check "$@" > "$checked"',
    )
    return [
        DefaultInfo(
            files = depset([checked]),
            runfiles = ctx.runfiles(files = [checked], transitive_files = sources),
        ),
        NasInfo(sources = sources, folders = folders),
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
        "path": attr.string(
            doc = "The folder of the package, `.` for its own, in which `import a.b` finds `a/b.space`; " +
                  "without, spaces import the files by their paths.",
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

Each file is checked when it is built, as `nasc check` does. Spaces with it in their `deps` import a
file by its path from theirs, `import "../blocks/blocks.space"`, or with `path` by its name, whatever
package or workspace it lies in.
""",
)

def _nas_space_impl(ctx):
    sources = all_sources([ctx.file.src], ctx.attr.deps)
    folders = all_folders(ctx.attr.deps)
    made = [ctx.outputs.facts, ctx.outputs.compiled]
    ctx.actions.run(
        mnemonic = "NasSpace",
        progress_message = "Checking %s" % ctx.label,
        executable = ctx.executable._script,
        inputs = sources,
        tools = [ctx.attr.driver[DefaultInfo].files_to_run],
        outputs = made,
        env = import_environment(folders),
        arguments = [ctx.executable.driver.path, ctx.file.src.path] + [file.path for file in made],
    )
    return [
        DefaultInfo(
            files = depset(made),
            runfiles = ctx.runfiles(files = made, transitive_files = sources),
        ),
        NasInfo(sources = sources, folders = folders),
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
