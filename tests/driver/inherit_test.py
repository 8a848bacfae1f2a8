"""Inheritance and races with the real driver: plans, trainings that inherit, searches that do."""

import json
import os
import sqlite3
import subprocess
import time
import unittest

import torch

from driver import NASC, TINY, DriverTest, read, run
from tensor_file import load


class Plans(DriverTest):

    def plan(self, source, *args, space=TINY, search="darts", architecture=None):
        output, _ = run("inherit", space, search, "--architecture",
                        architecture or os.path.join(self.runs(), "a", "architecture.arch"),
                        "--from", os.path.join(self.runs(), source), *args)
        return output

    def test_says_what_is_inherited_how(self):
        self.search("a")
        plan = json.loads(self.plan("a", "--dry-run", "--json"))
        self.assertEqual(plan["inherited"], plan["weights"])
        self.assertEqual(plan["fresh"], 0)
        self.assertTrue(plan["computes_the_same"])
        self.assertEqual({tuple(tensor["how"]) for tensor in plan["tensors"]}, {("same",)})

        # Twice as wide it still computes the same.
        wide = self.tiny(("scale final { width = 4", "scale final { width = 8"))
        plan = json.loads(self.plan("a", "--dry-run", "--json", space=wide))
        self.assertEqual(plan["inherited"], plan["weights"])
        self.assertTrue(plan["computes_the_same"])
        self.assertIn(["same", "8 -> 16 channels"], [t["how"] for t in plan["tensors"]])

        # The supernet's norms have no factors.
        text = self.plan("a/supernet", "--dry-run")
        self.assertRegex(text, r"head\.linear +same\n")
        self.assertRegex(text, r"\ninherits [0-9.]+% of \d+ weights, [1-9]\d* start fresh")

        # Another architecture of the same space.
        text = self.plan("a/random", "--dry-run")
        self.assertIn("inherits ", text)
        self.assertNotIn("computes what the donor does", text)

        # Other classes have a last layer of their own.
        half = self.tiny(("test = 200 }\n  strategy darts",
                          "test = 200  classes = \"1, 3, 5\" }\n  strategy darts"))
        plan = json.loads(self.plan("a", "--dry-run", "--json", space=half))
        fresh = {t["name"]: t["how"] for t in plan["tensors"] if t["from"] == ""}
        self.assertEqual(fresh, {"head.linear.weight": ["fresh: for other classes"],
                                 "head.linear.bias": ["fresh: for other classes"]})

        # The weights that a training would begin with are those of the donor.
        output = os.path.join(self.folder, "first.safetensors")
        self.plan("a", "--output", output)
        first = load(output)
        donor = load(os.path.join(self.runs(), "a", "derived", "weights.safetensors"))
        self.assertEqual(first.keys(), donor.keys())
        for name, tensor in first.items():
            self.assertTrue(torch.equal(tensor, donor[name]), name)

    def test_trains_from_there_with_layers_that_stay(self):
        self.search("a")
        frozen = self.tiny(("steps = 4  cutout = 8 }",
                            "steps = 4  rates = \"stem = 0, head = 0.5\" }"))
        architecture = os.path.join(self.runs(), "a", "architecture.arch")
        run("train", frozen, "darts", "--architecture", architecture, "--inherit",
            os.path.join(self.runs(), "a"), "--runs", self.runs(), "--name", "b", "--threads", "1",
            "--quiet")
        before = load(os.path.join(self.runs(), "a", "derived", "weights.safetensors"))
        after = load(os.path.join(self.runs(), "b", "network", "weights.safetensors"))
        self.assertTrue(torch.equal(before["stem.conv.weight"], after["stem.conv.weight"]))
        self.assertFalse(torch.equal(before["head.linear.weight"], after["head.linear.weight"]))
        self.assertIn(b"inherits 100.0%", read(self.runs(), "b", "log.txt"))
        self.assertEqual(json.loads(read(self.runs(), "b", "config.json"))["inherit"],
                         os.path.join(self.runs(), "a"))

    def test_mistakes(self):
        self.search("a")
        architecture = os.path.join(self.runs(), "a", "architecture.arch")
        inherit = ("inherit", TINY, "darts", "--architecture", architecture)
        self.fails(*inherit, "--from", self.folder, "--dry-run", says=["is no run"])
        self.fails(*inherit, "--dry-run", says=["nothing to inherit from", "--from RUN"])
        self.fails(*inherit, "--from", os.path.join(self.runs(), "a", "best"), "--dry-run",
                   says=["holds no trained network best"])
        self.fails("inherit", TINY, "random", "--architecture", architecture, "--from",
                   os.path.join(self.runs(), "a"), says=["no `final` line"])
        wrong = self.tiny(("cutout = 8 }", "rates = \"stem : 0\" }"))
        self.fails("search", wrong, "darts", "--runs", self.runs(),
                   says=["rates = \"stem : 0\"", "write rates ="])
        classes = self.tiny(("test = 200 }\n  strategy darts",
                             "test = 200  classes = \"1, 12\" }\n  strategy darts"))
        self.fails("search", classes, "darts", "--runs", self.runs(),
                   says=["data fashion_mnist", "'12' is no class from 0 to 9"])
        # A donor whose file was damaged.
        weights = os.path.join(self.runs(), "a", "derived", "weights.safetensors")
        with open(weights, "r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\xff")
        self.fails(*inherit, "--from", os.path.join(self.runs(), "a"), "--dry-run",
                   says=["is damaged"])


INHERITING = ("strategy random\n  train sgd { batch = 16 }\n  budget trials 2  steps 2",
              "strategy evolution { population = 2  sample = 2 }\n"
              "  evaluate inherit { steps = 3  megabytes = 1 }\n"
              "  train sgd { batch = 16 }\n  budget trials 6  steps 4\n  baseline off")


class Searches(DriverTest):

    def networks(self, name):
        with sqlite3.connect(
                os.path.join(self.runs(), name, "weights", "trial", "index.sqlite")) as file:
            return file.execute(
                "SELECT trial, steps, parent, quality, object FROM networks ORDER BY trial"
            ).fetchall()

    def trials_of_a_new_version_inherit_too(self, whole):
        more = (INHERITING[0], INHERITING[1].replace("trials 6", "trials 7"))
        new = self.tiny(more, ("version 1.0.0", "version 1.1.0"),
                        ("  skip_connect\n", "  skip = skip_connect\n"),
                        ("search darts", "renamed skip_connect -> skip\n\nsearch darts"))
        run("migrate", os.path.join(self.runs(), "whole"), new, "--runs", self.runs(), "--name", "new")
        self.assertEqual([row[:4] for row in self.networks("new")], [row[:4] for row in whole])
        for before, after in zip(whole, self.networks("new")):
            tensors = [load(os.path.join(self.runs(), run_name, "weights", "trial", "objects",
                                         f"{row[4]}.safetensors"))
                       for run_name, row in (("whole", before), ("new", after))]
            self.assertEqual({name.replace(".skip_connect.", ".skip.") for name in tensors[0]},
                             set(tensors[1]))
            for name, tensor in tensors[0].items():
                self.assertTrue((tensors[1][name.replace(".skip_connect.", ".skip.")] == tensor).all())
        run("search", "--resume", os.path.join(self.runs(), "new"), "--quiet")
        last = self.networks("new")[-1]
        self.assertEqual((last[0], last[1]), (7, 3))
        self.assertIn(last[2], range(1, 7))

    def test_trials_inherit_and_go_on_bit_for_bit(self):
        space = self.tiny(INHERITING)
        self.search("whole", space=space, search="random")
        whole = self.networks("whole")
        self.assertEqual(whole[0][1:3], (4, 0))
        for trial, steps, parent, _, _ in whole[1:]:
            self.assertEqual(steps, 3)
            self.assertIn(parent, range(1, trial))
        objects = os.listdir(os.path.join(self.runs(), "whole", "weights", "trial", "objects"))
        self.assertEqual(sorted(objects), sorted({f"{row[4]}.safetensors" for row in whole}))
        tensors = load(
            os.path.join(self.runs(), "whole", "weights", "trial", "objects",
                         f"{whole[0][4]}.safetensors"))
        self.assertIn("momentum/stem.conv.weight", tensors)
        # Killed after a trial, it goes on with the same.
        process = subprocess.Popen(
            [NASC, "search", space, "random", "--runs", self.runs(), "--name", "cut", "--threads",
             "1", "--quiet"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        log = os.path.join(self.runs(), "cut", "log.txt")
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            if os.path.exists(log) and b"trial 3: validation" in read(log):
                break
            time.sleep(0.01)
        process.kill()
        process.wait()
        run("search", "--resume", os.path.join(self.runs(), "cut"), "--quiet")
        self.assertEqual(self.networks("cut"), whole)
        self.assertEqual(read(self.runs(), "cut", "architecture.arch"),
                         read(self.runs(), "whole", "architecture.arch"))
        self.trials_of_a_new_version_inherit_too(whole)


class Races(DriverTest):

    def race(self, space, *args, code=0):
        return run("race", space, "--seeds", "2", "--runs", self.runs(), "--threads", "1",
                   "--quiet", "--output", os.path.join(self.folder, "race.html"), *args, code=code)

    def test_counts_up_to_the_target_and_goes_on_where_it_was_cut(self):
        space = self.tiny(("budget trials 2  steps 2",
                           "budget trials 2  steps 2\n  final at final { steps = 4 }"))
        output, _ = self.race(space, "--target", "0.01", "--json")
        heats = [json.loads(line) for line in output.splitlines()]
        self.assertEqual([(h["search"], h["seed"]) for h in heats],
                         [("darts", 1), ("darts", 2), ("random", 1), ("random", 2)])
        for heat in heats:
            self.assertTrue(heat["reached"])
            self.assertGreater(heat["macs"], 0)
        self.assertEqual([h["steps"] for h in heats[:2]], [1, 1], "a quarter of the budget")
        self.assertEqual([h["trials"] for h in heats[2:]], [1, 1])
        page = read(self.folder, "race.html").decode()
        self.assertEqual(page.count("<svg"), 2)
        self.assertNotIn("did not reach", page)

        # What ended is not run again.
        runs = sorted(os.listdir(self.runs()))
        again, _ = self.race(space, "--target", "0.01", "--json")
        self.assertEqual(again, output)
        self.assertEqual(sorted(os.listdir(self.runs())), runs)
        self.race(space, "--target", "0.02", code=1)

        # What is out of reach is said on the page.
        os.remove(os.path.join(self.folder, "race.html.jsonl"))
        output, _ = self.race(space, "random", "--target", "1")
        self.assertRegex(output, r"random +random +0 of 2 +> ")
        page = read(self.folder, "race.html").decode()
        self.assertRegex(page, r"<b>random</b> did not reach the target with 2 of 2 seeds")


if __name__ == "__main__":
    unittest.main(argv=["inherit_test"], verbosity=2)
