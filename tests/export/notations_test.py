"""Architectures in the notations of papers, and back."""

import os
import sys
import unittest

from command import EXAMPLES, run


class Notations(unittest.TestCase):
    def test_there_and_back(self):
        for name, scale, file, notation, piece in (
            ("darts", "final", "second_order.arch", "genotype",
             "('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=range(2, 6), reduce=["),
            ("nasbench201", "final", "largest.arch", "nasbench201", "|nor_conv_3x3~0|+|"),
        ):
            folder = os.path.join(EXAMPLES, name)
            text = run("export", f"{name}.space", "--scale", scale, "--architecture", file,
                       "--format", notation, cwd=folder)
            self.assertIn(piece, text)
            imported = run("import", f"{name}.space", "--scale", scale, "--notation", notation,
                           text.strip(), cwd=folder)
            self.assertIn(f"architecture {name} version ", imported)
            with open(os.path.join(folder, file), encoding="utf-8") as architecture:
                # Beside the first line, which names the space by its identity too.
                self.assertEqual(imported.splitlines()[1:], architecture.read().splitlines()[1:])

    def fails(self, *args, says):
        self.assertIn(says, run(*args, cwd=os.path.join(EXAMPLES, "darts"), code=1))

    def test_says_what_does_not_fit(self):
        self.fails("import", "darts.space", "--scale", "final", "--notation", "genotype",
                   "Genotype(normal=[('conv', 0)])", says="'normal' has 1 edges")
        self.fails("import", "darts.space", "--scale", "final", "--notation", "nasbench201",
                   "|none~0|", says="'normal.n0.edges' does not fit")
        darts = ("export", "darts.space", "--scale", "final", "--format")
        self.fails(*darts, "genotype", says="give --architecture")
        self.fails(*darts, "onnx", says="give a run folder")
        self.fails("export", "runs", "--scale", "final", "--format", "arch",
                   says="--architecture, --scale and --weights go with a .space file")
        self.fails("export", "nowhere", "--format", "card", says="nowhere/config.json")
        self.fails("export", "nowhere", "--format", "onnx", says="needs --output")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
