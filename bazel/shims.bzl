"""Stand-ins for the repositories that Bazel would fetch for itself.

Bazel's built-in tools load @rules_cc, @rules_java and others even in a workspace that never names
them. Debian ships these as packages; declaring them here keeps every build offline.
"""

_DEBIAN = "/usr/share/bazel"

# Debian's rules_cc is newer than its Bazel, which cannot load it. The built-in rules are what
# rules_cc wraps, so a defs.bzl that hands those out is all that is needed.
_CC_RULES = [
    "cc_binary",
    "cc_import",
    "cc_library",
    "cc_proto_library",
    "cc_test",
    "cc_toolchain",
    "cc_toolchain_suite",
    "fdo_prefetch_hints",
    "fdo_profile",
    "objc_import",
    "objc_library",
]

_CC_FILES = [
    "action_names.bzl",
    "cc_toolchain_config_lib.bzl",
    "find_cc_toolchain.bzl",
]

def _written_repository_impl(ctx):
    for path, content in ctx.attr.files.items():
        ctx.file(path, content)
    for path, target in ctx.attr.links.items():
        ctx.symlink(target, path)

_written_repository = repository_rule(
    implementation = _written_repository_impl,
    local = True,
    attrs = {
        "files": attr.string_dict(doc = "path in the repository: its text"),
        "links": attr.string_dict(doc = "path in the repository: the file it stands for"),
    },
)

def shim_repositories():
    """Declares the repositories that Bazel's own rules expect."""
    native.local_repository(name = "bazel_skylib", path = _DEBIAN + "/tools/skylib")
    native.local_repository(name = "platforms", path = _DEBIAN + "/tools/platforms")
    native.local_repository(name = "rules_java", path = _DEBIAN + "/rules/java")
    native.local_repository(name = "rules_proto", path = _DEBIAN + "/rules/proto")

    _written_repository(
        name = "rules_cc",
        files = {
            "BUILD": "",
            "cc/BUILD": "exports_files(glob([\"*.bzl\"]))\n",
            "cc/defs.bzl": "".join(["{0} = native.{0}\n".format(rule) for rule in _CC_RULES]),
        },
        links = {"cc/" + name: _DEBIAN + "/rules/cc/cc/" + name for name in _CC_FILES},
    )

    # Every test depends on this one, also when no coverage is collected.
    _written_repository(
        name = "remote_coverage_tools",
        files = {
            "BUILD": """filegroup(
    name = "coverage_report_generator",
    visibility = ["//visibility:public"],
)
""",
        },
    )
