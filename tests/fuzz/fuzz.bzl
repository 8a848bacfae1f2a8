"""Targets for libFuzzer."""

def fuzz_target(name, deps):
    """A fuzz target <name>.cc with a function LLVMFuzzerTestOneInput.

    Makes a test <name>_replay that runs it over every file of corpus/<name>, with any compiler, and
    a binary <name> that only links with clang: see run.sh.

    Args:
      name: the target.
      deps: what the function needs.
    """
    native.cc_library(
        name = name + "_target",
        testonly = True,
        srcs = [name + ".cc"],
        alwayslink = True,
        deps = deps + [":fuzz_target_header"],
    )
    native.cc_binary(
        name = name,
        testonly = True,
        linkopts = ["-fsanitize=fuzzer"],
        tags = ["manual"],
        deps = [":" + name + "_target"],
    )
    native.cc_test(
        name = name + "_replay",
        size = "medium",
        srcs = ["replay.cc"],
        args = [native.package_name() + "/corpus/" + name],
        data = native.glob(["corpus/" + name + "/*"]),
        deps = [
            ":" + name + "_target",
            ":fuzz_target_header",
            "//dsl:sources",
        ],
    )
