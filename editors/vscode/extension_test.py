"""The parts of the extension that need no editor: its files are well formed and know the language."""

import json
import os
import re
import sys
import unittest

PACKAGE, GRAMMAR = (os.path.abspath(path) for path in sys.argv[1:3])
FOLDER = os.path.dirname(PACKAGE)


def load(*parts):
    with open(os.path.join(FOLDER, *parts), encoding="utf-8") as file:
        return json.load(file)


def keywords():
    """The words of the language's grammar: lexer rules that are one literal of letters."""
    with open(GRAMMAR, encoding="utf-8") as file:
        return re.findall(r"^[A-Z_]+: '([a-z_]+)';$", file.read(), re.MULTILINE)


class Package(unittest.TestCase):

    def test_names_files_that_are_there(self):
        package = load("package.json")
        contributes = package["contributes"]
        for path in (package["main"], contributes["languages"][0]["configuration"],
                     contributes["grammars"][0]["path"]):
            self.assertTrue(os.path.exists(os.path.join(FOLDER, path)), path)

    def test_language(self):
        contributes = load("package.json")["contributes"]
        language, = contributes["languages"]
        self.assertEqual(language["extensions"], [".space", ".arch"])
        self.assertEqual(contributes["grammars"][0]["language"], language["id"])
        self.assertEqual(contributes["grammars"][0]["scopeName"],
                         load("syntaxes", "nasc.tmLanguage.json")["scopeName"])
        self.assertIn("nasc.path", contributes["configuration"]["properties"])

    def test_dependencies_are_locked(self):
        package, lock = load("package.json"), load("package-lock.json")
        self.assertEqual(lock["packages"][""]["dependencies"], package["dependencies"])
        for name, version in package["dependencies"].items():
            self.assertEqual(lock["packages"]["node_modules/" + name]["version"], version)

    def test_patterns_of_the_configuration_compile(self):
        configuration = load("language-configuration.json")
        re.compile(configuration["wordPattern"])
        for pattern in configuration["indentationRules"].values():
            re.compile(pattern)
        for rule in configuration["onEnterRules"]:
            re.compile(rule["beforeText"])


class Colours(unittest.TestCase):

    def setUp(self):
        grammar = load("syntaxes", "nasc.tmLanguage.json")
        self.rules = []
        for include in grammar["patterns"]:
            name = include["include"]
            self.assertTrue(name.startswith("#"))
            for rule in grammar["repository"][name[1:]]["patterns"]:
                self.rules.append((re.compile(rule["match"]), rule))
        self.assertEqual({"#" + name for name in grammar["repository"]},
                         {include["include"] for include in grammar["patterns"]})

    def scopes(self, text):
        """[(piece, scope)] of a line, as an editor finds them: the earliest match, then the first rule."""
        found, at = [], 0
        while at < len(text):
            matches = [(match.start(), order, match, rule)
                       for order, (regex, rule) in enumerate(self.rules)
                       if (match := regex.search(text, at)) and match.group()]
            if not matches:
                break
            _, _, match, rule = min(matches, key=lambda found: found[:2])
            if "name" in rule:
                found.append((match.group(), rule["name"]))
            for group, capture in rule.get("captures", {}).items():
                found.append((match.group(int(group)), capture["name"]))
            at = match.end()
        return found

    def test_every_keyword_is_one(self):
        words = keywords()
        self.assertGreater(len(words), 40)
        for word in words:
            if word == "identity":  # an operation elsewhere
                self.assertEqual(self.scopes(word), [])
                (piece, scope), _ = self.scopes('identity "0"')
            else:
                (piece, scope), = self.scopes(word)
            self.assertEqual(piece, word)
            self.assertRegex(scope, r"^(keyword|constant\.language)\.", word)
            self.assertEqual(self.scopes(f"x{word}x"), [], word)

    def test_lines(self):
        for line, expected in (
                ("op sep_conv(kernel, squeeze = 0) = relu -> conv(1)", [
                    ("op", "keyword.declaration"), ("sep_conv", "entity.name.function"),
                    ("squeeze", "variable.parameter"), ("=", "keyword.operator"),
                    ("0", "constant.numeric"), ("=", "keyword.operator"), ("->", "keyword.operator"),
                    ("conv", "entity.name.function"), ("1", "constant.numeric")]),
                ("space my.darts version 1.0.0 // x", [
                    ("space", "keyword.declaration"), ("my.darts", "entity.name.namespace"),
                    ("version", "keyword.declaration"), ("1.0.0", "constant.numeric"),
                    ("// x", "comment.line.double-slash")]),
                ("final at final { steps = 50% }", [
                    ("final", "keyword.other"), ("at", "keyword.other"), ("final", "entity.name.type"),
                    ("steps", "variable.parameter"), ("=", "keyword.operator"),
                    ("50%", "constant.numeric")]),
                ("stride = 1  stride == 2", [
                    ("stride", "variable.parameter"), ("=", "keyword.operator"),
                    ("1", "constant.numeric"), ("stride", "keyword.other"),
                    ("==", "keyword.operator"), ("2", "constant.numeric")]),
                ("/// doc", [("/// doc", "comment.line.documentation")]),
                ('import "a.space"', [("import", "keyword.control.import"),
                                      ('"a.space"', "string.quoted.double")]),
        ):
            self.assertEqual(self.scopes(line), [(piece, scope + ".nasc") for piece, scope in expected])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
