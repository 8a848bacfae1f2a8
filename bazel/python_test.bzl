"""Tests written in Python."""

def python_test(name, src, args = [], data = [], **kwargs):
    """Runs a Python script; it passes when the script exits with 0.

    Not a py_test, because the interpreter matters: the system's python3 is the one that has the
    system's PyTorch. $NASC_PYTHON names another one.

    Args:
      name: the test.
      src: the script.
      args: its arguments; $(location ...) works.
      data: files that it reads or runs.
      **kwargs: the usual attributes of a test (size, tags, timeout, ...).
    """
    native.sh_test(
        name = name,
        srcs = [str(Label("//bazel:python_test.sh"))],
        args = ["$(location {})".format(src)] + args,
        data = [src] + data,
        **kwargs
    )
