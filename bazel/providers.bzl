"""What targets of spaces tell the rules that use them."""

NasInfo = provider(
    doc = "Files in the language: of a space, of a library, and all that they import.",
    fields = {
        "sources": "depset of `.space` files: its own, and those of its `deps`",
        "folders": "depset of folders that `import a.b` looks in, each a struct of `path` for actions and " +
                   "`short_path` for runfiles",
    },
)

NasSpaceInfo = provider(
    doc = "A space that was checked.",
    fields = {
        "source": "the `.space` file",
        "compiled": "the compiled space: the supernet of each scale, and its identity hash",
        "facts": "what `nasc info --json` says of it: version, identity hash, sizes at each scale",
    },
)
