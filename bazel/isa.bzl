"""Kernels for several instruction sets in one program."""

load("@rules_cc//cc:defs.bzl", "cc_library")

# A set's compiler flags and the bytes of its vectors.
_SETS = {
    "avx2": (["-mavx2", "-mfma"], 32),
    "avx512": (["-mavx512f", "-mavx512vl", "-mavx512dq", "-mfma", "-mprefer-vector-width=512"], 64),
}

def isa_library(name, srcs, hdrs, **kwargs):
    """Compiles the same sources once for each instruction set.

    Each is in a namespace of the set's name, NASC_ISA, so that the program can choose when it runs.

    Args:
      name: the cc_library that holds all of them.
      srcs: the sources. They must not define inline functions outside namespace NASC_ISA: the linker
        would take any one of them, also for processors that lack its instructions.
      hdrs: the headers that declare the functions of every set.
      **kwargs: the usual attributes of cc_library.
    """
    for isa, (flags, bytes) in _SETS.items():
        cc_library(
            name = name + "_" + isa,
            srcs = srcs + hdrs,
            copts = ["-O3", "-Wno-psabi"] + flags,
            local_defines = ["NASC_ISA=" + isa, "NASC_VECTOR_BYTES=" + str(bytes)],
            visibility = ["//visibility:private"],
        )
    cc_library(
        name = name,
        hdrs = hdrs,
        deps = [":" + name + "_" + isa for isa in _SETS],
        **kwargs
    )
