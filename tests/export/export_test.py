"""What is exported computes what the runtime does, on real images: a random network of every example."""

import csv
import gzip
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import torch

import onnx_interpreter

NASC, EXAMPLES = (os.path.abspath(path) for path in sys.argv[1:3])
FASHION_MNIST = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz"
COUNT = 8
TOLERANCE = 1e-5
# The folder of packages that holds onnxruntime-node, where there is one.
ONNX_RUNTIME = os.environ.get("NASC_ONNX_RUNTIME")

# The convolutional spaces, each at its smallest scale.
SCALES = {
    "darts": "quick",
    "enas_macro": "quick",
    "enas_micro": "quick",
    "mnasnet": "",
    "nas_rl": "quick",
    "nasbench201": "quick",
    "nasnet": "quick",
    "resnet": "",
}

# Signals vanish in these until the running statistics are those of the images. The rounding of
# float32 alone is then half of the tolerance (against float64, of PyTorch as of the runtime), and
# other instructions round otherwise: they are given three times as much.
DEEP = ["mnasnet"]
DEEP_TOLERANCE = 3e-5

# A network drawn by the seed, trained a little, so that running statistics are those of images.
SEARCH = """import "{name}.space"

search export {{
  space {name}{scale}
  data fashion_mnist {{ pad = 2  train = 160  test = 40 }}
  strategy random
  train sgd {{ batch = 16 }}
  budget trials 1  steps 1
  final {{ steps = {steps} }}
  baseline off
  seed 7
}}
"""


def run(*args, cwd, code=0):
    done = subprocess.run([NASC, *args], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise AssertionError(f"nasc {' '.join(args)} exited with {done.returncode}:\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout if code == 0 else done.stderr


def images():
    """The first test images, as the publisher has them."""
    with gzip.open(FASHION_MNIST) as file:
        data = file.read(16 + COUNT * 28 * 28)[16:]
    return torch.tensor(list(data), dtype=torch.uint8).reshape(COUNT, 1, 28, 28)


def make_run(name, folder):
    shutil.copyfile(os.path.join(EXAMPLES, name, f"{name}.space"),
                    os.path.join(folder, f"{name}.space"))
    scale = f" at {SCALES[name]}" if SCALES[name] else ""
    with open(os.path.join(folder, "search.space"), "w", encoding="utf-8") as file:
        file.write(SEARCH.format(name=name, scale=scale, steps=60 if name in DEEP else 8))
    run("search", "search.space", "--name", "run", "--threads", "1", "--quiet", cwd=folder)


def runtime_logits(folder):
    run("eval", "runs/run", "--logits", "logits.csv", "--count", str(COUNT), cwd=folder)
    with open(os.path.join(folder, "logits.csv"), encoding="utf-8") as file:
        return torch.tensor([[float(cell) for cell in row] for row in csv.reader(file)])


def load_module(path):
    spec = importlib.util.spec_from_file_location("exported", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Network()


def onnx_runtime(model, inputs, folder):
    """What ONNX Runtime computes."""
    paths = [os.path.join(folder, name) for name in ("input.bin", "output.bin")]
    inputs.contiguous().numpy().tofile(paths[0])
    subprocess.run(["node", os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                         "onnxruntime.js"),
                    model, paths[0], "x".join(map(str, inputs.shape)), paths[1]],
                   env={**os.environ, "NODE_PATH": ONNX_RUNTIME}, check=True)
    return torch.from_file(paths[1], size=os.path.getsize(paths[1]) // 4).reshape(len(inputs), -1)


class Export(unittest.TestCase):

    def near(self, ours, theirs, what):
        """Within the tolerance of the logits, relative where they are greater than one."""
        self.assertEqual(ours.shape, theirs.shape, what)
        difference = ((ours - theirs).abs() / ours.abs().clamp(min=1)).max().item()
        print(f"{what}: {difference:.1e}", flush=True)
        deep = what.split()[0] in DEEP
        self.assertLess(difference, DEEP_TOLERANCE if deep else TOLERANCE, what)
        self.assertGreater(ours.std(dim=0).max().item(), 100 * TOLERANCE, what)

    def test_computes_what_the_runtime_does(self):
        torch.set_num_threads(1)
        for name in SCALES:
            with self.subTest(name):
                self.compare(name)

    def compare(self, name):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        make_run(name, folder)
        ours = runtime_logits(folder)
        for form, file in (("python", "network.py"), ("torchscript", "network.ts"),
                           ("onnx", "network.onnx")):
            run("export", "runs/run", "--format", form, "-o", file, cwd=folder)
        path = os.path.join(folder, "network.")
        with torch.no_grad():
            module = load_module(path + "py")
            inputs = module.preprocess(images())
            self.near(ours, module(inputs), f"{name} python")
            script = torch.jit.load(path + "ts")
            self.near(ours, script(script.preprocess(images())), f"{name} torchscript")
            self.near(ours, onnx_interpreter.compute(path + "onnx", inputs), f"{name} onnx")
            if ONNX_RUNTIME:
                self.near(ours, onnx_runtime(path + "onnx", inputs, folder),
                          f"{name} onnx in ONNX Runtime")

        card = run("export", "runs/run", "--format", "card", cwd=folder)
        for piece in (f"# A network of {name}", "| test result | accuracy 0.", "divided by 255",
                      f"architecture {name}"):
            self.assertIn(piece, card, name)
        self.assertIn("digraph", run("export", "runs/run", "--format", "dot", cwd=folder))
        with open(os.path.join(folder, "runs/run/architecture.arch"), encoding="utf-8") as file:
            self.assertEqual(run("export", "runs/run", "--format", "arch", cwd=folder),
                             file.read())


class Notations(unittest.TestCase):
    """Architectures in the notations of papers, and back."""

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
            with open(os.path.join(folder, file), encoding="utf-8") as architecture:
                self.assertEqual(run("import", f"{name}.space", "--scale", scale, "--notation",
                                     notation, text.strip(), cwd=folder), architecture.read())

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
