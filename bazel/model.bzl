"""Trained networks as C++ libraries; users load nas.bzl."""

load("@rules_cc//cc:defs.bzl", "cc_library")

# Of the configuration of the target, so that it is not compiled a second time as a tool of the
# build: what it writes is for the machine that builds.
_DRIVER = attr.label(
    default = "//cli:nasc",
    executable = True,
    cfg = "target",
    doc = "The driver; one of your own can link more strategies.",
)

_SPACES = attr.label_list(
    allow_files = True,
    doc = "The files that it imports, and what those import.",
)

def _nas_train_impl(ctx):
    run = ctx.actions.declare_directory(ctx.label.name + ".run")
    ctx.actions.run_shell(
        mnemonic = "NasTrain",
        progress_message = "Training %s" % ctx.label,
        inputs = [ctx.file.src, ctx.file.architecture] + ctx.files.spaces,
        tools = [ctx.attr.driver[DefaultInfo].files_to_run],
        outputs = [run, ctx.outputs.weights],
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
        "search": attr.string(
            doc = "The declaration's name; needed where the file has several.",
        ),
        "architecture": attr.label(
            allow_single_file = [".arch"],
            mandatory = True,
            doc = "The architecture to train.",
        ),
        "flags": attr.string_list(
            doc = "Of `nasc train`, such as `--steps=100`.",
        ),
        "spaces": _SPACES,
        "driver": _DRIVER,
    },
    outputs = {"weights": "%{name}.safetensors"},
    doc = """A training that is part of a build: small networks, for examples and tests.

```
load("@nasc//bazel:nas.bzl", "nas_train")

nas_train(
    name = "trained",
    src = "search.space",
    architecture = "best.arch",
    spaces = ["my.space"],
)
```

makes `trained.safetensors` and the run folder `trained.run`, on one thread. The data are read from
where the `data` line says; Bazel does not see when they change.
""",
)

def _nas_model_sources_impl(ctx):
    graph = ctx.outputs.graph
    weights = ctx.file.weights
    ctx.actions.run_shell(
        mnemonic = "NasModel",
        progress_message = "Checking %s" % ctx.label,
        inputs = [ctx.file.space, ctx.file.architecture, weights] + ctx.files.spaces,
        tools = [ctx.attr.driver[DefaultInfo].files_to_run],
        outputs = [graph, ctx.outputs.data],
        arguments = [
            ctx.executable.driver.path,
            graph.path,
            weights.path,
            ctx.outputs.data.path,
            ctx.attr.symbol,
            ctx.file.space.path,
            "--architecture",
            ctx.file.architecture.path,
        ] + (["--scale", ctx.attr.scale] if ctx.attr.scale else []),
        # The compiler does not see what the assembler includes: the sums make another text of it
        # when that changes.
        command = """set -euo pipefail
nasc="$1" graph="$2" weights="$3" data="$4" symbol="$5"
shift 5
"$nasc" export "$@" --weights "$weights" --format ir --output "$graph"
{
  echo '    .section .rodata'
  for part in graph weights; do
    sum="$(sha256sum < "${!part}")"
    echo "    .balign 64
    .hidden ${symbol}_$part, ${symbol}_${part}_end
    .global ${symbol}_$part, ${symbol}_${part}_end
${symbol}_$part:
    .incbin \\"${!part}\\" // ${sum%% *}
${symbol}_${part}_end:"
  done
  echo '    .section .note.GNU-stack,"",%progbits'
} > "$data"
""",
    )
    names = {"{namespace}": ctx.attr.namespace, "{symbol}": ctx.attr.symbol, "{header}": ctx.outputs.header.short_path}
    for template, output in [(ctx.file._header, ctx.outputs.header), (ctx.file._source, ctx.outputs.source)]:
        ctx.actions.expand_template(template = template, output = output, substitutions = names)

_nas_model_sources = rule(
    implementation = _nas_model_sources_impl,
    attrs = {
        "space": attr.label(allow_single_file = [".space"], mandatory = True),
        "scale": attr.string(),
        "architecture": attr.label(allow_single_file = [".arch"], mandatory = True),
        "weights": attr.label(allow_single_file = [".safetensors"], mandatory = True),
        "namespace": attr.string(),
        "symbol": attr.string(),
        "header": attr.output(),
        "source": attr.output(),
        "data": attr.output(),
        "graph": attr.output(),
        "spaces": _SPACES,
        "driver": _DRIVER,
        "_header": attr.label(default = "//bazel:model.h.tpl", allow_single_file = True),
        "_source": attr.label(default = "//bazel:model.cc.tpl", allow_single_file = True),
    },
)

def nas_model(name, space, architecture, weights, scale = "", spaces = [], namespace = None, **kwargs):
    """A trained network as a C++ library that holds its weights.

    ```
    load("@nasc//bazel:nas.bzl", "nas_model")

    nas_model(
        name = "shoes",
        space = "my.space",
        architecture = "best.arch",
        weights = "weights.safetensors",
    )
    ```

    gives the header `shoes.h` with `absl::StatusOr<nasc::Model> shoes::Load()`. It does not build
    where the space or the architecture has mistakes, or the weights are those of another one.

    Args:
      name: the library and its header.
      space: the file that defines the space.
      architecture: that was trained.
      weights: as `nasc train` and `nasc search` save them.
      scale: that it was trained at; by default the one that the weights name.
      spaces: files that `space` imports, and what those import.
      namespace: of `Load`; by default the name.
      **kwargs: the usual attributes of a rule.
    """
    symbol = "nas_model_" + "".join([
        c if c.isalnum() else "_"
        for c in (native.package_name() + "_" + name).elems()
    ])
    _nas_model_sources(
        name = name + "_sources",
        space = space,
        scale = scale,
        architecture = architecture,
        weights = weights,
        namespace = namespace or name,
        symbol = symbol,
        spaces = spaces,
        header = name + ".h",
        source = name + ".cc",
        data = name + "_data.S",
        graph = name + ".ir",
    )
    cc_library(
        name = name,
        srcs = [
            name + ".cc",
            name + "_data.S",
        ],
        hdrs = [name + ".h"],
        # What the assembler includes.
        textual_hdrs = [
            name + ".ir",
            weights,
        ],
        deps = [str(Label("//runtime:model"))],
        **kwargs
    )
