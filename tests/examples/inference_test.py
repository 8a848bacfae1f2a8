"""The program tells of test images what `nasc eval` tells of them."""

import gzip
import math
import os
import subprocess
import sys
import tempfile
import unittest

NASC, CLASSIFY, RUN, CELL, SPACE, PARSER = (os.path.abspath(path) for path in sys.argv[1:7])
IMAGES = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz"
COUNT, SIDE = 20, 28
CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
           "ankle boot")


class Classify(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def images(self):
        """The first test images as files."""
        with gzip.open(IMAGES) as file:
            file.read(16)
            for i in range(COUNT):
                path = os.path.join(self.folder, f"{i}.pgm")
                with open(path, "wb") as out:
                    out.write(b"P5 %d %d 255\n" % (SIDE, SIDE) + file.read(SIDE * SIDE))
                yield path

    def test_probabilities_are_those_of_the_run(self):
        output = subprocess.run([CLASSIFY, *self.images()], capture_output=True, text=True,
                                check=True).stdout
        logits = os.path.join(self.folder, "logits.csv")
        subprocess.run([NASC, "eval", RUN, "--logits", logits, "--count", str(COUNT)],
                       capture_output=True, check=True)
        with open(logits, encoding="utf-8") as file:
            rows = [[float(value) for value in line.split(",")] for line in file]
        told = output.splitlines()
        self.assertEqual(len(told), COUNT)
        seen = set()
        for line, row in zip(told, rows):
            powers = [math.exp(value - max(row)) for value in row]
            name, probability = line.split(": ")[1].split(", probability ")
            self.assertEqual(name, CLASSES[row.index(max(row))])
            self.assertAlmostEqual(float(probability), 1 / sum(powers), delta=1e-5)
            seen.add(name)
        self.assertGreater(len(seen), 3, "a network that learned nothing tells one class")

    def test_weights_of_another_architecture_do_not_build(self):
        with open(CELL, encoding="utf-8") as file:
            text = file.read()
        other = os.path.join(self.folder, "other.arch")
        with open(other, "w", encoding="utf-8") as file:
            file.write(text.replace("nor_conv_1x1", "none"))
        weights = os.path.join(RUN, "network", "weights.safetensors")

        def export(*args):
            return subprocess.run(
                [NASC, "export", SPACE, "--weights", weights, "--format", "ir", *args],
                capture_output=True, text=True, check=False)

        done = export("--architecture", other)
        self.assertEqual(done.returncode, 1)
        self.assertIn("holds weights of another architecture: theirs has not "
                      "`normal.n1.n0.op = none`", done.stderr)
        done = export("--architecture", CELL, "--scale", "final")
        self.assertIn("holds weights of scale quick_final, not of final", done.stderr)
        self.assertEqual(export("--architecture", CELL).returncode, 0)

    def test_a_program_holds_no_parser(self):
        with open(PARSER, encoding="utf-8") as file:
            self.assertEqual(file.read().strip(), "")

    def test_wrong_files(self):
        done = subprocess.run([CLASSIFY, CELL], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cell.arch", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=["inference_test"])
