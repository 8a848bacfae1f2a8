"""Trained networks as C++ libraries."""

load("@rules_cc//cc:defs.bzl", "cc_library")
load(":attributes.bzl", "DRIVER", "all_folders", "import_environment")
load(":providers.bzl", "NasInfo", "NasSpaceInfo")

def _nas_model_sources_impl(ctx):
    graph = ctx.outputs.graph
    weights = ctx.file.weights
    ctx.actions.run_shell(
        mnemonic = "NasModel",
        progress_message = "Checking %s" % ctx.label,
        inputs = depset(
            [ctx.file.architecture, weights],
            transitive = [ctx.attr.space[NasInfo].sources],
        ),
        tools = [ctx.attr.driver[DefaultInfo].files_to_run],
        outputs = [graph, ctx.outputs.data],
        env = import_environment(all_folders([ctx.attr.space])),
        arguments = [
            ctx.executable.driver.path,
            graph.path,
            weights.path,
            ctx.outputs.data.path,
            ctx.attr.symbol,
            ctx.attr.space[NasSpaceInfo].source.path,
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
        "space": attr.label(providers = [NasSpaceInfo], mandatory = True),
        "scale": attr.string(),
        "architecture": attr.label(allow_single_file = [".arch"], mandatory = True),
        "weights": attr.label(allow_single_file = [".safetensors"], mandatory = True),
        "namespace": attr.string(),
        "symbol": attr.string(),
        "header": attr.output(),
        "source": attr.output(),
        "data": attr.output(),
        "graph": attr.output(),
        "driver": DRIVER,
        "_header": attr.label(default = "//bazel:model.h.tpl", allow_single_file = True),
        "_source": attr.label(default = "//bazel:model.cc.tpl", allow_single_file = True),
    },
)

def nas_model(name, space, architecture, weights, scale = "", namespace = None, driver = None, plugins = [], **kwargs):
    """A trained network as a C++ library that holds its weights.

    ```
    load("@nasc//bazel:nas.bzl", "nas_model")

    nas_model(
        name = "shoes",
        space = ":my",
        architecture = "best.arch",
        weights = "weights.safetensors",
    )
    ```

    gives the header `shoes.h` with `absl::StatusOr<nasc::Model> shoes::Load()`. It does not build
    where the space or the architecture has mistakes, or the weights are those of another one.

    Args:
      name: the library and its header.
      space: the target of `nas_space`.
      architecture: that was trained.
      weights: as `nasc train` and `nasc search` save them.
      scale: that it was trained at; by default the one that the weights name.
      namespace: of `Load`; by default the name.
      driver: the driver; one of your own where the space has primitives of your own.
      plugins: the nas_op targets of these primitives.
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
        header = name + ".h",
        source = name + ".cc",
        data = name + "_data.S",
        graph = name + ".ir",
        **({"driver": driver} if driver else {})
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
        deps = [str(Label("//runtime:model"))] + plugins,
        **kwargs
    )
