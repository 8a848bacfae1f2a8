"""Everything that a workspace which uses nasc has to declare.

A WORKSPACE file needs three lines: a repository called `nasc`, the load of this file, and the call
of `nasc_repositories()`. Nothing is fetched from a network: each repository is a view of what the
system has installed, and tools/setup.sh installs it.
"""

load(":libtorch.bzl", "libtorch_repository")
load(":onnxruntime.bzl", "onnxruntime_repository")
load(":shims.bzl", "shim_repositories")
load(":system.bzl", "system_libraries")

def nasc_repositories():
    """Declares the repositories that nasc and the rules in //bazel refer to."""
    shim_repositories()
    system_libraries(name = "system")
    libtorch_repository(name = "libtorch")
    onnxruntime_repository(name = "onnxruntime")
