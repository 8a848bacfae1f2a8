"""Versions of spaces with the real driver: differences, git, runs that are carried over."""

import json
import os
import shutil
import sqlite3
import subprocess
import unittest

from driver import DARTS, NASC, TINY, DriverTest, read, run
from tensor_file import load

HOOK = os.path.abspath("tools/git/pre-commit")


class Repository(DriverTest):

    def setUp(self):
        super().setUp()
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Nobody")
        self.git("config", "user.email", "nobody@example.org")

    def git(self, *args, code=0):
        environment = dict(os.environ, NASC=NASC, GIT_PAGER="cat", GIT_CONFIG_GLOBAL="/dev/null",
                           HOME=self.folder)
        done = subprocess.run(["git", *args], cwd=self.folder, capture_output=True, text=True,
                              env=environment, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def commit(self, message, code=0):
        self.git("add", "-A")
        return self.git("commit", "--quiet", "-m", message, code=code)


def choices(architecture):
    """Of its text all but the line that names the space."""
    return architecture.split("\n", 1)[1]


class Differences(Repository):

    def test_of_git_revisions(self):
        self.tiny()
        self.commit("one")
        self.tiny(("version 1.0.0", "version 1.1.0"), ("skip_connect\n", "skip = skip_connect\n"),
                   ("search darts", "renamed skip_connect -> skip\n\nsearch darts"))
        self.commit("two")
        text, _ = run("diff", "HEAD~1:tiny.space", "HEAD:tiny.space", cwd=self.folder)
        self.assertIn("tiny 1.0.0 -> 1.1.0", text)
        self.assertIn("~ skip_connect -> skip (renamed)", text)
        self.assertIn("of the old all kept", text)
        self.assertIn("this takes a minor step; the header makes it", text)
        diff = json.loads(run("diff", "HEAD~1:./tiny.space", "tiny.space", "--json",
                              cwd=self.folder)[0])
        self.assertTrue(diff["compatible"])
        self.assertEqual((diff["step_needed"], diff["step_made"]), ("minor", "minor"))
        self.assertEqual(diff["options"][0]["edit"], "renamed")
        run("compat", "HEAD~1:tiny.space", "tiny.space", cwd=self.folder)

    def test_takes_imports_from_the_revision(self):
        os.mkdir(os.path.join(self.folder, "lib"))
        self.write("lib/own.space", "library own version 1.0.0\nop mine = max_pool(3)\n")
        for name, path in (("top.space", "lib/own.space"), ("lib/deep.space", "own.space")):
            self.write(name, f"""space small version 1.0.0
import "{path}"
ops candidates {{ mine  avg_pool_3x3 = avg_pool(3) }}
network {{
  input image(3, 8, 8)  classes 2
  body conv(3, filters = 4) -> one of candidates
  head global_avg_pool -> linear(classes)
}}
""")
        self.commit("one")
        self.write("lib/own.space", "library own version 1.0.1\nop mine = max_pool(5)\n")
        for name in ("top.space", "lib/deep.space"):
            text, _ = run("diff", f"HEAD:{name}", name, cwd=self.folder)
            self.assertIn("mine: kernel 3 -> 5", text)
            self.assertIn("this takes a major step", text)

    def test_in_a_review(self):
        other = self.tiny(("  sep_conv_3x3 = sep_conv(3)\n", ""))
        text, _ = run("diff", TINY, other, "--markdown")
        self.assertIn("### tiny 1.0.0 -> 1.0.0", text)
        self.assertIn("**this takes a major step, and the header makes none: the version should be 2.0.0**",
                      text)
        self.assertIn("```diff\n# options\n- sep_conv_3x3, at", text)
        self.assertIn("<details><summary>for example</summary>", text)
        self.fails("compat", TINY, other, says=["that take sep_conv_3x3", "should be 2.0.0"])
        verdict, _ = run("compat", TINY, other, "--json", code=1)
        self.assertFalse(json.loads(verdict)["compatible"])

    def test_git_shows_spaces(self):
        self.tiny()
        self.write("lib.space", "library lib version 1.0.0\nop mine = conv(3)\n")
        self.write(".gitattributes", "*.space diff=nasc\n")
        self.git("config", "diff.nasc.command", f"{NASC} diff --git")
        self.commit("one")
        self.tiny(("max_pool(3)", "max_pool(5)"))
        self.write("lib.space", "library lib version 1.0.0\nop mine = conv(5)\n")
        shown = self.git("diff")
        self.assertIn("~ max_pool_3x3: kernel 3 -> 5", shown)
        self.assertIn("this takes a major step", shown)
        # A library is no space: its lines are shown.
        self.assertIn("-op mine = conv(3)\n+op mine = conv(5)\n", shown)
        self.commit("two")
        logged = self.git("log", "-p", "--ext-diff")
        self.assertIn("this takes a major step", logged)
        self.assertIn("+op mine = conv(5)\n", logged)

    def test_hook_asks_for_the_step(self):
        self.tiny()
        self.write("notes.space", "library notes version 1.0.0\nop mine = conv(3)\n")
        shutil.copy(HOOK, os.path.join(self.folder, ".git", "hooks", "pre-commit"))
        self.commit("one")
        change = ("  sep_conv_3x3 = sep_conv(3)\n", "")
        self.tiny(change)
        said = self.commit("two", code=1)
        self.assertIn("tiny.space: its version does not say what changed", said)
        self.assertIn("the version should be 2.0.0", said)
        self.tiny(change, ("version 1.0.0", "version 2.0.0"))
        self.commit("two")
        # So does a file that has another name, and one that is longer than a pipe holds.
        self.git("mv", "tiny.space", "small.space")
        small = self.tiny(change, ("version 1.0.0", "version 2.0.0"), ("max_pool(3)", "max_pool(5)"))
        os.rename(small, os.path.join(self.folder, "small.space"))
        self.assertIn("small.space: its version does not say what changed", self.commit("three", code=1))
        self.git("reset", "--hard", "--quiet")
        unused = "".join(f"op unused{i}(kernel) = relu -> conv(kernel, filters = 4) -> bn\n"
                         for i in range(2000))
        long = (("version 1.0.0", "version 2.0.1"), change, ("search darts", unused + "search darts"))
        self.tiny(*long)
        self.commit("long")
        self.tiny(*long, ("max_pool(3)", "max_pool(5)"))
        self.assertIn("the version should be 3.0.0", self.commit("three", code=1))
        self.git("reset", "--hard", "--quiet")
        # What is staged counts, not what lies beside it; libraries alone change no space here.
        self.write("notes.space", "library notes version 1.0.1\nop mine = conv(5)\n")
        self.git("add", "notes.space")
        self.tiny(*long, ("max_pool(3)", "max_pool(5)"))
        self.git("commit", "--quiet", "-m", "four")

    def test_compiled_spaces(self):
        compiled = os.path.join(self.folder, "tiny.nasc")
        run("compile", TINY, "--emit", "space", "--output", compiled)
        self.assertIn("no step of the version is needed", run("diff", compiled, TINY)[0])
        with open(compiled, "rb") as file:
            content = file.read()
        for name, damaged, says in (
                ("newer.nasc", content.replace(b"nasc space 2\n", b"nasc space 7\n"),
                 "a newer nasc made it"),
                ("cut.nasc", content[:-20], "damaged"),
                ("later.nasc", content.replace(b"version 1.0.0", b"version 7.0.0"), "damaged"),
                ("changed.nasc", content[:-9] + b"#" + content[-8:], "damaged")):
            path = os.path.join(self.folder, name)
            with open(path, "wb") as file:
                file.write(damaged)
            self.fails("diff", path, TINY, says=[name, says])

    def test_wrong_input(self):
        self.fails("diff", "missing.space", TINY, says=["cannot read missing.space"])
        self.fails("diff", TINY, says=["name two versions"])
        self.git("commit", "--allow-empty", "--quiet", "-m", "none")
        _, errors = run("diff", "HEAD:none.space", TINY, cwd=self.folder, code=1)
        self.assertIn("cannot read HEAD:none.space: git says:", errors)
        _, errors = run("diff", "nowhere:tiny.space", TINY, cwd=self.folder, code=1)
        self.assertIn("cannot read nowhere:tiny.space: git says:", errors)
        wrong = self.tiny(("sep_conv(3)", "sep_cov(3)"))
        self.fails("diff", TINY, wrong, says=["unknown operation 'sep_cov'", "^~~~~~~"])
        library = self.write("lib.space", "library lib version 1.0.0\nop mine = conv(3)\n")
        self.fails("compat", library, library, says=["defines no space"])


class Migration(DriverTest):

    RENAMED = (("version 1.0.0", "version 1.1.0"), ("  skip_connect\n", "  skip = skip_connect\n"),
               ("node n[2]", "node m[2]"), ("concat(n)", "concat(m)"),
               ("search darts", "renamed skip_connect -> skip\nrenamed normal.n0 -> normal.m0\n"
                "renamed normal.n1 -> normal.m1\nrenamed reduction.n0 -> reduction.m0\n"
                "renamed reduction.n1 -> reduction.m1\n\nsearch darts"))

    def migrate(self, name, space, *args, to="new"):
        output, _ = run("migrate", os.path.join(self.runs(), name), space, *args, "--runs",
                        self.runs(), "--name", to, "--json")
        return json.loads(output)

    def fates(self, migrated, kind):
        counts = {"kept": 0, "remapped": 0, "lost": 0}
        for item in migrated["items"]:
            if item["kind"] == kind:
                counts[item["fate"]] += 1
        return counts

    def test_renamed_search_loses_nothing(self):
        self.search("old")
        migrated = self.migrate("old", self.tiny(*self.RENAMED))
        for item in migrated["items"]:
            self.assertNotEqual(item["fate"], "lost", item)
        self.assertGreater(self.fates(migrated, "weight")["remapped"], 0)
        self.assertGreater(self.fates(migrated, "weight")["kept"], 0)
        self.assertEqual(self.fates(migrated, "decision")["kept"], 0)
        self.assertEqual(self.fates(migrated, "network"), {"kept": 0, "remapped": 2, "lost": 0})

        def renamed(name):
            parts = ["m" + part[1:] if part in ("n0", "n1") else part for part in name.split(".")]
            return ".".join("skip" if part == "skip_connect" else part for part in parts)

        for file in ("supernet.safetensors", "decisions.safetensors", "derived/weights.safetensors"):
            before = load(os.path.join(self.runs(), "old", file))
            after = load(os.path.join(self.runs(), "new", file))
            self.assertEqual({renamed(name) for name in before}, set(after))
            for name, tensor in before.items():
                self.assertTrue((after[renamed(name)] == tensor).all(), name)

        # The networks compute what they did, and the search is as ended as it was.
        logits = []
        for name in ("old", "new"):
            path = os.path.join(self.folder, name + ".npy")
            run("eval", os.path.join(self.runs(), name), "--logits", path)
            logits.append(read(path))
        self.assertEqual(*logits)
        self.assertIn("derived", run("search", "--resume", os.path.join(self.runs(), "new"))[0])

    def test_search_goes_on_with_what_is_left(self):
        """A candidate goes, one comes: the rest of weights and logits is carried."""
        space = (("  sep_conv_3x3 = sep_conv(3)\n", "  conv_3x3 = relu_conv_bn(3)\n"),
                 ("version 1.0.0", "version 2.0.0"))
        for strategy in ("darts { learning_rate = 0.01 }", "enas { candidates = 2 }", "gdas",
                         "spos { candidates = 6 population = 3 parents = 2 }"):
            name = strategy.split()[0]
            setting = ("strategy darts { learning_rate = 0.01 }", "strategy " + strategy)
            self.search(name, space=self.tiny(setting))
            migrated = self.migrate(name, self.tiny(setting, *space), to=name + "-new")
            lost = [item for item in migrated["items"] if item["fate"] == "lost"]
            for item in lost:
                self.assertTrue("sep_conv_3x3" in item["name"] or item["kind"] in
                                ("network", "architecture"), item)
            self.assertTrue(any("sep_conv_3x3" in item["name"] for item in lost))
            self.assertGreater(self.fates(migrated, "weight")["kept"], 0)
            old = load(os.path.join(self.runs(), name, "supernet.safetensors"))
            new = load(os.path.join(self.runs(), name + "-new", "supernet.safetensors"))
            for weight, tensor in old.items():
                if "sep_conv_3x3" in weight:
                    self.assertNotIn(weight, new)
                else:
                    self.assertTrue((new[weight] == tensor).all(), weight)
            self.search_goes_on(name + "-new")

    def search_goes_on(self, name):
        run("search", "--resume", os.path.join(self.runs(), name))
        self.assertIn("2.0.0", read(self.runs(), name, "architecture.arch").decode())

    def trials(self, name):
        """Search, number, choices as text and accuracy of each."""
        with sqlite3.connect(os.path.join(self.runs(), name, "trials.sqlite")) as file:
            rows = file.execute(
                "SELECT search, number, text, measure_accuracy FROM trials JOIN architectures ON "
                "architectures.id = architecture ORDER BY search, number").fetchall()
        return [(search, number, choices(text), accuracy) for search, number, text, accuracy in rows]

    def found_is_the_best_trial(self, name):
        best = max((row for row in self.trials(name) if row[0] == "search"), key=lambda row: row[3])
        self.assertEqual(choices(read(self.runs(), name, "architecture.arch").decode()), best[2])

    def test_trials_that_are_still_valid(self):
        """Of each strategy's trials those are lost, and only those, that the new version excludes."""
        for strategy in ("evolution { population = 3 }", "ppo", "local_search { initial = 3 }",
                         "bananas"):
            name = strategy.split()[0]
            setting = ("  strategy random\n  train sgd { batch = 16 }\n  budget trials 2  steps 2",
                       f"  strategy {strategy}\n  train sgd {{ batch = 4 }}\n  budget trials 8  steps 1")
            self.search(name, search="random", space=self.tiny(setting))
            before = self.trials(name)
            new = self.tiny(setting, ("version 1.0.0", "version 2.0.0"),
                            ("search darts", "require count(sep_conv_3x3) <= 2\n\nsearch darts"))
            migrated = self.migrate(name, new, to=name + "-new")
            valid = [row for row in before if row[2].count("= sep_conv_3x3") <= 2]
            self.assertTrue(0 < len(valid) < len(before))
            carried = self.trials(name + "-new")
            self.assertEqual([(row[0], row[2], row[3]) for row in valid],
                             [(row[0], row[2], row[3]) for row in carried])
            fates = self.fates(migrated, "trial")
            self.assertEqual(fates["kept"] + fates["remapped"], len(valid))
            self.assertEqual(fates["lost"], len(before) - len(valid))
            for item in migrated["items"]:
                if item["fate"] == "lost" and item["kind"] == "trial":
                    self.assertIn("does not fulfil", item["why"])
            # They count: the search goes on until its budget is spent, twice the same.
            copy = os.path.join(self.runs(), name + "-copy")
            shutil.copytree(os.path.join(self.runs(), name + "-new"), copy)
            for run_folder in (name + "-new", name + "-copy"):
                run("search", "--resume", os.path.join(self.runs(), run_folder))
                rows = self.trials(run_folder)
                for search in ("search", "random"):
                    self.assertEqual(sum(row[0] == search for row in rows), 8)
                self.assertTrue(all(row[2].count("= sep_conv_3x3") <= 2 for row in rows))
                self.found_is_the_best_trial(run_folder)
            self.assertEqual(self.trials(name + "-new"), self.trials(name + "-copy"))

    def test_trials_that_spend_the_budget(self):
        """The best of them is found, though the best of the old search is lost."""
        search = "  train sgd { batch = 16 }\n  budget trials 2  steps 2"
        many = (search, "  train sgd { batch = 4 }\n  budget trials 8  steps 1\n  baseline off")
        self.search("old", search="random", space=self.tiny(many))
        best = max(self.trials("old"), key=lambda row: row[3])
        allowed = best[2].count("= sep_conv_3x3") - 1
        left = [row for row in self.trials("old") if row[2].count("= sep_conv_3x3") <= allowed]
        self.assertTrue(0 < len(left) < 8)
        few = (many[0], many[1].replace("trials 8", f"trials {len(left)}"))
        new = self.tiny(few, ("version 1.0.0", "version 2.0.0"), (
            "search darts", f"require count(sep_conv_3x3) <= {allowed}\n\nsearch darts"))
        self.migrate("old", new)
        run("search", "--resume", os.path.join(self.runs(), "new"))
        self.assertEqual([row[2:] for row in self.trials("new")], [row[2:] for row in left])
        self.found_is_the_best_trial("new")
        # Other trainings would not be comparable.
        for change, what in (("batch = 4", "training"), ("steps 1\n", "budget of a trial"),
                             ("train = 400", "data")):
            other = {"batch = 4": "batch = 5", "steps 1\n": "steps 3\n", "train = 400": "train = 300"}
            text = read(new).decode().replace(change, other[change])
            self.fails("migrate", os.path.join(self.runs(), "old"), self.write("other.space", text),
                       "random", says=[f"measured otherwise: the {what} was '"])

    def test_architectures(self):
        self.search("old")
        new = self.tiny(*self.RENAMED)
        found = os.path.join(self.runs(), "old", "architecture.arch")
        text, _ = run("migrate", found, new, "--of", TINY)
        before = read(found).decode()
        self.assertIn("architecture tiny version 1.1.0", text)
        self.assertEqual(text.count(".m0.edges"), before.count(".n0.edges"))
        self.assertNotIn("skip_connect", text)
        # Nothing takes the place of a device, and what is lost on the way out is told.
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([NASC, "migrate", found, new, "--of", TINY], stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot write the output: No space left on device", done.stderr)
        device = os.path.join(self.folder, "device")
        os.symlink("/dev/full", device)
        self.fails("migrate", found, new, "--of", TINY, "--output", device,
                   says=[f"cannot write {device}: No space left on device"])
        # A major step away the same values may mean something else.
        self.fails("info", self.tiny(("version 1.0.0", "version 2.0.0"), ("max_pool(3)", "max_pool(5)")),
                   "--architecture", found, says=["an architecture of 'tiny' 1.0.0", "not of 2.0.0"])
        new = self.tiny(*self.RENAMED)
        output = os.path.join(self.folder, "new.arch")
        run("migrate", found, new, "--of", TINY, "--output", output)
        self.assertEqual(read(output).decode(), text)
        run("info", new, "--architecture", output)
        # It says of which space it is, whatever its version.
        self.fails("info", new, "--architecture", found,
                   says=["an architecture of 'tiny' 1.0.0 (identity ", "not of 1.1.0 (identity ",
                         "has no decision 'normal.n0", "nasc migrate"])
        self.fails("migrate", found, new, says=["name the version of the space that it is of by --of"])
        other = self.tiny(("max_pool(3)", "max_pool(5)"), ("sep_conv(3)", "sep_conv(5)"),
                          ("  skip_connect\n", ""))
        self.fails("migrate", found, other, "--of", TINY, says=["is not in tiny 1.0.0: "])

    def test_wrong_input(self):
        self.search("old")
        old = os.path.join(self.runs(), "old")
        self.fails("migrate", self.folder, TINY, says=["config.json"])
        self.fails("migrate", old, DARTS, says=["darts.space"])
        other = self.tiny(("data fashion_mnist { pad = 2  train = 400  test = 200 }\n  strategy darts",
                           "data fashion_mnist { pad = 2  train = 400  test = 200 }\n  strategy gdas"),
                          ("{ learning_rate = 0.01 }", ""))
        migrated = self.migrate("old", other)
        self.assertEqual(self.fates(migrated, "weight")["lost"], 0)
        self.fails("migrate", old, TINY, "random", "--runs", self.runs(), "--name", "trials",
                   says=["darts of the run and random of the new search are not of one kind"])
        self.assertFalse(os.path.exists(os.path.join(self.runs(), "trials")))

    def test_another_space_is_told(self):
        self.search("old")
        old = os.path.join(self.runs(), "old")
        weights = os.path.join(old, "derived", "weights.safetensors")
        changed = self.tiny(("  skip_connect\n", "  skip = skip_connect\n"),
                            ("version 1.0.0", "version 1.1.0"))
        self.fails("export", changed, "--architecture", os.path.join(old, "derived/architecture.arch"),
                   "--weights", weights, "--format", "ir", "--output",
                   os.path.join(self.folder, "x.ir"),
                   says=["of space tiny 1.0.0, not of tiny 1.1.0", "- skip_connect, at",
                         "nasc migrate"])
        # The same version, and yet another space.
        changed = self.tiny(("  skip_connect\n", "  skip = skip_connect\n"))
        self.fails("export", changed, "--architecture", os.path.join(old, "derived/architecture.arch"),
                   "--weights", weights, "--format", "ir", "--output",
                   os.path.join(self.folder, "x.ir"), says=["identity", "nasc migrate"])
        # A run whose space was changed behind its back.
        shutil.copy(changed, os.path.join(old, "space", "tiny.space"))
        for command in (("eval", old), ("search", "--resume", old),
                        ("inherit", TINY, "darts", "--from", old + "/supernet", "--architecture",
                         os.path.join(old, "derived/architecture.arch"), "--dry-run")):
            self.fails(*command, says=["was made with space tiny of identity", "nasc migrate"])


if __name__ == "__main__":
    unittest.main(argv=["versions_test"], verbosity=2)
