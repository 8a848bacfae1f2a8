"""Rules for search spaces and searches: all that a workspace loads of nasc."""

load(
    ":launch.bzl",
    _nas_benchmark = "nas_benchmark",
    _nas_compare = "nas_compare",
    _nas_fidelities = "nas_fidelities",
    _nas_search = "nas_search",
)
load(":model.bzl", _nas_model = "nas_model")
load(
    ":plugins.bzl",
    _nas_dataset = "nas_dataset",
    _nas_driver = "nas_driver",
    _nas_evaluator = "nas_evaluator",
    _nas_op = "nas_op",
    _nas_strategy = "nas_strategy",
)
load(":providers.bzl", _NasInfo = "NasInfo", _NasSpaceInfo = "NasSpaceInfo")
load(":space.bzl", _nas_library = "nas_library", _nas_space = "nas_space")
load(":space_test.bzl", _nas_compat_test = "nas_compat_test", _nas_space_test = "nas_space_test")
load(":train.bzl", _nas_train = "nas_train")

# In the order of docs/bazel.md.
nas_space = _nas_space
nas_library = _nas_library
nas_space_test = _nas_space_test
nas_compat_test = _nas_compat_test
nas_search = _nas_search
nas_compare = _nas_compare
nas_benchmark = _nas_benchmark
nas_fidelities = _nas_fidelities
nas_train = _nas_train
nas_model = _nas_model
nas_op = _nas_op
nas_strategy = _nas_strategy
nas_evaluator = _nas_evaluator
nas_dataset = _nas_dataset
nas_driver = _nas_driver
NasInfo = _NasInfo
NasSpaceInfo = _NasSpaceInfo
