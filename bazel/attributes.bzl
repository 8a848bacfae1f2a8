"""Attributes that several rules have."""

load(":providers.bzl", "NasInfo")

# Of the configuration of the target, so that it is not compiled a second time as a tool of the
# build: what it writes is for the machine that builds.
DRIVER = attr.label(
    default = "//cli:nasc",
    executable = True,
    cfg = "target",
    doc = "The driver; one of your own can link more strategies.",
)

DEPS = attr.label_list(
    providers = [NasInfo],
    doc = "Targets of `nas_space` and `nas_library` that it imports.",
)

DATA = attr.label_list(
    allow_files = True,
    doc = "Other files that it names: tables, data.",
)

# The declaration of a file with several.
SEARCH = attr.string(
    doc = "The declaration's name; needed where the file has several.",
)

def all_sources(srcs, deps):
    """The depset of `.space` files that come together.

    Args:
      srcs: files.
      deps: targets of spaces and libraries that they import.
    """
    return depset(srcs, transitive = [dep[NasInfo].sources for dep in deps])

def all_folders(deps, own = []):
    """The depset of folders that `import a.b` looks in.

    Args:
      deps: targets of spaces and libraries that are imported.
      own: folders beside theirs.
    """
    return depset(own, transitive = [dep[NasInfo].folders for dep in deps])

def import_environment(folders):
    """What actions that run the driver have in their environment.

    Args:
      folders: of all_folders.
    """
    return {"NASC_PATH": ":".join([folder.path for folder in folders.to_list()])}
