"""Starts `nasc lsp` and talks to it as an editor would."""

import json
import os
import shutil
import sys
import tempfile
import unittest
from urllib.parse import unquote, urlparse

from editor import ADAPTED, PARTS, SPACE, Editor

NASC, DARTS = (os.path.abspath(path) for path in sys.argv[1:3])


class LspTest(unittest.TestCase):

    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        self.write("parts.space", PARTS)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def text_in(self, text, span):
        line = text.split("\n")[span["start"]["line"]].encode("utf-16-le")
        self.assertEqual(span["start"]["line"], span["end"]["line"])
        return line[2 * span["start"]["character"]:2 * span["end"]["character"]].decode("utf-16-le")


class Session(LspTest):
    """What an editor asks; one server for all tests, as it takes a while to start."""

    @classmethod
    def setUpClass(cls):
        cls.cache = os.path.realpath(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, cls.cache)
        cls.editor = Editor(NASC, cls.cache)
        cls.addClassCleanup(cls.editor.stop)
        cls.editor.initialize()

    def setUp(self):
        super().setUp()
        self.editor.folder = self.folder
        self.addCleanup(self.editor.close_all)

    def open_good(self):
        self.assertEqual(self.editor.open("tiny.space", ADAPTED), [])

    def test_mistakes_are_shown_and_cleared(self):
        text = ADAPTED.replace("max_pool(3)", "max_pol(3)").replace("-> bn\n", "-> bnn\n")
        found = self.editor.open("tiny.space", text)
        self.assertEqual([self.text_in(text, d["range"]) for d in found], ["max_pol", "bnn"])
        self.assertEqual({d["code"] for d in found}, {"unknown-operation"})
        self.assertEqual({d["severity"] for d in found}, {1})
        self.assertIn("did you mean 'max_pool'?", found[0]["message"])
        self.assertEqual(self.editor.change("tiny.space", ADAPTED), [])

    def test_shapes_are_checked_with_notes(self):
        text = ADAPTED.replace("pool = max_pool(3)", "pool = max_pool(3) -> conv(1, filters = 7)")
        found, = self.editor.open("tiny.space", text)
        self.assertEqual(found["code"], "unlike-candidates")
        place = found["relatedInformation"][0]["location"]
        self.assertEqual(place["uri"], self.editor.uri("tiny.space"))
        self.assertIn("edges 2 of earlier", self.text_in(text, place["range"]))

    def test_searches_are_checked(self):
        self.write("tiny.space", ADAPTED)
        text = ('import "tiny.space"\nsearch s {\n  space tiny at smal\n  data fashion_mnist\n'
                "  strategy darts { ordr = 1 }\n  budget steps 3\n}\n")
        found = self.editor.open("search.space", text)
        self.assertEqual([self.text_in(text, d["range"]) for d in found], ["smal", "ordr"])

    def test_architectures_are_parsed(self):
        found, = self.editor.open("a.arch", "architecture tiny version 1.0.0 {\n  normal.n0.edges { a }\n}")
        self.assertEqual((found["code"], found["range"]["start"]["line"]), ("syntax", 1))
        self.assertEqual(
            self.editor.change("a.arch", "architecture tiny version 1.0.0 { n.n0.edges = { a } }"), [])
        self.assertIsNone(self.editor.at("hover", "a.arch", "edges"))

    def test_changes_of_ranges(self):
        self.open_good()
        before = self.editor.position("tiny.space", "pool = ", "max_pool")
        after = dict(before, character=before["character"] + len("max_pool"))
        self.editor.notify(
            "textDocument/didChange",
            textDocument={"uri": self.editor.uri("tiny.space"), "version": 3},
            contentChanges=[{"range": {"start": before, "end": after}, "text": "ü😀"},
                            {"range": {"start": dict(before, character=before["character"] + 3),
                                       "end": dict(before, character=before["character"] + 3)},
                             "text": "x"}])
        found = self.editor.diagnostics("tiny.space")
        self.assertNotEqual(found, [])
        text = ADAPTED.replace("= max_pool", "= ü😀x")
        self.assertEqual(self.text_in(text, found[0]["range"]), "😀")

    def test_positions_are_utf16(self):
        # A letter of two units, one code point and four bytes.
        text = ADAPTED.replace("pool = max_pool(3)", "größe𝒳 = max_pool(3) -> max_pol(3)")
        found, = self.editor.open("tiny.space", text)
        self.assertEqual(self.text_in(text, found["range"]), "max_pol")
        self.assertIn("max_pool(kernel", self.editor.hover("tiny.space", "größe𝒳 = ", "max_pool"))
        place = self.editor.at("definition", "tiny.space", "", "größe𝒳")
        self.assertEqual(self.text_in(text, place["range"]), "größe𝒳")

    def test_open_texts_hide_files(self):
        self.open_good()
        # The import is broken only in the editor; both texts show it.
        self.editor.notify("textDocument/didOpen", textDocument={
            "uri": self.editor.uri("parts.space"), "languageId": "nasc", "version": 1,
            "text": PARTS.replace("-> relu", "-> rel")})
        own = self.editor.diagnostics("parts.space")
        importer, = self.editor.diagnostics("tiny.space")
        self.assertEqual(own[0]["code"], "unknown-operation")
        self.assertIn("parts.space:4:25", importer["message"])
        self.assertEqual(importer["relatedInformation"][0]["location"]["range"], own[0]["range"])
        self.editor.notify("textDocument/didClose",
                           textDocument={"uri": self.editor.uri("parts.space")})
        self.assertEqual(self.editor.diagnostics("parts.space"), [])
        self.assertEqual(self.editor.diagnostics("tiny.space"), [])

    def test_saving_checks_again(self):
        os.remove(os.path.join(self.folder, "parts.space"))
        self.assertEqual(self.editor.open("tiny.space", ADAPTED)[0]["code"], "cannot-read")
        self.write("parts.space", PARTS)
        self.editor.notify("textDocument/didSave",
                           textDocument={"uri": self.editor.uri("tiny.space")})
        self.assertEqual(self.editor.diagnostics("tiny.space"), [])

    def test_hover_on_names(self):
        self.open_good()
        for before, word, *pieces in (
                ("conv = ", "half_conv", "op half_conv(kernel, part = 1/2)",
                 "A convolution of part of the width."),
                ("-> ", "twice_relu", "op twice_relu", "Twice the same.", "parts.space, line 4"),
                ("{ ", "relu_conv_bn", "op relu_conv_bn(kernel)", "std/cnn.space"),
                ("= ", "max_pool", "max_pool(kernel, stride = stride", "greatest value"),
                ("kernel, ", "filters = part", "filters = filters", "`conv`"),
                ("filters = ", "part", "part = 1/2"),
                ("one of ", "candidates", "ops candidates"),
                ("like ", "normal", "cell normal(prev_prev, prev)"),
                ("3 * ", "width", "width = 4  // scale small\nwidth = 8  // scale large"),
                ("linear(", "classes", "the number of classes"),
                ("import ", "std.cnn", "library std.cnn", "Operations of convolutional spaces"),
        ):
            text = self.editor.hover("tiny.space", before, word)
            for piece in pieces:
                self.assertIn(piece, text, (before, word))
        self.assertEqual(self.editor.hover("tiny.space", "\n", "\nops"), "")

    def test_hover_counts(self):
        self.open_good()
        # A node picks 2 of 2 and 2 of 3 earlier values, each with one of three operations.
        cell = 3**2 * 3 * 3**2
        self.assertIn(f"6 decisions, {cell} architectures".replace("6", "7"),
                      self.editor.hover("tiny.space", "cell ", "reduction"))
        self.assertIn(f"14 decisions, {cell**2} architectures",
                      self.editor.hover("tiny.space", "space ", "tiny"))

    def test_hover_shapes(self):
        self.open_good()
        self.assertIn("`f32[N,12,8,8]` at `stem.conv1`",
                      self.editor.hover("tiny.space", "stem ", "conv"))
        self.assertIn("`f32[N,10]` at `head.linear`",
                      self.editor.hover("tiny.space", "-> ", "linear"))
        shapes = self.editor.hover("tiny.space", "", "edges 2")
        self.assertIn("At scale `small`", shapes)
        self.assertIn("`f32[N,4,8,8]`", shapes)
        self.assertIn("`f32[N,4,4,4]`", shapes)
        self.assertIn("`f32[N,4,4,4]` at", self.editor.hover("tiny.space", "", "pool ="))

    def test_definitions(self):
        self.open_good()
        def definition(before, word):
            return self.editor.at("definition", "tiny.space", before, word)
        for before, word, source in (("conv = ", "half_conv", ADAPTED), ("one of ", "candidates", ADAPTED),
                                     ("like ", "normal", ADAPTED), ("filters = ", "part", ADAPTED),
                                     ("concat(", "n)", ADAPTED), ("-> ", "twice_relu", PARTS)):
            place = definition(before, word)
            name = "tiny.space" if source is ADAPTED else "parts.space"
            self.assertEqual(place["uri"], self.editor.uri(name))
            self.assertEqual(self.text_in(source, place["range"]), word.rstrip(")"))
        self.assertEqual(definition("import ", '"parts')["uri"], self.editor.uri("parts.space"))
        self.assertIsNone(definition("= ", "max_pool"))

    def test_definitions_of_the_library_are_files(self):
        self.open_good()
        place = self.editor.at("definition", "tiny.space", "  ", "skip_connect")
        path = unquote(urlparse(place["uri"]).path)
        self.assertTrue(path.startswith(self.cache), path)
        self.assertFalse(os.stat(path).st_mode & 0o222, "the copy is read-only")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(self.text_in(file.read(), place["range"]), "skip_connect")

    def test_references(self):
        self.open_good()
        places = self.editor.at("references", "tiny.space", "op ", "half_conv",
                                context={"includeDeclaration": True})
        self.assertEqual([self.text_in(ADAPTED, p["range"]) for p in places], ["half_conv"] * 2)
        places = self.editor.at("references", "tiny.space", "op ", "half_conv",
                                context={"includeDeclaration": False})
        self.assertEqual(len(places), 1)

    def test_completion(self):
        self.open_good()
        def labels(old, new, before):
            self.editor.change("tiny.space", ADAPTED.replace(old, new))
            return self.editor.labels("tiny.space", before)
        names = labels("conv = half_conv(3) -> bn", "conv = half_conv(3) -> h", "(3) -> h")
        for name in ("half_conv", "twice_relu", "sep_conv", "conv", "width", "normal", "when"):
            self.assertIn(name, names)
        self.assertEqual(labels("one of candidates", "one of ", "one of "), ["candidates"])
        self.assertEqual(labels("like normal", "like n", "like n"), ["normal", "reduction"])
        self.assertEqual(labels("max_pool(3)", "max_pool(", "max_pool(")[:3],
                         ["kernel", "stride", "padding"])
        self.assertIn("part", labels("half_conv(3)", "half_conv(3, ", "half_conv(3, ")[:2])
        self.assertIn("std.cnn", labels("import std.cnn", "import std.", "import std."))
        self.assertIn("kernel", labels("= relu -> conv(kernel", "= relu -> conv(k", "-> conv(k"))

    def test_completion_replaces_what_is_typed(self):
        text = ADAPTED.replace("import std.cnn", "import std.c")
        self.editor.open("tiny.space", text)
        item, = [item for item in self.editor.at("completion", "tiny.space", "import std.c")
                 if item["label"] == "std.cnn"]
        self.assertEqual(self.text_in(text, item["textEdit"]["range"]), "std.c")

    def test_completion_in_a_search(self):
        self.write("tiny.space", ADAPTED)
        text = ('import "tiny.space"\nsearch s {\n  space tiny at small\n  data fashion_mnist { }\n'
                "  strategy darts { order = 1 }\n  final at large { }\n}\n")
        self.editor.open("search.space", text)
        self.assertEqual(self.editor.labels("search.space", "space "), ["tiny"])
        self.assertEqual(self.editor.labels("search.space", "tiny at "), ["small", "large"])
        self.assertIn("darts", self.editor.labels("search.space", "strategy "))
        self.assertIn("pad", self.editor.labels("search.space", "mnist { "))
        self.assertIn("order", self.editor.labels("search.space", "darts { "))
        self.assertNotIn("order", self.editor.labels("search.space", "large { "))
        self.assertIn("cutout", self.editor.labels("search.space", "large { "))

    def test_quick_fix(self):
        for right, wrong in (("max_pool(3)", "max_pol(3)"), ("import std.cnn", "import std.cn"),
                             ("one of candidates", "one of candidats")):
            text = ADAPTED.replace(right, wrong)
            self.editor.open("tiny.space", text)
            line = text[:text.index(wrong)].count("\n")
            action, *_ = self.editor.ask(
                "textDocument/codeAction", textDocument={"uri": self.editor.uri("tiny.space")},
                range={"start": {"line": line, "character": 0}, "end": {"line": line, "character": 99}},
                context={"diagnostics": []})
            edit, = action["edit"]["changes"][self.editor.uri("tiny.space")]
            lines = text.split("\n")
            start, end = edit["range"]["start"]["character"], edit["range"]["end"]["character"]
            lines[line] = lines[line][:start] + edit["newText"] + lines[line][end:]
            self.assertEqual("\n".join(lines), ADAPTED)
            self.assertEqual(action["kind"], "quickfix")

    def test_formatting(self):
        def formatted(text):
            self.editor.open("tiny.space", text)
            edits = self.editor.ask("textDocument/formatting",
                                    textDocument={"uri": self.editor.uri("tiny.space")},
                                    options={"tabSize": 8, "insertSpaces": False})
            self.editor.close_all()
            return edits

        [edit] = formatted(SPACE.replace("ops candidates {", "ops   candidates{"))
        self.assertIn("ops candidates {\n", edit["newText"])
        self.assertEqual(edit["range"]["start"], {"line": 0, "character": 0})
        self.assertGreater(edit["range"]["end"]["line"], SPACE.count("\n"))
        self.assertEqual(formatted(edit["newText"]), [])
        self.assertIsNone(formatted(SPACE.replace("ops candidates {", "ops {")))

    def test_definitions_of_slots(self):
        text = SPACE.replace("edges 2 of earlier { one of candidates }\n    merge sum",
                             "slots 2 of earlier as (left, right)\n    then sum(left, right)")
        self.editor.open("tiny.space", text)
        result = self.editor.at("definition", "tiny.space", "then sum(left, ", "right")
        self.assertEqual(self.text_in(text, result["range"]), "right")

    def test_symbols(self):
        self.open_good()
        symbols = self.editor.ask("textDocument/documentSymbol",
                                  textDocument={"uri": self.editor.uri("tiny.space")})
        self.assertEqual(
            [symbol["name"] for symbol in symbols],
            ["tiny", "candidates", "half_conv", "normal", "reduction", "network", "small", "large"])
        self.assertEqual([child["name"] for child in symbols[1]["children"]],
                         ["none", "skip_connect", "pool", "conv"])
        for symbol in symbols:
            inner, outer = symbol["selectionRange"], symbol["range"]
            key = lambda p: (p["line"], p["character"])
            self.assertLessEqual(key(outer["start"]), key(inner["start"]))
            self.assertLessEqual(key(inner["end"]), key(outer["end"]))

    def test_examples(self):
        with open(DARTS, encoding="utf-8") as file:
            self.assertEqual(self.editor.open("darts.space", file.read()), [])
        self.assertIn("1076746950455072400 architectures",
                      self.editor.hover("darts.space", "space ", "darts"))

    def test_hover_works_in_text_that_does_not_parse(self):
        text = ADAPTED.replace("output concat(n)\n}", "output concat(")
        self.assertNotEqual(self.editor.open("tiny.space", text), [])
        self.assertIn("op half_conv", self.editor.hover("tiny.space", "conv = ", "half_conv"))
        self.assertIn("cell normal", self.editor.hover("tiny.space", "like ", "normal"))


class Protocol(LspTest):
    """How a session begins and ends, and what is no good message: a server for each test."""

    def setUp(self):
        super().setUp()
        self.editor = Editor(NASC, os.path.join(self.folder, "cache"))
        self.addCleanup(self.editor.stop)
        self.editor.folder = self.folder

    def test_leaves_in_order(self):
        self.editor.initialize()
        self.assertIsNone(self.editor.ask("shutdown"))
        self.assertEqual(self.editor.ask_for("textDocument/hover")["error"]["code"], -32600)
        self.editor.notify("exit")
        self.assertEqual(self.editor.server.wait(), 0)
        self.assertEqual(self.editor.server.stdout.read(), b"")

    def test_leaves_without_shutdown(self):
        self.editor.initialize()
        self.editor.notify("exit")
        self.assertEqual(self.editor.server.wait(), 1)

    def test_end_of_input_ends_it(self):
        self.editor.server.stdin.close()
        self.assertEqual(self.editor.server.wait(), 1)
        self.editor.server.stdin = open(os.devnull, "wb")

    def test_terminate_ends_it(self):
        self.editor.initialize()
        self.editor.server.terminate()
        self.assertEqual(self.editor.server.wait(), -15)

    def test_initialize_comes_first_and_once(self):
        self.editor.notify("textDocument/didOpen", textDocument={})
        self.assertEqual(self.editor.ask_for("textDocument/hover")["error"]["code"], -32002)
        capabilities = self.editor.initialize()
        self.assertEqual(capabilities["positionEncoding"], "utf-16")
        self.assertEqual(self.editor.ask_for("initialize")["error"]["code"], -32600)

    def test_unknown_methods(self):
        self.editor.initialize()
        self.editor.notify("$/cancelRequest", id=7)
        self.editor.notify("nasc/unknown")
        self.assertEqual(self.editor.ask_for("nasc/unknown")["error"]["code"], -32601)

    def test_malformed_messages_are_answered(self):
        self.editor.initialize()
        for data, code in (
                (b"Content-Length: 1\r\n\r\n{", -32700),
                (b"Content-Length: 2\r\n\r\n[]", -32600),
                (b"Content-Length: 4\r\n\r\n\"\xff\xff\"", -32700),
                (b"Content-Length: x\r\n\r\n", -32700),
                (b"no header\r\n\r\n", -32700),
                (b"Content-Length: 10000\r\n\r\n" + b"[" * 10000, -32700),
                (b'Content-Length: 26\r\n\r\n{"id":[1],"method":"hover"}'[:-1] + b"}", -32700),
        ):
            self.editor.send_bytes(data)
            self.assertEqual(self.editor.receive()["error"]["code"], code, data[:40])

    def test_bad_parameters_are_answered(self):
        self.editor.initialize()
        self.assertEqual(self.editor.open("a.space", "op f = relu"), [])
        uri = self.editor.uri("a.space")
        for params in ({}, {"textDocument": 3}, {"textDocument": {"uri": 1}}, {"textDocument": {"uri": uri}},
                       {"textDocument": {"uri": uri}, "position": {"line": 1.5, "character": 0}},
                       {"textDocument": {"uri": uri}, "position": {"line": "a", "character": 0}}):
            self.assertEqual(self.editor.ask_for("textDocument/hover", **params)["error"]["code"], -32602)
        for line, character in ((-1, -1), (10**18, 10**18), (0, 10**18), (99, 0)):
            self.editor.ask("textDocument/hover", textDocument={"uri": uri},
                            position={"line": line, "character": character})
        self.assertIsNone(self.editor.ask("textDocument/hover", textDocument={"uri": "untitled:x"},
                                          position={"line": 0, "character": 0}))
        # Notifications have no answer.
        self.editor.notify("textDocument/didChange", textDocument={"uri": uri}, contentChanges=3)
        self.editor.notify("textDocument/didChange", textDocument={"uri": "file:///none", "version": 1},
                           contentChanges=[])
        self.editor.notify("textDocument/didClose", textDocument={"uri": "file:///none"})
        self.assertEqual(self.editor.change("a.space", "op f = bn", 9), [])

    def test_unsaved_text(self):
        self.editor.initialize()
        self.editor.notify("textDocument/didOpen", textDocument={
            "uri": "untitled:Untitled-1", "languageId": "nasc", "version": 1, "text": "op f = rel"})
        message = self.editor.receive()
        self.assertEqual(message["params"]["uri"], "untitled:Untitled-1")
        self.assertEqual(message["params"]["diagnostics"][0]["code"], "unknown-operation")

    def test_names_of_files_may_be_strange(self):
        self.editor.initialize()
        folder = os.path.join(self.folder, "a b ü")
        os.mkdir(folder)
        self.write("a b ü/parts.space", PARTS)
        uri = "file://" + self.folder + "/a%20b%20%C3%BC/tiny.space"
        self.editor.notify("textDocument/didOpen", textDocument={
            "uri": uri, "languageId": "nasc", "version": 1, "text": ADAPTED})
        message = self.editor.receive()
        self.assertEqual(message["params"], {"uri": uri, "version": 1, "diagnostics": []})

    def test_devices_are_not_read(self):
        self.editor.initialize()
        found = self.editor.open("a.space", 'import "/dev/zero"\nop f = relu')
        self.assertEqual([d["code"] for d in found], ["cannot-read"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
