"""Commands of the real driver beside searches: what they print and write."""

import json
import os
import sys
import unittest

from driver import CELLS, DARTS, TINY, DriverTest, read, run


class Libraries(DriverTest):

    def test_path(self):
        os.makedirs(os.path.join(self.folder, "libs/ours"))
        self.write("libs/ours/parts.space", "library ours.parts version 1.0.0\nop twice = relu -> relu\n")
        space = self.tiny(("import std.cnn", "import std.cnn\nimport ours.parts"),
                          ("head ", "head twice -> "))
        self.fails("check", space, says=["no such library", "--path", "NASC_PATH"])
        run("check", space, "--path", os.path.join(self.folder, "libs"))
        run("--path", os.path.join(self.folder, "libs"), "info", space)


class Compile(DriverTest):

    def test_every_form(self):
        for emit, piece in (("ast", "(cell normal"), ("ir", "decision @normal.n0.edges"),
                            ("program", "softmax("), ("dot", "digraph")):
            output, _ = run("compile", DARTS, "--scale", "search", f"--emit={emit}")
            self.assertIn(piece, output)

    def test_stats(self):
        """Sums are those of the parts, and passes make a program smaller in every respect."""
        def stats(*args):
            output, _ = run("compile", TINY, "--scale", "small", "--emit=program", "--step",
                            "weights", "--stats", "--json", "--batch", "16", *args)
            return json.loads(output)
        plain, fused = stats("--passes", "none"), stats()
        for figures in (plain, fused):
            self.assertEqual(sum(figures["steps"].values()), figures["kernels"])
            self.assertLessEqual(figures["own_kernels"], figures["kernels"])
        for figure in ("kernels", "bytes", "peak_bytes"):
            self.assertLess(fused[figure], plain[figure])
        # What the depthwise convolutions gave is computed again.
        self.assertGreater(fused["macs"], plain["macs"])
        self.assertGreater(fused["steps"]["separable"], 0)
        self.assertNotIn("separable", plain["steps"])
        self.assertLess(stats("--recompute")["peak_bytes"], fused["peak_bytes"])

        output, _ = run("compile", TINY, "--scale", "small", "--emit=program", "--step", "weights",
                        "--stats", "--batch", "16")
        self.assertIn(f"peak memory {fused['peak_bytes'] / 1e6:.1f} MB at batch 16", output)
        self.assertRegex(output, r"separable_gradient +[0-9]+ .* nasc\n")
        self.assertRegex(output, rf"all +{fused['kernels']} ")

    def test_output_file(self):
        path = os.path.join(self.folder, "space.ir")
        run("compile", TINY, "--scale", "small", "-o", path)
        self.assertIn(b"supernet @tiny", read(path))


class Format(DriverTest):

    def test_rewrites_what_differs(self):
        spread = self.tiny(("budget steps 4", "budget   steps 4"))
        errors = self.fails("fmt", "--check", TINY, spread, says=[f"{spread}:42: not formatted",
                                                                  "-   budget   steps 4",
                                                                  "+   budget steps 4"])
        self.assertNotIn(TINY, errors)
        printed, _ = run("fmt", "--stdout", spread)
        self.assertEqual(printed.encode(), read(TINY))
        self.assertNotEqual(read(spread), read(TINY))
        os.chmod(spread, 0o640)
        link = os.path.join(self.folder, "link.space")
        os.symlink(spread, link)
        self.assertEqual(run("fmt", link, TINY)[0], f"{link}\n")
        self.assertEqual(read(spread), read(TINY))
        self.assertTrue(os.path.islink(link))
        self.assertEqual(os.stat(spread).st_mode & 0o777, 0o640)
        self.assertEqual(run("fmt", spread)[0], "")

    def test_leaves_what_does_not_parse(self):
        space = self.tiny(("merge sum", "merge"))
        before = read(space)
        self.fails("fmt", space, os.path.join(self.folder, "none.space"),
                   says=["unexpected", "none.space"])
        self.assertEqual(read(space), before)
        self.fails("fmt", "--stdout", TINY, space, says=["--stdout takes one file"])
        self.fails("fmt", "--stdout", "--check", TINY, says=["--check"], code=2)


class Check(DriverTest):

    def json(self, *args, code=0):
        output, errors = run("check", *args, "--json", code=code)
        self.assertEqual(errors, "")
        return json.loads(output)["files"]

    def warned(self):
        """The tiny space with a setting that nothing uses."""
        return self.tiny(("drop_path = 0.2", "drop_path = 0.2  drop_pth = 0.1"))

    def test_json_of_a_right_file(self):
        self.assertEqual(self.json(TINY), [{"file": TINY, "ok": True, "diagnostics": []}])

    def test_json_of_mistakes(self):
        space = self.tiny(("sep_conv(3)", "sep_cov(3)"), ("merge sum", "merge summ"))
        right, wrong = self.json(TINY, space, code=1)
        self.assertTrue(right["ok"])
        self.assertFalse(wrong["ok"])
        self.assertEqual([d["line"] for d in wrong["diagnostics"]],
                         sorted(d["line"] for d in wrong["diagnostics"]))
        self.assertEqual(wrong["diagnostics"][0], {
            "code": "unknown-operation", "severity": "error",
            "message": "unknown operation 'sep_cov'", "file": space,
            "line": 10, "column": 18, "end_column": 25,
            "notes": [], "fix": "did you mean 'sep_conv'?"})

    def test_json_of_notes(self):
        space = self.tiny(("sep_conv_3x3 = sep_conv(3)", "half = conv(3, stride = 2) -> bn"))
        found = self.json(space, code=1)[0]["diagnostics"][0]
        self.assertEqual(found["code"], "unlike-candidates")
        self.assertIn("merged by", found["notes"][0]["message"])
        self.assertEqual(found["notes"][0]["file"], space)

    def test_json_of_a_file_that_is_not_there(self):
        found = self.json(os.path.join(self.folder, "none.space"), code=1)[0]["diagnostics"][0]
        self.assertEqual((found["code"], found["line"]), ("cannot-read", None))

    def test_warnings_as_errors(self):
        space = self.warned()
        output, errors = run("check", space)
        self.assertIn("ok", output)
        self.assertIn("[unused-setting]", errors)
        self.fails("check", space, "--warnings-as-errors", says=["[unused-setting]"])
        self.assertTrue(self.json(space)[0]["ok"])
        found = self.json(space, "--warnings-as-errors", code=1)[0]
        self.assertFalse(found["ok"])
        self.assertEqual(found["diagnostics"][0]["severity"], "warning")


class Explain(DriverTest):

    def test_every_code_in_one_line(self):
        output, _ = run("explain")
        self.assertIn("unknown-operation", output)
        titles = [line.split(maxsplit=1) for line in output.splitlines()]
        pages, _ = run("explain", *(code for code, _ in titles))
        self.assertNotIn("```", pages)
        for code, title in titles:
            self.assertIn(f"\n{code}: {title}\n", "\n" + pages)
            page = pages[("\n" + pages).index(f"\n{code}: "):]
            self.assertGreater(len(page), len(code) + len(title) + 50)

    def test_unknown_code(self):
        self.fails("explain", "unknown-operatoin", says=["did you mean 'unknown-operation'?"])
        self.fails("explain", "no such code", says=["`nasc explain` lists all"])

    def test_errors_say_it_once(self):
        space = self.tiny(("sep_conv(3)", "sep_cov(3)"), ("merge sum", "merge summ"))
        hint = "`nasc explain unknown-operation` says more\n"
        for command in (("check", space), ("info", space)):
            errors = self.fails(*command, says=[hint])
            self.assertTrue(errors.endswith(hint))
            self.assertEqual(errors.count("says more"), 1)


class Ops(DriverTest):

    def test_list(self):
        output, _ = run("ops")
        for piece in ("primitives", "std.cnn", "global_avg_pool", "sep_conv"):
            self.assertIn(piece, output)

    def test_one(self):
        primitive, _ = run("ops", "conv")
        for piece in ("conv(kernel, filters = ...", "dilation", "default: 1", "Gives"):
            self.assertIn(piece, primitive)
        operation, _ = run("ops", "squeeze_excite")
        self.assertIn("multiply(", operation)
        self.assertNotIn("```", operation)

    def test_unknown(self):
        self.fails("ops", "sep_cov", says=["did you mean 'sep_conv'?"])


class Latency(DriverTest):

    STEM = ("conv 1x32x32 -> 8x32x32 kernel=3 filters=8 stride=1 dilation=1 padding=1 bias=0 "
            "kernel_width=3 padding_width=1")

    def test_table_of_a_space(self):
        """A row an operation, each once."""
        output, _ = run("latency", TINY, "--scale", "small", "--times", "1", "--draws", "20",
                        "--threads", "1")
        first, *rows = [line.split(",") for line in output.splitlines()]
        self.assertEqual(first, ["operation", "latency"])
        keys = [key for key, _ in rows]
        self.assertEqual(len(set(keys)), len(keys))
        self.assertIn(self.STEM, keys)
        self.assertTrue(any(key.startswith("depthwise 8x16x16 -> 8x16x16") for key in keys))
        self.assertTrue(all(float(seconds) >= 0 for _, seconds in rows))

    def test_table_of_an_architecture(self):
        output, said = run("latency", DARTS, "--scale", "search", "--architecture", CELLS,
                           "--times", "1", "--threads", "1")
        self.assertRegex(said, r"the network takes [0-9.]+ s, its operations one by one [0-9.]+ s")
        self.assertIn("depthwise ", output)
        self.assertNotIn("none ", output)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
