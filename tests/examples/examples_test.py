"""Every example is what its page says: it checks, has the page's size, and can be searched."""

import json
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

NASC, EXAMPLES = (os.path.abspath(path) for path in sys.argv[1:3])

# The sizes that the pages derive, derived here once more.
SIZES = {
    "darts": math.prod(math.comb(values, 2) * 7**2 for values in range(2, 6))**2,
    "enas_macro": math.prod(6 * 2**earlier for earlier in range(12)),
    "enas_micro": math.prod((values * 5)**2 for values in range(2, 7))**2,
    "mnasnet": (4 * 2 * 2 * 3 * 3 * 3)**7,
    "nas_rl": math.prod(4 * 4 * 4 * 2**earlier for earlier in range(15)),
    "nasbench201": math.prod(5**values for values in range(1, 4)),
    "nasnet": math.prod((values * 13)**2 * 2 for values in range(2, 7))**2,
    "resnet": (2 * 6 * 3)**3,
    "sonn": sum(math.prod(values**2 * 4 for values in range(12, 12 + nodes))
                for nodes in range(1, 21)),
}

# Searches of the spaces of others.
SEARCHES = ["days_to_hours", "inference", "one_shot"]

# Published networks that lie in the spaces: scale, weights, MACs.
NETWORKS = {
    "darts/second_order.arch": ("final", 3349342, 528359040),
    "mnasnet/mobilenetv2.arch": ("", 3504872, 300774272),
    "nasbench201/largest.arch": ("final", 1531546, 220119680),
    "resnet/resnet20.arch": ("", 272474, 40813184),
}


def run(*args, cwd=None):
    """Runs nasc and returns what it prints; fails unless it ends well."""
    done = subprocess.run([NASC, *args], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"nasc {' '.join(args)} exited with {done.returncode}:\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


def example(*parts):
    return os.path.join(EXAMPLES, *parts)


def read(*parts):
    with open(os.path.join(*parts), encoding="utf-8") as file:
        return file.read()


def info(name, *args):
    return json.loads(run("info", example(name, f"{name}.space"), "--json", *args))


class Pages(unittest.TestCase):

    def test_every_example_is_here(self):
        folders = [name for name in os.listdir(EXAMPLES) if os.path.isdir(example(name))]
        self.assertEqual(sorted(folders), sorted([*SIZES, *SEARCHES]))
        rows = re.findall(r"^\| \[`(\w+)`\]\(\1/README.md\)", read(example("README.md")), re.M)
        self.assertEqual(sorted(rows), sorted(SIZES))

    def test_checks_and_is_formatted(self):
        for name in SIZES:
            spaces = [example(name, file) for file in (f"{name}.space", "search.space")]
            run("check", "--warnings-as-errors", *spaces)
            run("fmt", "--check", *spaces)
        for name in SEARCHES:
            run("check", "--warnings-as-errors", example(name, "search.space"))
            run("fmt", "--check", example(name, "search.space"))
            self.assertIn(f"]({name}/README.md)", read(example("README.md")))

    def test_has_the_size_of_its_page(self):
        for name, size in SIZES.items():
            self.assertEqual(info(name)["architectures"], str(size), name)
            self.assertIn(f"{size:,}", read(example(name, "README.md")), name)

    def test_holds_published_networks(self):
        for path, (scale, weights, macs) in NETWORKS.items():
            name = os.path.dirname(path)
            figures = info(name, "--architecture", example(path),
                           *(["--scale", scale] if scale else []))["scales"][0]
            self.assertEqual((figures["weights"], figures["macs"]), (weights, macs), path)
            for figure in (weights, macs) if name != "darts" else (weights,):
                self.assertIn(f"{figure:,}", read(example(name, "README.md")), path)


class Searches(unittest.TestCase):
    """The searches of the pages, with smaller budgets."""

    def search(self, name, search, *replacements):
        """Runs the search with pieces of its text replaced, and evaluates what it found."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        copy = os.path.join(folder, "examples", name)
        os.makedirs(copy)
        for file in os.listdir(example(name)):
            shutil.copyfile(example(name, file), os.path.join(copy, file))
        text = read(copy, "search.space")
        declaration = re.search(rf"^search {search} {{.*?^}}", text, re.M | re.S)[0]
        changed = declaration
        for pattern, replacement in replacements:
            self.assertRegex(changed, pattern)
            changed = re.sub(pattern, replacement, changed)
        with open(os.path.join(copy, "search.space"), "w", encoding="utf-8") as file:
            file.write(text.replace(declaration, changed))
        output = run("search", f"examples/{name}/search.space", search, "--name", "run",
                     "--threads", "1", "--quiet", cwd=folder)
        metrics = [json.loads(line) for line in read(folder, "runs/run/metrics.jsonl").splitlines()]
        evaluated = json.loads(run("eval", "runs/run", "--json", cwd=folder))
        return output, metrics, evaluated

    def test_sonn_tells_a_number(self):
        output, metrics, evaluated = self.search("sonn", "quick", ("trials [0-9]+", "trials 4"))
        trials = [line["r2"] for line in metrics
                  if line["phase"] == "validation" and line["network"].startswith("trial")]
        self.assertEqual(len(trials), 4)
        self.assertEqual(len(set(trials)), 4)
        derived = next(line["r2"] for line in metrics
                       if line["phase"] == "test" and line["network"] == "derived")
        self.assertEqual(evaluated["test_r2"], derived)
        # Better than telling the mean.
        self.assertGreater(derived, 0)
        self.assertRegex(output, rf"derived architecture +test r2 {derived:.4f} ")
        self.assertRegex(output, r"(beat random search in test r2 by|in test r2 it is) [0-9.]+")
        self.assertNotIn("accuracy", output)

    def test_sonn_goes_on_where_a_trial_diverges(self):
        _, metrics, evaluated = self.search(
            "sonn", "quick", ("train sgd {.*}", "train sgd { learning_rate = 0.5  clip = 0 }"),
            ("trials [0-9]+  steps [0-9]+", "trials 12  steps 100"),
            ("final {.*}", "final { steps = 100  learning_rate = 0.01  clip = 1 }"))
        trained = {line["network"] for line in metrics if line["phase"] == "train"}
        judged = {line["network"] for line in metrics
                  if line["phase"] == "validation" and line["network"].startswith("trial")}
        self.assertIn("trial 12", trained)
        self.assertLess(len(judged), 12)
        self.assertGreater(len(judged), 0)
        self.assertLess(evaluated["test_r2"], 1)

    def test_nasbench201_relaxed(self):
        output, metrics, evaluated = self.search(
            "nasbench201", "quick", ("train = [0-9]+", "train = 400"),
            ("test = [0-9]+", "test = 100"), ("steps [0-9]+", "steps 3"),
            ("steps = [0-9]+", "steps = 3"))
        self.assertEqual([line["phase"] for line in metrics],
                         ["search"] * 3 + (["train"] * 3 + ["test"]) * 2)
        self.assertEqual(evaluated["test_accuracy"], metrics[6]["accuracy"])
        self.assertIn("architecture nasbench201", output)

    def test_enas_macro_one_at_a_time(self):
        _, metrics, _ = self.search(
            "enas_macro", "quick", ("train = [0-9]+", "train = 400"),
            ("test = [0-9]+", "test = 100"), ("trials [0-9]+  steps [0-9]+", "trials 2  steps 2"),
            ("steps = [0-9]+", "steps = 2"))
        self.assertEqual([line["phase"] for line in metrics],
                         ["train", "train", "validation"] * 4 + ["train", "train", "test"] * 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
