"""The real driver, run as a user would."""

import os
import subprocess
import sys

NASC, EXAMPLES = (os.path.abspath(path) for path in sys.argv[1:3])


def run(*args, cwd, code=0):
    """Runs nasc and returns what it prints, or what it complains of where it shall fail."""
    done = subprocess.run([NASC, *args], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != code:
        raise AssertionError(f"nasc {' '.join(args)} exited with {done.returncode}:\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout if code == 0 else done.stderr
