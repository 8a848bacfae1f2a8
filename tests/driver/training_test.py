"""The training of final networks by the real driver: its recipe, and that it goes on after a stop."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

from driver import NASC, DriverTest, read, run
from tensor_file import load

ARCHITECTURE = """architecture tiny version 1.0.0 {
  normal.n0.edges = { prev_prev, prev }
  normal.n0.prev_prev.op = skip_connect
  normal.n0.prev.op = sep_conv_3x3
  normal.n1.edges = { prev, n0 }
  normal.n1.prev.op = max_pool_3x3
  normal.n1.n0.op = skip_connect
  reduction.n0.edges = { prev_prev, prev }
  reduction.n0.prev_prev.op = max_pool_3x3
  reduction.n0.prev.op = sep_conv_3x3
  reduction.n1.edges = { prev, n0 }
  reduction.n1.prev.op = max_pool_3x3
  reduction.n1.n0.op = skip_connect
}
"""
FINAL = "final at final { steps = 4  cutout = 8 }"
# With all that a training can carry from one epoch to the next.
LONG = """final at final {
  epochs = 8  cutout = 8  nesterov = on  label_smoothing = 0.1  mixup = 0.2  ema = 0.9
  keep = "best"
}"""
LONGER = ("budget trials 2  steps 2", "budget trials 2  steps 2\n  final at final { epochs = 3 }")


class TrainingTest(DriverTest):

    def setUp(self):
        super().setUp()
        self.architecture = self.write("tiny.arch", ARCHITECTURE)

    def arguments(self, name, space, *args):
        return ["train", space, "darts", "--architecture", self.architecture, "--runs", self.runs(),
                "--name", name, "--threads", "1", *args]

    def train(self, name, final, *args):
        return run(*self.arguments(name, self.tiny((FINAL, final)), *args))

    def lines(self, name):
        return [json.loads(line) for line in read(self.runs(), name, "metrics.jsonl").splitlines()]

    def end_at(self, sign, count, name, arguments, of="train"):
        """Starts nasc and sends it a signal when it has written so many lines of that network."""
        process = subprocess.Popen([NASC, *arguments], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        metrics = os.path.join(self.runs(), name, "metrics.jsonl")
        for _ in range(6000):
            if os.path.exists(metrics) and read(metrics).count(of.encode()) >= count:
                break
            time.sleep(0.01)
        process.send_signal(sign)
        self.assertEqual(process.wait(), -sign if sign == signal.SIGKILL else 130)

    def expect_same(self, name, *files):
        for file in ("metrics.jsonl", *files):
            self.assertEqual(read(self.runs(), "whole", file), read(self.runs(), name, file), file)


class Resume(TrainingTest):

    def test_a_cut_training_goes_on_bit_for_bit(self):
        space = self.tiny((FINAL, LONG))
        whole, _ = run(*self.arguments("whole", space))
        steps = [line["step"] for line in self.lines("whole") if line["phase"] == "train"]
        self.assertEqual(steps, list(range(1, 97)))
        cut = os.path.join(self.runs(), "cut")
        # In the first epoch, in a later one, and after Ctrl-C.
        self.end_at(signal.SIGKILL, 5, "cut", self.arguments("cut", space))
        self.end_at(signal.SIGKILL, 40, "cut", ["train", "--resume", cut])
        self.end_at(signal.SIGINT, 70, "cut", ["train", "--resume", cut])
        self.assertTrue(os.path.exists(os.path.join(cut, "network", "training.safetensors")))
        run("eval", cut)
        for _ in range(2):  # what has ended only says so again
            resumed, _ = run("train", "--resume", cut)
            self.assertEqual(resumed.replace(cut, ""),
                             whole.replace(os.path.join(self.runs(), "whole"), ""))
            self.expect_same("cut", "network/weights.safetensors", "network/architecture.arch")
            self.assertFalse(os.path.exists(os.path.join(cut, "network", "training.safetensors")))

    def test_a_budget_of_the_command_line_is_remembered(self):
        space = self.tiny((FINAL, LONG))
        run(*self.arguments("whole", space, "--steps", "60"))
        self.end_at(signal.SIGKILL, 20, "cut", self.arguments("cut", space, "--steps", "60"))
        run("train", "--resume", os.path.join(self.runs(), "cut"))
        self.expect_same("cut", "network/weights.safetensors")

    def test_final_trainings_of_a_search_go_on(self):
        space = self.tiny((FINAL, LONG.replace("epochs = 8", "epochs = 6")))
        self.search("whole", space=space)
        cut = os.path.join(self.runs(), "cut")
        resume = ["search", "--resume", cut]
        self.end_at(signal.SIGKILL, 20, "cut",
                    ["search", space, "darts", "--runs", self.runs(), "--name", "cut", "--threads",
                     "1"], of='"derived"')
        self.end_at(signal.SIGKILL, 50, "cut", resume, of='"derived"')
        self.end_at(signal.SIGINT, 30, "cut", resume, of='"random"')
        run(*resume)
        self.expect_same("cut", "architecture.arch", "supernet.safetensors",
                         "derived/weights.safetensors", "random/weights.safetensors")

    def test_so_do_those_of_a_search_by_trials(self):
        space = self.tiny(LONGER)
        self.search("whole", space=space, search="random")
        cut = os.path.join(self.runs(), "cut")
        self.end_at(signal.SIGKILL, 40, "cut",
                    ["search", space, "random", "--runs", self.runs(), "--name", "cut", "--threads",
                     "1"], of='"derived"')
        # A version of the space with another candidate has these networks as well.
        more = self.tiny(LONGER, ("version 1.0.0", "version 1.1.0"),
                         ("  skip_connect\n", "  skip_connect\n  conv_3x3 = relu_conv_bn(3)\n"))
        run("migrate", cut, more, "--runs", self.runs(), "--name", "moved")
        run("search", "--resume", cut)
        self.expect_same("cut", "derived/weights.safetensors", "random/weights.safetensors")
        moved = os.path.join(self.runs(), "moved")
        self.assertTrue(os.path.exists(os.path.join(moved, "derived", "training.safetensors")))
        run("search", "--resume", moved)
        self.expect_same("moved")
        for network in ("derived", "random"):
            weights = load(os.path.join(moved, network, "weights.safetensors"))
            for name, tensor in load(
                    os.path.join(self.runs(), "whole", network, "weights.safetensors")).items():
                self.assertTrue((weights[name] == tensor).all(), name)

    def test_wrong_input(self):
        self.fails("train", says=["--resume RUN"])
        self.search("found")
        found = os.path.join(self.runs(), "found")
        self.fails("train", "--resume", found, says=["is a run of `nasc search`"])
        self.train("run", FINAL)
        with open(os.path.join(self.runs(), "run", "network", "training.safetensors"), "wb") as file:
            file.write(b"nothing of the kind" * 10)
        self.fails("train", "--resume", os.path.join(self.runs(), "run"),
                   says=["training.safetensors"])


class Recipe(TrainingTest):

    def test_what_is_evaluated_is_what_is_saved(self):
        self.train("run", LONG.replace("epochs = 8", "epochs = 3"))
        lines = self.lines("run")
        validations = [line for line in lines if line["phase"] == "validation"]
        self.assertEqual([line["step"] for line in validations], [12, 24, 36])
        tests = [line for line in lines if line["phase"] == "test"]
        self.assertEqual(len(tests), 1)
        evaluated, _ = run("eval", os.path.join(self.runs(), "run"), "--json")
        self.assertEqual(json.loads(evaluated)["test_accuracy"], tests[0]["accuracy"])

    def test_every_part_counts(self):
        weights = set()
        parts = ("", "label_smoothing = 0.1", "mixup = 0.2", "ema = 0.5", "nesterov = on",
                 'optimizer = "rmsprop"', "learning_rate = warm_restarts(0.05, 0.001, 1, 2)",
                 "learning_rate = exponential(0.05, 0.1, 0.1)")
        for i, part in enumerate(parts):
            self.train(str(i), f"final at final {{ steps = 4  {part} }}")
            weights.add(read(self.runs(), str(i), "network/weights.safetensors"))
        self.assertEqual(len(weights), len(parts))

    def test_presets(self):
        self.train("run", 'final at final { preset = "enas_cifar"  steps = 2  batch = 8 }')
        config = json.loads(read(self.runs(), "run", "config.json"))
        settings = config["final_settings"]
        self.assertEqual(config["final_budget"], {"steps": 2})
        self.assertEqual(settings["learning_rate"], "warm_restarts(0.05, 0.0001, 10, 2)")
        self.assertEqual(settings["batch"], "8")  # what is said counts
        self.assertEqual(settings["nesterov"], "on")  # and not what `train` says or leaves
        self.assertEqual(settings["epochs"], "0")
        self.train("other", 'final at final { preset = "nasnet_mobile"  steps = 2  batch = 8 }')
        config = json.loads(read(self.runs(), "other", "config.json"))
        self.assertEqual(config["final_settings"]["optimizer"], "rmsprop")

    def test_wrong_input(self):
        def told(final, *says):
            space = self.tiny((FINAL, f"final at final {{ {final} }}"))
            self.fails(*self.arguments("run", space), says=says)
        told('steps = 2  preset = "dart_cifar"', "[bad-setting]", "did you mean 'darts_cifar'?")
        told('steps = 2  optimizer = "rmsprob"', "[bad-setting]", "did you mean 'rmsprop'?")
        told("steps = 2  learning_rate = warm_restarts(0.1, 0, 0, 2)", "[bad-setting]",
             "warm_restarts(max, min, first, factor)")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
