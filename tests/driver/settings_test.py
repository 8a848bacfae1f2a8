"""Searches with other settings than those of their file, and searches that go on by themselves."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
import unittest

from driver import NASC, TINY, DriverTest, read, run


class Settings(DriverTest):

    def config(self, name):
        return json.loads(read(self.runs(), name, "config.json"))

    def test_are_as_if_the_file_said_them(self):
        settings = ("train.batch=8", "train.learning_rate = cosine(0.1, 0.01)", "budget.steps=3",
                    "strategy.learning_rate=1e-3", "data.train=300", "final.steps=2")
        self.search("set", *(word for setting in settings for word in ("--set", setting)))
        written = self.tiny(("learning_rate = cosine(0.05, 0.001)  batch = 16",
                             "learning_rate = cosine(0.1, 0.01)  batch = 8"),
                            ("budget steps 4", "budget steps 3"),
                            ("darts { learning_rate = 0.01 }", "darts { learning_rate = 1e-3 }"),
                            ("train = 400", "train = 300"),
                            ("final { steps = 4  cutout", "final { steps = 2  cutout"))
        self.search("written", space=written)
        for name in ("metrics.jsonl", "architecture.arch", "derived/weights.safetensors"):
            self.assertEqual(read(self.runs(), "set", name), read(self.runs(), "written", name))
        self.assertEqual(self.config("set")["settings"], list(settings))
        self.assertEqual(self.config("set")["train_settings"],
                         self.config("written")["train_settings"])
        # Whatever reads the run knows them: the normalisation is that of 300 images.
        evaluated, _ = run("eval", os.path.join(self.runs(), "set"))
        written = run("eval", os.path.join(self.runs(), "written"))[0]
        self.assertEqual(evaluated.split(":", 1)[1], written.split(":", 1)[1])

    def test_epochs_take_the_place_of_steps(self):
        self.search("run", "--set", "budget.epochs=1", "--set", "final.epochs=1")
        self.assertEqual(self.config("run")["budget"], {"epochs": 1})
        self.assertEqual(self.config("run")["final_budget"], {"epochs": 1})

    def test_of_each_of_several_seeds(self):
        self.search("run", "--seeds", "2", "--set", "budget.steps=2", search="random")
        for seed in ("seed-0", "seed-1"):
            config = json.loads(read(self.runs(), "run", seed, "config.json"))
            self.assertEqual(config["budget"], {"steps": 2, "trials": 2})
            self.assertEqual(config["settings"], ["budget.steps=2"])

    def test_mistakes_are_those_of_a_file(self):
        for setting, *says in (
                ("train.bach=32", "--set:1:7: error: ", "'bach'", "^~~~", "did you mean 'batch'?"),
                ("train.batch=0", "--set:1:13: error: ", "^"),
                ("train.batch=", "--set:1:13: error: "),
                ("budget.steps=1/2", "--set:1:14: error: a budget is a whole number"),
                ("budget.stps=2", "--set:1:8: error: unknown unit of a budget 'stps'"),
                ("trian.batch=32", "nasc: --set trian.batch=32: no part 'trian' of a search has "
                 "settings; did you mean 'train'?"),
                ("batch=32", "nasc: --set batch=32: a setting is PART.NAME"),
                ("schedule.reduction=2", "search 'darts' has no `schedule` line"),
        ):
            self.fails("search", TINY, "darts", "--runs", self.runs(), "--set", setting, says=says)
        self.assertFalse(os.path.exists(self.runs()))

    def test_of_a_training(self):
        self.search("found")
        architecture = os.path.join(self.runs(), "found", "architecture.arch")
        run("train", TINY, "darts", "--architecture", architecture, "--runs", self.runs(), "--name",
            "trained", "--threads", "1", "--set", "final.steps=2", "--set", "final.cutout=0")
        config = self.config("trained")
        self.assertEqual(config["final_budget"], {"steps": 2})
        self.assertEqual(config["final_settings"]["cutout"], "0")


class Continue(DriverTest):

    def go_on(self, *args, space):
        return run("search", space, "darts", "--continue", "--runs", self.runs(), "--threads", "1",
                   *args)

    def kill(self, *args, space):
        """Kills a search in its steps."""
        with subprocess.Popen([NASC, "search", space, "darts", "--continue", "--runs", self.runs(),
                               "--threads", "1", *args], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            metrics = os.path.join(self.runs(), "darts", "metrics.jsonl")
            deadline = time.monotonic() + 120
            while not (os.path.exists(metrics) and read(metrics).count(b"search") >= 3):
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)

    def test_goes_on_with_what_was_stopped(self):
        space = self.tiny(("budget steps 4", "budget steps 40"))
        set_steps = ("--set", "final.steps=3")
        self.search("whole", *set_steps, space=space)
        self.kill(*set_steps, space=space)
        # Other searches do not.
        for others in ((), (*set_steps, "--seed", "4"), (*set_steps, "--fresh")):
            _, errors = self.go_on(*others, "--set", "budget.steps=2", space=space)
            self.assertNotIn("going on", errors)
        _, errors = self.go_on(*set_steps, space=space)
        self.assertIn(f"nasc: going on with {self.runs()}/darts, which was stopped; --fresh begins "
                      "anew\n", errors)
        for name in ("metrics.jsonl", "architecture.arch", "derived/weights.safetensors"):
            self.assertEqual(read(self.runs(), "whole", name), read(self.runs(), "darts", name))
        # It has ended now.
        before = len(os.listdir(self.runs()))
        self.go_on(*set_steps, space=space)
        self.assertEqual(len(os.listdir(self.runs())), before + 1)

    def test_leaves_a_run_alone_that_somebody_works_on(self):
        space = self.tiny(("budget steps 4", "budget steps 40"))
        self.kill(space=space)
        stopped = os.path.join(self.runs(), "darts")
        with open(os.path.join(stopped, "log.txt"), "rb") as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            self.fails("search", "--resume", stopped,
                       says=[f"{stopped} is in use by another process"])
            _, errors = self.go_on("--quiet", space=space)
        self.assertNotIn("going on", errors)
        self.assertTrue(os.path.exists(os.path.join(self.runs(), "darts-2", "summary.json")))
        self.assertFalse(os.path.exists(os.path.join(stopped, "summary.json")))

    def test_a_changed_file_begins_anew(self):
        self.kill(space=self.tiny(("budget steps 4", "budget steps 40")))
        _, errors = self.go_on(space=self.tiny(("width = 4  depth = 3", "width = 5  depth = 3")))
        self.assertNotIn("going on", errors)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
