"""The real driver, run as a user would, and the files that its tests share."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

NASC, DARTS, CELLS, TINY, NASBENCH201 = (os.path.abspath(path) for path in sys.argv[1:6])
DATA = "/usr/share/datasets/fashion-mnist"


def run(*args, cwd=None, code=0):
    """Runs nasc and returns (stdout, stderr); fails unless it exits with `code`."""
    done = subprocess.run([NASC, *args], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise AssertionError(
            f"nasc {' '.join(args)} exited with {done.returncode}, not {code}:\n"
            f"{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


def read(*parts):
    with open(os.path.join(*parts), "rb") as file:
        return file.read()


class DriverTest(unittest.TestCase):

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def tiny(self, *replacements):
        """The tiny space with pieces of its text replaced."""
        with open(TINY, encoding="utf-8") as file:
            text = file.read()
        for old, new in replacements:
            self.assertIn(old, text)
            text = text.replace(old, new)
        return self.write("tiny.space", text)

    def runs(self):
        return os.path.join(self.folder, "runs")

    def search(self, name, *args, space=TINY, search="darts", code=0):
        return run("search", space, search, "--runs", self.runs(), "--name", name, "--threads", "1",
                   *args, code=code)

    def fails(self, *args, says, code=1):
        """The command fails with these pieces in what it says, in plain lines."""
        _, errors = run(*args, code=code)
        for piece in says:
            self.assertIn(piece, errors)
        for trace in ("terminate called", "Exception raised from", "frame #", "*** Check"):
            self.assertNotIn(trace, errors)
        return errors
