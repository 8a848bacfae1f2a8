"""Rules for plug-ins, and for drivers that link them; users load nas.bzl."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library")

# Nothing names a plug-in: it registers itself when the program that links it starts.
def _plugin(name, kind, srcs, deps, kwargs):
    cc_library(
        name = name,
        srcs = srcs,
        deps = [str(Label("//plugin:" + kind))] + deps,
        alwayslink = True,
        **kwargs
    )

def nas_strategy(name, srcs, deps = [], **kwargs):
    """A search strategy of your own, as `strategy NAME` in a search.

    ```
    load("@nasc//bazel:nas.bzl", "nas_driver", "nas_strategy")

    nas_strategy(
        name = "distinct",
        srcs = ["distinct.cc"],
    )

    nas_driver(
        name = "nasc",
        plugins = [":distinct"],
    )
    ```

    A source has a `StrategyRegistration` (strategies/registry.h), or a `SchedulerRegistration`
    (strategies/schedule/scheduler.h) for `schedule NAME`.

    Args:
      name: the library.
      srcs: its sources.
      deps: libraries beside those of nasc.
      **kwargs: the usual attributes of cc_library: `hdrs`, `copts`.
    """
    _plugin(name, "strategy", srcs, deps, kwargs)

def nas_op(name, srcs, deps = [], **kwargs):
    """A primitive of your own, which spaces name as they name those of nasc.

    ```
    load("@nasc//bazel:nas.bzl", "nas_driver", "nas_op")

    nas_op(
        name = "space_to_depth",
        srcs = ["space_to_depth.cc"],
    )

    nas_driver(
        name = "nasc",
        plugins = [":space_to_depth"],
    )
    ```

    A source has a `PrimitiveRegistration` (compiler/primitives.h) and a `KernelRegistration`
    (runtime/kernels.h); where the primitive is to be exported, a `PythonRegistration`
    (export/python_expressions.h) and an `OnnxRegistration` (export/onnx_nodes.h).

    Args:
      name: the library.
      srcs: its sources.
      deps: libraries beside those of nasc and LibTorch.
      **kwargs: the usual attributes of cc_library: `hdrs`, `copts`.
    """
    _plugin(name, "op", srcs, deps, kwargs)

def nas_evaluator(name, srcs, deps = [], **kwargs):
    """An evaluator of your own, as `evaluate NAME` in a search.

    ```
    load("@nasc//bazel:nas.bzl", "nas_driver", "nas_evaluator")

    nas_evaluator(
        name = "repeated",
        srcs = ["repeated.cc"],
    )

    nas_driver(
        name = "nasc",
        plugins = [":repeated"],
    )
    ```

    A source has an `EvaluatorRegistration` (strategies/evaluate/evaluator.h).

    Args:
      name: the library.
      srcs: its sources.
      deps: libraries beside those of nasc and LibTorch.
      **kwargs: the usual attributes of cc_library: `hdrs`, `copts`.
    """
    _plugin(name, "evaluator", srcs, deps, kwargs)

def nas_dataset(name, srcs, deps = [], **kwargs):
    """Images of your own, as `data NAME` in a search.

    ```
    load("@nasc//bazel:nas.bzl", "nas_dataset", "nas_driver")

    nas_dataset(
        name = "shapes",
        srcs = ["shapes.cc"],
    )

    nas_driver(
        name = "nasc",
        plugins = [":shapes"],
    )
    ```

    A source has a `DatasetRegistration` (runtime/data/dataset.h).

    Args:
      name: the library.
      srcs: its sources.
      deps: libraries beside those of nasc.
      **kwargs: the usual attributes of cc_library: `hdrs`, `copts`.
    """
    _plugin(name, "dataset", srcs, deps, kwargs)

def nas_driver(name, plugins = [], **kwargs):
    """The program `nasc` with plug-ins.

    ```
    load("@nasc//bazel:nas.bzl", "nas_driver", "nas_search")

    nas_driver(
        name = "nasc",
        plugins = [":distinct"],
    )

    nas_search(
        name = "search",
        src = "search.space",
        driver = ":nasc",
    )
    ```

    Args:
      name: the program, which the `driver` of other rules takes.
      plugins: nas_strategy, nas_op, nas_evaluator, nas_dataset.
      **kwargs: the usual attributes of a rule.
    """
    cc_binary(
        name = name,
        deps = [str(Label("//plugin:driver"))] + plugins,
        **kwargs
    )
