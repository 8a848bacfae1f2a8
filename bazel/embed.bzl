"""Texts that are part of a program."""

def embed(name, array, folder, srcs, **kwargs):
    """Generates the header <name>.h with an array of pairs of a path and the text of that file.

    Args:
      name: the rule and the header.
      array: what C++ calls the array, in namespace nasc.
      folder: paths in the array are relative to this folder of the workspace.
      srcs: the files.
      **kwargs: the usual attributes of a rule.
    """
    script = str(Label("//bazel:embed.sh"))
    native.genrule(
        name = name,
        srcs = srcs,
        outs = [name + ".h"],
        cmd = "$(execpath {}) {} {} $(SRCS) > $@".format(script, array, folder),
        tools = [script],
        **kwargs
    )
