"""The examples of the rules are Starlark, load what they use, and give what the rules take."""

import ast
import inspect
import re
import sys
import unittest

import bazel_page

THINGS = {name: thing for name, thing in bazel_page.public(sys.argv[1]) if thing is not None}
# Those of every rule.
COMMON = {"name", "tags", "testonly", "visibility"}


def takes(thing):
    """The arguments that there are, and those that are required."""
    if isinstance(thing, bazel_page.Rule):
        required = {name for name, attribute in thing.attrs.items() if attribute.mandatory}
        return set(thing.attrs), required
    parameters = inspect.signature(thing).parameters.values()
    named = [p for p in parameters if p.kind is not p.VAR_KEYWORD]
    return {p.name for p in named}, {p.name for p in named if p.default is p.empty}


class Examples(unittest.TestCase):

    def test_say_what_the_rules_take(self):
        for name, thing in THINGS.items():
            if isinstance(thing, bazel_page.Provider):
                continue
            with self.subTest(name):
                blocks = re.findall(r"```python\n(.*?)```", bazel_page.text_of(thing), re.DOTALL)
                self.assertTrue(blocks, "has no example")
                self.assertIn(name, [call for block in blocks for call in self.calls(block)])

    def calls(self, block):
        """The names that are called, each checked."""
        loaded = set()
        for statement in ast.parse(block).body:
            call = statement.value
            self.assertIsInstance(call, ast.Call)
            if call.func.id == "load":
                label, *names = (argument.value for argument in call.args)
                if label == "@nasc//bazel:nas.bzl":
                    self.assertLessEqual(set(names), set(THINGS), "nas.bzl has no such rule")
                loaded |= set(names)
                continue
            self.assertIn(call.func.id, loaded)
            if call.func.id in THINGS:
                self.check(call)
            yield call.func.id

    def check(self, call):
        known, required = takes(THINGS[call.func.id])
        given = {keyword.arg for keyword in call.keywords}
        self.assertLessEqual(given, known | COMMON)
        self.assertLessEqual(required, given)
        self.assertEqual([argument for argument in call.args], [])

    def test_attributes_are_documented(self):
        for name, thing in THINGS.items():
            if isinstance(thing, bazel_page.Rule):
                for attribute, about in thing.attrs.items():
                    self.assertTrue(about.doc, f"{name}.{attribute}")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
