"""What targets of spaces and searches do: what is built, what is refused, and what is said."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

FOLDER, SPACE_SCRIPT, NASC = sys.argv[1:4]


def run(*command, **env):
    """Runs a command as Bazel does, in the root of the workspace: its exit code and output."""
    done = subprocess.run(command, env={**os.environ, **env}, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


class Rules(unittest.TestCase):

    def target(self, name):
        return os.path.join(FOLDER, name)

    def test_facts_of_a_space_that_imports_a_library(self):
        with open(self.target("with_blocks.json"), encoding="utf-8") as file:
            facts = json.load(file)
        self.assertEqual((facts["space"], facts["architectures"]), ("with_blocks", "9"))
        self.assertRegex(facts["identity"], "^[0-9a-f]{32}$")

    def test_the_compiled_space_is_the_space(self):
        code, output = run(NASC, "compat", self.target("with_blocks.nasc"),
                           self.target("with_blocks.space"), NASC_PATH=self.target("lib"))
        self.assertEqual((code, output), (0, "no step of the version is needed\n"))

    def test_a_mistake_does_not_build(self):
        with tempfile.TemporaryDirectory() as folder:
            code, output = run(SPACE_SCRIPT, NASC, self.target("mistaken.space"),
                               os.path.join(folder, "mistaken.json"),
                               os.path.join(folder, "mistaken.nasc"))
        self.assertNotEqual(code, 0)
        self.assertIn("tests/bazel/mistaken.space:5:8: error: unknown operation 'cnv'", output)
        self.assertIn("\n      |        ^~~\n  fix: did you mean 'conv'?\n", output)

    def test_every_bound_that_does_not_hold_is_told(self):
        code, output = run(self.target("all_bounds"))
        self.assertEqual(code, 1)
        for bound, found in (("least architectures 10", "the number of architectures is 9"),
                             ("least macs 1e9", "the least number of macs at scale default is "),
                             ("least weights 1e9", "the least number of weights at scale default is "),
                             ("most architectures 3", "the number of architectures is 9"),
                             ("most macs 1", "the greatest number of macs at scale default is "),
                             ("most weights 1", "the greatest number of weights at scale default is ")):
            self.assertIn(f"nasc: {bound} does not hold: {found}", output)

    def test_warnings_and_layout_are_told(self):
        code, output = run(self.target("untidy_space"))
        self.assertEqual(code, 1)
        self.assertIn("untidy.space:3:4: warning: nothing uses operation 'unused'", output)
        self.assertIn("untidy.space:6: not formatted", output)

    def test_a_library_by_its_name(self):
        """A search finds it in the workspace, or where that has none in what Bazel built."""
        empty = tempfile.TemporaryDirectory()
        self.addCleanup(empty.cleanup)
        for workspace in (os.getcwd(), empty.name):
            with tempfile.TemporaryDirectory() as runs:
                code, output = run(os.path.abspath(self.target("with_blocks_search")), "--runs", runs,
                                   BUILD_WORKSPACE_DIRECTORY=workspace)
                self.assertEqual(code, 0, output)
                copy = os.path.join(runs, "random", "libraries", "named", "blocks.space")
                self.assertTrue(os.path.exists(copy))

    def test_a_search_goes_on(self):
        with tempfile.TemporaryDirectory() as folder:
            def search(*args):
                code, output = run(os.path.abspath(self.target("search")), *args,
                                   BUILD_WORKSPACE_DIRECTORY=folder)
                self.assertEqual(code, 0, output)
                return output

            settings = ("--set", "budget.steps=2", "--set", "final.steps=2")
            self.assertNotIn("going on", search(*settings))
            run_folder = os.path.join(folder, "runs", "darts")
            # As if it had been killed before its last line.
            os.remove(os.path.join(run_folder, "summary.json"))
            self.assertIn("going on with runs/darts", search(*settings))
            self.assertTrue(os.path.exists(os.path.join(run_folder, "summary.json")))
            os.remove(os.path.join(run_folder, "summary.json"))
            self.assertNotIn("going on", search(*settings, "--fresh"))
            self.assertEqual(sorted(os.listdir(os.path.join(folder, "runs"))), ["darts", "darts-2"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
