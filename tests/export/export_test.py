"""What is exported computes what the runtime does, on real images: a random network of a space."""

import csv
import gzip
import importlib.util
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import onnx
import torch

import onnx_interpreter
from command import EXAMPLES, run

SPACE, SCALE, STEPS, NODE, NODE_PACKAGES = sys.argv[3:8]
FASHION_MNIST = "/usr/share/datasets/fashion-mnist"
TRAIN, TEST, COUNT = 160, 40, 8
TOLERANCE = 1e-5

# A network drawn by the seed, trained a little, so that running statistics are those of images.
SEARCH = """import "{space}.space"

search export {{
  space {space}{at}
  data fashion_mnist {{ path = "images"  pad = 2 }}
  strategy random
  train sgd {{ batch = 16 }}
  budget trials 1  steps 1
  final {{ steps = {steps} }}
  baseline off
  seed 1
}}
"""


def pixels(part, count):
    """The first images of a part, as the publisher has them."""
    with gzip.open(f"{FASHION_MNIST}/{part}-images-idx3-ubyte.gz") as file:
        return file.read(16 + count * 28 * 28)[16:]


def write_data(folder):
    """The first images and labels alone: commands would take longer to read all of them than to run."""
    os.mkdir(folder)
    for part, count in (("train", TRAIN), ("t10k", TEST)):
        with gzip.open(f"{FASHION_MNIST}/{part}-labels-idx1-ubyte.gz") as file:
            labels = file.read(8 + count)[8:]
        with gzip.open(os.path.join(folder, f"{part}-images-idx3-ubyte.gz"), "wb") as file:
            file.write(struct.pack(">4i", 0x803, count, 28, 28) + pixels(part, count))
        with gzip.open(os.path.join(folder, f"{part}-labels-idx1-ubyte.gz"), "wb") as file:
            file.write(struct.pack(">2i", 0x801, count) + labels)


def load_module(path):
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Export(unittest.TestCase):

    def setUp(self):
        torch.set_num_threads(1)
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        write_data(self.path("images"))
        shutil.copy(os.path.join(EXAMPLES, SPACE, f"{SPACE}.space"), self.folder)
        at = f" at {SCALE}" if SCALE else ""
        with open(self.path("search.space"), "w", encoding="utf-8") as file:
            file.write(SEARCH.format(space=SPACE, at=at, steps=STEPS))
        self.run_nasc("search", "search.space", "--name", "run", "--threads", "1", "--quiet")

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_nasc(self, *args):
        return run(*args, cwd=self.folder)

    def export(self, form, file):
        self.run_nasc("export", "runs/run", "--format", form, "-o", file)
        return self.path(file)

    def near(self, ours, theirs, what):
        """Within the tolerance of the logits, relative where they are greater than one."""
        self.assertEqual(ours.shape, theirs.shape, what)
        difference = ((ours - theirs).abs() / ours.abs().clamp(min=1)).max().item()
        print(f"{SPACE} {what}: {difference:.1e}", flush=True)
        self.assertLess(difference, TOLERANCE, what)

    def runtime_logits(self):
        self.run_nasc("eval", "runs/run", "--logits", "logits.csv", "--count", str(COUNT))
        with open(self.path("logits.csv"), encoding="utf-8") as file:
            return torch.tensor([[float(cell) for cell in row] for row in csv.reader(file)])

    def onnx_runtime(self, model, inputs):
        """What ONNX Runtime computes."""
        source, result = self.path("input.bin"), self.path("output.bin")
        inputs.contiguous().numpy().tofile(source)
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "onnxruntime.js")
        subprocess.run([NODE, script, model, source, "x".join(map(str, inputs.shape)), result],
                       env={**os.environ, "NODE_PATH": NODE_PACKAGES}, check=True)
        size = os.path.getsize(result) // 4
        return torch.from_file(result, size=size).reshape(len(inputs), -1)

    def test_exports(self):
        self.computes_what_the_runtime_does()
        self.tells_what_it_is()

    def computes_what_the_runtime_does(self):
        ours = self.runtime_logits()
        self.assertGreater(ours.std(dim=0).max().item(), 100 * TOLERANCE, "images do not matter")
        images = torch.tensor(list(pixels("t10k", COUNT)), dtype=torch.uint8)
        images = images.reshape(COUNT, 1, 28, 28)
        with torch.no_grad():
            module = load_module(self.export("python", "network.py")).Network()
            inputs = module.preprocess(images)
            self.near(ours, module(inputs), "python")
            script = torch.jit.load(self.export("torchscript", "network.ts"))
            self.near(ours, script(script.preprocess(images)), "torchscript")
            model = self.export("onnx", "network.onnx")
            self.near(ours, onnx_interpreter.compute(model, inputs.double()), "onnx as specified")
            if NODE_PACKAGES:
                self.near(ours, self.onnx_runtime(model, inputs), "onnx in ONNX Runtime")
            else:
                print("ONNX Runtime is not installed: onnx was checked by the interpreter only")

    def tells_what_it_is(self):
        card = self.run_nasc("export", "runs/run", "--format", "card")
        for piece in (f"# A network of {SPACE}", "| test result | accuracy 0.", "divided by 255",
                      f"architecture {SPACE}"):
            self.assertIn(piece, card)
        with open(self.path("runs/run/architecture.arch"), encoding="utf-8") as file:
            architecture = file.read()
        self.assertEqual(self.run_nasc("export", "runs/run", "--format", "arch"), architecture)
        with open(self.path("runs/run/config.json"), encoding="utf-8") as file:
            identity = json.load(file)["identity"]
        self.assertIn(f'identity "{identity}"', architecture)
        for form, piece in (("dot", "digraph"), ("ir", "supernet @")):
            text = self.run_nasc("export", "runs/run", "--format", form)
            self.assertIn(piece, text)
            self.assertIn(f"identity {identity}", text)
        extra = {"origin.json": ""}
        torch.jit.load(self.path("network.ts"), _extra_files=extra)
        for origin in (
            load_module(self.path("network.py")).ORIGIN,
            json.loads(extra["origin.json"]),
            {entry.key: entry.value for entry in onnx.load(self.path("network.onnx")).metadata_props},
        ):
            self.assertEqual(origin["space"], SPACE)
            self.assertEqual(origin["identity"], identity)
            self.assertEqual(origin["architecture"], architecture)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
