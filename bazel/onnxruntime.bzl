"""@onnxruntime: ONNX Runtime for Node, by which the tests of exports compute files of ONNX.

Its defs.bzl has NODE, the program, and NODE_PACKAGES, the folder that holds the package
onnxruntime-node: the one that $NASC_ONNX_RUNTIME names, or the one that tools/setup.sh makes. Both
are "" where there is none; tests then say that they did without.
"""

# tools/setup.sh reads it here. Later ones download when they are installed, and need a newer Node
# than Debian 12 has.
ONNX_RUNTIME_VERSION = "1.20.1"

def _packages(ctx):
    env = ctx.os.environ
    named = env.get("NASC_ONNX_RUNTIME", "")
    if named:
        if not ctx.path(named + "/onnxruntime-node").exists:
            fail("nasc: NASC_ONNX_RUNTIME={0}, but {0}/onnxruntime-node does not exist".format(named))
        return named
    cache = env.get("XDG_CACHE_HOME", "") or env.get("HOME", "") + "/.cache"
    made = cache + "/nasc/onnxruntime-" + ONNX_RUNTIME_VERSION + "/node_modules"
    return made if ctx.path(made + "/onnxruntime-node").exists else ""

def _onnxruntime_repository_impl(ctx):
    node = ctx.which("node")
    packages = _packages(ctx) if node else ""
    ctx.file("BUILD")
    ctx.file("defs.bzl", "NODE = {}\n\nNODE_PACKAGES = {}\n".format(repr(str(node) if packages else ""), repr(packages)))

onnxruntime_repository = repository_rule(
    implementation = _onnxruntime_repository_impl,
    environ = ["HOME", "NASC_ONNX_RUNTIME", "PATH", "XDG_CACHE_HOME"],
    local = True,  # look again after every server start: it comes and goes outside Bazel
)
