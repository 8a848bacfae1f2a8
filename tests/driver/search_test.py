"""Searches and trainings by the real driver: what they write, and that it is the same again."""

import json
import os
import signal
import subprocess
import sys
import time
import unittest

from driver import NASC, TINY, DriverTest, read, run


class Search(DriverTest):

    def test_writes_everything_and_evaluates(self):
        output, _ = self.search("run")
        self.assertIn("derived architecture", output)
        self.assertIn("random architecture", output)
        folder = os.path.join(self.runs(), "run")
        for name in ("config.json", "log.txt", "metrics.jsonl", "architecture.arch", "decisions.safetensors",
                     "supernet.safetensors", "space/tiny.space", "derived/architecture.arch",
                     "derived/weights.safetensors", "random/weights.safetensors"):
            self.assertTrue(os.path.getsize(os.path.join(folder, name)) > 0, name)
        lines = [json.loads(line) for line in read(folder, "metrics.jsonl").splitlines()]
        # Whether a cell of so short a search collapsed is no matter here.
        phases = [line["phase"] for line in lines if line["phase"] != "collapse"]
        self.assertEqual(phases, ["search"] * 4 + (["train"] * 4 + ["test"]) * 2)
        for network in ("derived", "random"):
            evaluated, _ = run("eval", folder, "--network", network, "--json")
            test = [line for line in lines
                    if line["phase"] == "test" and line["network"] == network]
            self.assertEqual(json.loads(evaluated)["test_accuracy"], test[0]["accuracy"])

    def test_same_seed_same_bits(self):
        self.search("a")
        self.search("b")
        self.search("c", "--seed", "4")
        for name in ("metrics.jsonl", "architecture.arch", "supernet.safetensors", "decisions.safetensors",
                     "derived/weights.safetensors", "random/weights.safetensors",
                     "random/architecture.arch"):
            a, b, c = (read(self.runs(), run_name, name) for run_name in "abc")
            self.assertEqual(a, b, name)
            if name in ("metrics.jsonl", "supernet.safetensors", "derived/weights.safetensors"):
                self.assertNotEqual(a, c, name)

    def test_weights_load_in_python(self):
        import tensor_file
        self.search("run")
        path = os.path.join(self.runs(), "run", "derived", "weights.safetensors")
        weights = tensor_file.load(path)
        self.assertEqual(tuple(weights["stem.conv.weight"].shape), (8, 1, 3, 3))

    def test_train_from_text(self):
        self.search("found")
        found = os.path.join(self.runs(), "found")
        output, _ = run("train", TINY, "darts", "--architecture",
                        os.path.join(found, "architecture.arch"), "--runs", self.runs(), "--name",
                        "again", "--threads", "1")
        self.assertIn("trained architecture", output)
        # The same architecture, budget and seed: the same network as the search trained.
        self.assertEqual(read(self.runs(), "again/network/weights.safetensors"),
                         read(found, "derived/weights.safetensors"))
        evaluated, _ = run("eval", os.path.join(self.runs(), "again"))
        self.assertIn("test accuracy", evaluated)

    def test_second_order(self):
        self.search("first")
        space = self.tiny(("strategy darts { ", "strategy darts { order = 2  "))
        for name in ("second", "again"):
            self.search(name, space=space)
        decisions = [read(self.runs(), name, "decisions.safetensors")
                     for name in ("first", "second", "again")]
        self.assertNotEqual(decisions[0], decisions[1])
        self.assertEqual(decisions[1], decisions[2])

    def test_partial_channels(self):
        import tensor_file
        given = "strategy darts { learning_rate = 0.01 }"
        settings = {"pc": "learning_rate = 0.01", "slower": "learning_rate = 0.005",
                    "none": "learning_rate = 0.01  warm_up = 1",
                    "none_slower": "learning_rate = 0.005  warm_up = 1"}
        for name, text in settings.items():
            self.search(name, space=self.tiny((given, f"strategy pc_darts {{ {text} }}")))
        decisions = {name: read(self.runs(), name, "decisions.safetensors") for name in settings}
        self.assertNotEqual(decisions["pc"], decisions["slower"])
        self.assertNotEqual(decisions["pc"], decisions["none"])
        self.assertEqual(decisions["none"], decisions["none_slower"])  # they stay as they are
        logits = tensor_file.load(os.path.join(self.runs(), "pc", "decisions.safetensors"))
        self.assertEqual(tuple(logits["normal.n0.edges"].shape), (2,))
        shared = tensor_file.load(os.path.join(self.runs(), "pc", "supernet.safetensors"))
        name = "stage0.cell0.normal.n0.prev.sep_conv_3x3.conv1.weight"
        self.assertEqual(tuple(shared[name].shape), (1, 1, 1, 1))  # a quarter of the width

    def test_memory(self):
        self.search("any")
        # Recomputation changes no bit of what is found.
        self.search("less", "--memory", "15MB")
        self.assertEqual(read(self.runs(), "any", "supernet.safetensors"),
                         read(self.runs(), "less", "supernet.safetensors"))
        self.fails("search", TINY, "darts", "--runs", self.runs(), "--memory", "10KB",
                   says=["nasc: a step of training at batch 16 needs", "it may take 0.01 MB"])
        self.fails("search", TINY, "darts", "--memory", "much", code=2,
                   says=["'much' is no size such as 800MB or 2GiB"])
        required = self.tiny(("budget steps 4", "budget steps 4\n  require memory <= 1e4"))
        self.fails("search", required, "darts", "--runs", self.runs(),
                   says=["it may take 0.01 MB"])
        self.search("flag", "--memory", "1GB", space=required)

    def test_instruction_sets(self):
        self.search("none", "--isa", "none")
        config = json.loads(read(self.runs(), "none", "config.json"))
        self.assertEqual(config["isa"], "none")
        self.fails("search", TINY, "darts", "--runs", self.runs(), "--isa", "mmx",
                   says=["no instruction set is called 'mmx': none, avx2, avx512 or best"])

    def test_precision(self):
        def losses(name):
            lines = read(self.runs(), name, "metrics.jsonl").splitlines()
            # What is derived from logits that hardly differ yet may be another architecture.
            return [entry["loss"] for entry in map(json.loads, lines) if entry["phase"] == "search"]
        self.search("float32")
        self.search("bf16", "--precision", "bf16")
        exact, near = losses("float32"), losses("bf16")
        self.assertEqual(len(exact), len(near))
        self.assertNotEqual(exact, near)
        for a, b in zip(exact, near):
            self.assertAlmostEqual(a, b, delta=0.05 * a)
        config = json.loads(read(self.runs(), "bf16", "config.json"))
        self.assertEqual((config["device"], config["precision"]), ("cpu", "bf16"))
        run("eval", os.path.join(self.runs(), "bf16"))
        self.fails("search", TINY, "darts", "--runs", self.runs(), "--precision", "bf16",
                   "--memory", "1GB", says=["nasc: memory is planned for float32 on the CPU alone"])
        self.fails("search", TINY, "darts", "--runs", self.runs(), "--precision", "fp8",
                   says=["no precision is called 'fp8': float32 or bf16"])

    def test_device(self):
        self.fails("search", TINY, "darts", "--runs", self.runs(), "--device", "tpu",
                   says=["no device is called 'tpu': cpu, cuda"])
        # A number that no machine has.
        self.fails("search", TINY, "darts", "--runs", self.runs(), "--device", "cuda:99",
                   says=["--device=cpu"])

    def test_random_strategy(self):
        self.search("run", search="random")
        lines = read(self.runs(), "run/metrics.jsonl").splitlines()
        validations = [json.loads(line) for line in lines if b'"validation"' in line]
        self.assertEqual([line["network"] for line in validations],
                         ["trial 1", "trial 2", "random trial 1", "random trial 2"])
        self.assertTrue(read(self.runs(), "run/architecture.arch").startswith(b"architecture tiny"))

    def test_a_taken_name_gets_a_number(self):
        for _ in range(2):
            run("search", TINY, "random", "--runs", self.runs(), "--threads", "1")
        self.assertEqual(sorted(os.listdir(self.runs())), ["random", "random-2"])
        self.fails("search", TINY, "random", "--runs", self.runs(), "--name", "random",
                   says=["random exists already"])

    def test_ctrl_c_saves(self):
        space = self.tiny(("budget steps 4", "budget steps 100000"))
        with subprocess.Popen([NASC, "search", space, "darts", "--runs", self.runs(), "--threads",
                               "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            metrics = os.path.join(self.runs(), "darts", "metrics.jsonl")
            deadline = time.monotonic() + 60
            while not (os.path.exists(metrics) and os.path.getsize(metrics) > 0):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertIn("of 100000 steps of the search", errors)
        for name in ("architecture.arch", "supernet.safetensors"):
            self.assertTrue(os.path.exists(os.path.join(self.runs(), "darts", name)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
