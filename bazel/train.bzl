"""Trainings that are part of a build."""

load(":attributes.bzl", "DATA", "DEPS", "DRIVER", "SEARCH", "all_folders", "all_sources", "import_environment")

def _nas_train_impl(ctx):
    run = ctx.actions.declare_directory(ctx.label.name + ".run")
    ctx.actions.run_shell(
        mnemonic = "NasTrain",
        progress_message = "Training %s" % ctx.label,
        inputs = depset(
            [ctx.file.architecture] + ctx.files.data,
            transitive = [all_sources([ctx.file.src], ctx.attr.deps)],
        ),
        tools = [ctx.attr.driver[DefaultInfo].files_to_run],
        outputs = [run, ctx.outputs.weights],
        env = import_environment(all_folders(ctx.attr.deps)),
        arguments = [
            ctx.executable.driver.path,
            ctx.file.src.path,
            ctx.file.architecture.path,
            run.path,
            ctx.outputs.weights.path,
            ctx.attr.search,
        ] + ctx.attr.flags,
        # A run makes its folder itself. What it says is shown where it fails.
        command = """set -euo pipefail
nasc="$1" src="$2" architecture="$3" run="$4" weights="$5" search="$6"
shift 6
rmdir "$run"
"$nasc" train "$src" $search --architecture "$architecture" --runs "$(dirname "$run")" \
    --name "$(basename "$run")" --threads 1 "$@" > "$weights.log" 2>&1 || { cat "$weights.log"; exit 1; }
cp "$run/network/weights.safetensors" "$weights"
""",
    )
    made = [run, ctx.outputs.weights]
    return [DefaultInfo(files = depset(made), runfiles = ctx.runfiles(made))]

nas_train = rule(
    implementation = _nas_train_impl,
    attrs = {
        "src": attr.label(
            allow_single_file = [".space"],
            mandatory = True,
            doc = "The file that declares the search, whose `final` line says how to train.",
        ),
        "search": SEARCH,
        "architecture": attr.label(
            allow_single_file = [".arch"],
            mandatory = True,
            doc = "The architecture to train.",
        ),
        "flags": attr.string_list(
            doc = "Of `nasc train`, such as `--steps=100`.",
        ),
        "deps": DEPS,
        "data": DATA,
        "driver": DRIVER,
    },
    outputs = {"weights": "%{name}.safetensors"},
    doc = """A training that is part of a build: small networks, for examples and tests.

```
load("@nasc//bazel:nas.bzl", "nas_train")

nas_train(
    name = "trained",
    src = "search.space",
    architecture = "best.arch",
    deps = [":my"],
)
```

makes `trained.safetensors` and the run folder `trained.run`, on one thread. The data are read from
where the `data` line says; Bazel does not see when they change.
""",
)
