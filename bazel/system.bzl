"""@system: the libraries and tools that the system's package manager installs.

The compiler searches /usr/include by itself and Bazel accepts what it finds there, so most of
these targets carry link options only. To add a library, add a line to _LIBRARIES and its package
to tools/setup.sh.
"""

def _library(header, package, linkopts = [], deps = [], include = "", rewritten = {}, defines = []):
    """Describes one library.

    Args:
      header: a file whose absence means that the library is not installed, below /usr/include.
      package: the Debian package that holds it.
      linkopts: how to link it.
      deps: other libraries of this table that it needs.
      include: a folder below /usr/include that its users have to search as well.
      rewritten: a header below that folder: what is replaced in it.
      defines: macros that its headers need.
    """
    return struct(
        header = header,
        package = package,
        linkopts = linkopts,
        deps = deps,
        include = include,
        rewritten = rewritten,
        defines = defines,
    )

_LIBRARIES = {
    # Abseil is many small libraries; their names are looked up, as they differ between versions.
    "absl": _library("absl/strings/str_cat.h", "libabsl-dev"),
    "antlr4_runtime": _library(
        "antlr4-runtime/antlr4-runtime.h",
        "libantlr4-runtime-dev",
        linkopts = ["-lantlr4-runtime"],
        include = "antlr4-runtime",
        # Clang finds no default value for the vocabulary, which is constant.
        rewritten = {"misc/InterpreterDataReader.h": {
            "InterpreterData() {}": "InterpreterData() : vocabulary({}, {}) {}",
        }},
    ),
    "cli11": _library("CLI/CLI.hpp", "libcli11-dev"),
    "glog": _library("glog/logging.h", "libgoogle-glog-dev", linkopts = ["-lglog"]),
    "gmp": _library("gmpxx.h", "libgmp-dev", linkopts = ["-lgmpxx", "-lgmp"]),
    "gmock": _library("gmock/gmock.h", "libgmock-dev", linkopts = ["-lgmock"]),
    "gtest": _library(
        "gtest/gtest.h",
        "libgtest-dev",
        linkopts = ["-lgtest", "-pthread"],
        deps = ["gmock"],
    ),
    "gtest_main": _library(
        "gtest/gtest.h",
        "libgtest-dev",
        linkopts = ["-lgtest_main"],
        deps = ["gtest"],
    ),
    "json": _library("nlohmann/json.hpp", "nlohmann-json3-dev"),
    # The headers take their namespace and their set of operators from the command line.
    "onnx": _library(
        "onnx/onnx_pb.h",
        "libonnx-dev",
        linkopts = ["-lonnx_proto", "-lprotobuf"],
        defines = ["ONNX_NAMESPACE=onnx", "ONNX_ML=1"],
    ),
    "sqlite": _library(
        "SQLiteCpp/SQLiteCpp.h",
        "libsqlitecpp-dev",
        linkopts = ["-lSQLiteCpp", "-lsqlite3"],
    ),
    "stb": _library("stb/stb_image.h", "libstb-dev"),
    "xxhash": _library("xxhash.h", "libxxhash-dev", linkopts = ["-lxxhash"]),
    "zlib": _library("zlib.h", "zlib1g-dev", linkopts = ["-lz"]),
}

_TOOLS = {
    "antlr4": "antlr4",
}

_UNUSED_ABSEIL = ["failure_signal_handler", "flags_", "log_", "random_", "vlog_"]

def _abseil_linkopts(ctx):
    found = ctx.execute(["sh", "-c", "ls /usr/lib/*/libabsl_*.so /usr/lib/libabsl_*.so 2>/dev/null"])
    names = [path.split("/")[-1][len("lib"):-len(".so")] for path in found.stdout.splitlines()]

    # Nearly all of them, as which target needs which is not worth writing down; one that others need
    # comes with them. Not --as-needed: it would drop what only a project's own shared libraries need.
    # Not those of Abseil's flags, logs and random numbers, which nasc does not use: in Debian 13 two
    # of them register flags while they are loaded, in an order that may crash.
    return [
        "-l" + name
        for name in names
        if not [prefix for prefix in _UNUSED_ABSEIL if name.startswith("absl_" + prefix)]
    ]

def _link_headers(ctx, library):
    folder = "/usr/include/" + library.include
    for header in ctx.execute(["find", folder, "-type", "f", "-printf", "%P\\n"]).stdout.splitlines():
        target = library.include + "/" + header
        if header in library.rewritten:
            ctx.template(target, folder + "/" + header, library.rewritten[header])
        else:
            ctx.symlink(folder + "/" + header, target)

def _system_libraries_impl(ctx):
    missing = {}
    build = ["package(default_visibility = [\"//visibility:public\"])\n"]

    for name, tool in _TOOLS.items():
        path = ctx.which(tool)
        if path:
            ctx.symlink(path, "bin/" + name)
            build.append("alias(name = \"{0}\", actual = \"bin/{0}\")\n".format(name))
        else:
            missing[tool] = True

    for name, library in _LIBRARIES.items():
        if not ctx.path("/usr/include/" + library.header).exists:
            missing[library.package] = True
            continue
        hdrs = "[]"
        if library.include:
            _link_headers(ctx, library)
            hdrs = "glob([\"{}/**\"])".format(library.include)
        build.append("""cc_library(
    name = "{name}",
    hdrs = {hdrs},
    includes = {includes},
    defines = {defines},
    linkopts = {linkopts},
    deps = {deps},
)
""".format(
            name = name,
            hdrs = hdrs,
            includes = repr([library.include] if library.include else []),
            defines = repr(library.defines),
            linkopts = repr(_abseil_linkopts(ctx) if name == "absl" else library.linkopts),
            deps = repr([":" + dep for dep in library.deps]),
        ))

    if missing:
        fail("nasc: not installed: {}; run tools/setup.sh".format(", ".join(missing.keys())))
    ctx.file("BUILD", "\n".join(build))

system_libraries = repository_rule(
    implementation = _system_libraries_impl,
    environ = ["PATH"],
    local = True,  # look again after every server start: packages come and go outside Bazel
)
