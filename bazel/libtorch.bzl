"""@libtorch//:libtorch, wherever the system has it.

In this order: the folder that $LIBTORCH names, the system's own package below /usr, the folder of
the PyTorch that python3 imports.
"""

_API = "include/torch/csrc/api/include"

_BUILD = """cc_library(
    name = "libtorch",
    hdrs = glob({hdrs}),
    includes = {includes},
    linkopts = {linkopts},
    visibility = ["//visibility:public"],
)
"""

def _has_headers(ctx, root):
    return ctx.path(root + "/" + _API + "/torch/types.h").exists

def _python_torch(ctx):
    python = ctx.which("python3")
    if not python:
        return None
    found = ctx.execute([python, "-c", "import os, torch; print(os.path.dirname(torch.__file__))"])
    root = found.stdout.strip()
    return root if found.return_code == 0 and _has_headers(ctx, root) else None

def _find(ctx):
    root = ctx.os.environ.get("LIBTORCH", "")
    if root:
        if not _has_headers(ctx, root):
            fail("nasc: LIBTORCH={0}, but {0}/{1}/torch/types.h does not exist".format(root, _API))
        return root
    if _has_headers(ctx, "/usr"):
        return "/usr"
    root = _python_torch(ctx)
    if not root:
        fail("nasc: LibTorch not found in $LIBTORCH, /usr or python3's torch; run tools/setup.sh")
    return root

def _libtorch_repository_impl(ctx):
    root = _find(ctx)
    libs = ["-ltorch", "-ltorch_cpu", "-lc10"]

    if root == "/usr":
        # The compiler searches /usr/include by itself. Naming only the folder that it does not
        # search saves linking thousands of headers into the sandbox of every compilation.
        ctx.symlink("/usr/" + _API, "api")
        hdrs = ["api/**"]
        includes = ["api"]
        linkopts = libs
    else:
        lib = root + "/lib"

        # The system's libraries pass std::string in the new C++ ABI. A LibTorch of the old one
        # has no function that mentions it, and would fail much later with pages of link errors.
        if ctx.execute(["grep", "-q", "__cxx11", lib + "/libc10.so"]).return_code != 0:
            fail("nasc: the LibTorch in {} was built with _GLIBCXX_USE_CXX11_ABI=0; ".format(root) +
                 "take a build with the C++11 ABI (Python's torch has it from 2.7 on)")
        ctx.symlink(root + "/include", "include")
        hdrs = ["include/**"]
        includes = ["include", _API]
        if ctx.path(lib + "/libtorch_cuda.so").exists:
            # Nothing refers to the CUDA back end by symbol; it registers itself when loaded.
            libs = ["-Wl,--push-state,--no-as-needed", "-ltorch_cuda", "-lc10_cuda", "-Wl,--pop-state"] + libs
        linkopts = ["-L" + lib, "-Wl,-rpath," + lib, "-Wl,--allow-shlib-undefined"] + libs

    ctx.file("BUILD", _BUILD.format(
        hdrs = repr(hdrs),
        includes = repr(includes),
        linkopts = repr(linkopts),
    ))

libtorch_repository = repository_rule(
    implementation = _libtorch_repository_impl,
    environ = ["LIBTORCH", "PATH"],
    local = True,
)
