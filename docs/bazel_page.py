"""Prints docs/bazel.md from the doc strings of the rules: bazel_page.py BAZEL/NAS.BZL.

Starlark is Python but for a few functions, which stand here for what they would do: `load` runs the
other file, `rule` and `provider` keep what they are given.
"""

import ast
import inspect
import os
import sys

INTRODUCTION = """# Bazel rules

{doc} A workspace that uses nasc loads them from `@nasc//bazel:nas.bzl`.
This page is made of the rules: `bazel run //docs:update`.
"""


class Attribute:
    """An attribute of a rule."""

    def __init__(self, kind, default=None, mandatory=False, doc="", **_):
        self.kind, self.default, self.mandatory, self.doc = kind, default, mandatory, doc


class Attributes:
    """The module `attr`."""

    def __getattr__(self, kind):
        return lambda **given: Attribute(kind, **given)


class Rule:
    """What `rule` was given."""

    def __init__(self, doc="", attrs=None, **_):
        self.doc = doc
        self.attrs = {name: a for name, a in (attrs or {}).items() if not name.startswith("_")}


class Provider:
    """What `provider` was given."""

    def __init__(self, doc="", fields=None):
        self.doc, self.fields = doc, fields or {}


class Anything:
    """A value that matters only when Bazel runs."""

    def __getattr__(self, name):
        return Anything()

    def __call__(self, *args, **kwargs):
        return Anything()


def run(path, loaded):
    """The global names of a file."""
    if path in loaded:
        return loaded[path]
    names = loaded[path] = {
        "attr": Attributes(), "rule": lambda **given: Rule(**given), "provider": Provider,
        "native": Anything(), "Label": Anything(), "DefaultInfo": Anything(),
    }

    def load(label, *same, **renamed):
        theirs = None
        if label.startswith(":"):
            theirs = run(os.path.join(os.path.dirname(path), label[1:]), loaded)
        for name, other in [(name, name) for name in same] + list(renamed.items()):
            names[name] = theirs[other] if theirs else Anything()

    names["load"] = load
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), names)  # pylint: disable=exec-used
    return names


def public(path):
    """What a file defines for others, in its order: pairs of a name and what it is."""
    names = run(path, {})
    with open(path, encoding="utf-8") as file:
        tree = ast.parse(file.read())
    yield ast.get_docstring(tree), None
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            name = statement.targets[0].id
            if not name.startswith("_"):
                yield name, names[name]


def with_languages(doc):
    """Says of every code block in which language it is."""
    lines, inside = [], False
    lines_in = doc.strip().split("\n")
    for number, line in enumerate(lines_in):
        if line == "```":
            inside = not inside
            if inside:
                line += "sh" if lines_in[number + 1].startswith("bazel ") else "python"
        lines.append(line)
    return "\n".join(lines)


def table(header, rows):
    """A table of Markdown."""
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def default_of(attribute):
    if attribute.mandatory:
        return "required"
    if attribute.default in (None, "", []):
        return ""
    return f"`{attribute.default}`"


def rule_text(rule):
    rows = [(f"`{name}`", a.kind, default_of(a), a.doc) for name, a in rule.attrs.items()]
    return with_languages(rule.doc) + "\n\n" + table(("attribute", "kind", "default", "is"), rows)


def macro_text(macro):
    doc, _, args = inspect.getdoc(macro).partition("\nArgs:\n")
    parameters = inspect.signature(macro).parameters
    rows = []
    for line in inspect.cleandoc(args).split("\n"):
        name, _, text = line.partition(": ")
        parameter = parameters[name.lstrip("*")]
        required = parameter.default is parameter.empty and not name.startswith("*")
        rows.append((f"`{name}`", "required" if required else "", text))
    return with_languages(doc) + "\n\n" + table(("argument", "default", "is"), rows)


def provider_text(provider):
    rows = [(f"`{name}`", text) for name, text in provider.fields.items()]
    return provider.doc + "\n\n" + table(("field", "is"), rows)


def text_of(thing):
    if isinstance(thing, Rule):
        return rule_text(thing)
    if isinstance(thing, Provider):
        return provider_text(thing)
    return macro_text(thing)


def page(path):
    (doc, _), *things = public(path)
    parts = [INTRODUCTION.format(doc=doc)]
    parts += [f"## {name}\n\n{text_of(thing)}\n" for name, thing in things]
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(sys.argv[1]), end="")
