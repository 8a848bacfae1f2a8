"""Searches by trials with the real driver: on tables, recorded, resumed, over several seeds."""

import json
import os
import signal
import sqlite3
import subprocess
import time
import unittest

from driver import NASBENCH201, NASC, TINY, DriverTest, read, run

TABLE = os.path.join(os.path.dirname(NASBENCH201), "benchmark.tsv.gz")


class Trials(DriverTest):

    def table_search(self, strategy, budget="trials 60", extra="", signal_column="cifar10_valid_acc_12ep"):
        """A file with one search on the table of NAS-Bench-201."""
        return self.write("search.space", f"""
import "{NASBENCH201}"
search look {{
  space nasbench201 at quick
  strategy {strategy}
  evaluate table {{
    path = "{TABLE}"  notation = "nasbench201"
    signal = "{signal_column}"  report = "cifar10_test_acc_200ep"
  }}
  budget {budget}
  {extra}
}}
""")

    def look(self, file, name, *args, code=0):
        return run("search", file, "--runs", self.runs(), "--name", name, *args, code=code)

    def records(self, name):
        """The trials of both searches, as rows."""
        with sqlite3.connect(os.path.join(self.runs(), name, "trials.sqlite")) as file:
            return file.execute(
                "SELECT search, number, text, fidelity, same_as, trials.* FROM trials JOIN "
                "architectures ON architectures.id = architecture ORDER BY search, number"
            ).fetchall()


class Tables(Trials):

    def test_every_strategy(self):
        for strategy in ("random", "local_search { initial = 5 }", "evolution { population = 10 }",
                         "tpe", "nsga2", "reinforce", "ppo", "bananas", "exhaustive"):
            name = strategy.split()[0]
            output, _ = self.look(self.table_search(strategy), name, "--json")
            summary = json.loads(output)
            self.assertEqual(summary["strategy"], name)
            self.assertEqual(summary["found"]["trials"], 60)
            self.assertGreaterEqual(60, summary["found"]["evaluated"])
            self.assertEqual(summary["figure"]["name"], "cifar10_test_acc_200ep")
            # The report is that of the architecture that was best by the signal.
            self.assertEqual(summary["figure"]["found"],
                             summary["found"]["report"]["cifar10_test_acc_200ep"])
            best = max(row[-2] for row in self.records(name) if row[0] == "search")
            self.assertEqual(best, summary["found"]["front"][0]["cifar10_valid_acc_12ep"])

    def test_equal_functions_are_evaluated_once(self):
        output, _ = self.look(self.table_search("exhaustive", "trials 3000"), "all")
        self.assertRegex(output, r"search: 3000 trials, \d+ evaluated: \d+ compute the same")
        rows = [row for row in self.records("all") if row[0] == "search"]
        values = {row[1]: row[-2] for row in rows}
        same = [row for row in rows if row[4] > 0]
        self.assertGreater(len(same), 500)
        for row in same:
            self.assertEqual(row[-2], values[row[4]])

    def test_schedulers_need_fidelities_that_count(self):
        for scheduler in ("successive_halving", "hyperband", "asha"):
            output, _ = self.look(
                self.table_search("random", "trials 20", f"schedule {scheduler}"), scheduler, "--json")
            fidelities = [row[3] for row in self.records(scheduler) if row[0] == "search"]
            self.assertLess(min(fidelities), 1)
            self.assertLessEqual(sum(fidelities), 20 + 1e-6)
            self.assertTrue(json.loads(output)["found"]["trials"] > 20)

    def test_several_objectives(self):
        output, _ = self.look(self.table_search(
            "nsga2", "trials 150",
            "objective maximize cifar10_valid_acc_12ep  objective minimize weights"), "front")
        self.assertIn("Pareto front:", output)
        self.assertIn("minimize weights = ", output)
        self.assertRegex(output, r"Of random search's \d+ points on its Pareto front \d+ are dominated")

    def test_mnasnet_reward(self):
        self.look(self.table_search(
            "evolution", "trials 50",
            "objective maximize cifar10_valid_acc_12ep * (macs / 40e6) ^ -0.07"), "reward")
        rows = self.records("reward")
        for row in rows:
            accuracy, macs, objective = row[-3:]
            self.assertAlmostEqual(objective, accuracy * (macs / 40e6) ** -0.07, places=9)

    def test_wrong_input(self):
        self.fails("search", self.table_search("random", signal_column="accuracy"), "--runs",
                   self.runs(), says=["there is no column 'accuracy'", "benchmark.tsv.gz:1"])
        self.fails("search", self.table_search("random", extra="objective maximize acuracy"), "--runs",
                   self.runs(), says=["nothing measures 'acuracy'"])
        self.fails("search", self.table_search("random", signal_column="cifar10_test_acc_200ep"),
                   "--runs", self.runs(), says=["is a signal and a report"])
        self.fails("search", self.table_search("random", "trials 5 epochs 1"), "--runs", self.runs(),
                   says=["evaluate table trains nothing"])
        self.fails("search", self.table_search(
            "random", extra="objective maximize cifar10_valid_acc_12ep / 0"), "--runs", self.runs(),
                   says=["has no finite value for trial 1"])
        self.assertFalse(os.path.exists(self.runs()))


class Resume(Trials):

    # Long enough to be killed between trials.
    SLOW = ("budget trials 2  steps 2", "budget trials 6  steps 8")

    def compare(self, name, other):
        for file in ("metrics.jsonl", "architecture.arch"):
            self.assertEqual(read(self.runs(), name, file), read(self.runs(), other, file), file)
        self.assertEqual(self.records(name), self.records(other))
        summaries = [json.loads(read(self.runs(), run_name, "summary.json")) for run_name in (name, other)]
        for summary in summaries:
            del summary["run"]
        self.assertEqual(*summaries)

    def start(self, name, space):
        return subprocess.Popen(
            [NASC, "search", space, "random", "--runs", self.runs(), "--name", name, "--threads", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_for_trials(self, name, count):
        path = os.path.join(self.runs(), name, "trials.sqlite")
        for _ in range(3000):
            time.sleep(0.02)
            try:
                with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
                    if file.execute("SELECT count(*) FROM trials").fetchone()[0] >= count:
                        return
            except sqlite3.OperationalError:
                pass
        self.fail("no trials were recorded")

    def test_killed_and_stopped_runs_go_on_bit_for_bit(self):
        space = self.tiny(self.SLOW)
        self.search("whole", space=space, search="random")
        for name, sign, trials in (("killed", signal.SIGKILL, 2), ("stopped", signal.SIGINT, 8)):
            process = self.start(name, space)
            self.wait_for_trials(name, trials)
            process.send_signal(sign)
            code = process.wait()
            self.assertEqual(code, -signal.SIGKILL if sign == signal.SIGKILL else 130)
            run("search", "--resume", os.path.join(self.runs(), name))
            self.compare("whole", name)

    def test_an_ended_run_says_the_same_again(self):
        file = self.table_search("evolution")
        output, _ = self.look(file, "once")
        again, _ = run("search", "--resume", os.path.join(self.runs(), "once"))
        self.assertEqual(output, again)

    def test_wrong_input(self):
        self.fails("search", "--resume", self.folder, says=["config.json"])
        self.look(self.table_search("evolution"), "broken")
        with open(os.path.join(self.runs(), "broken", "trials.sqlite"), "wb") as file:
            file.write(b"no database at all, whatever the name says" * 100)
        for end in ("-wal", "-shm"):
            path = os.path.join(self.runs(), "broken", "trials.sqlite" + end)
            if os.path.exists(path):
                os.remove(path)
        self.fails("search", "--resume", os.path.join(self.runs(), "broken"),
                   says=["cannot go on with", "trials.sqlite"])
        self.fails("search", says=["--resume RUN"])


class Seeds(Trials):

    def test_several_seeds(self):
        file = self.table_search("local_search")
        output, _ = self.look(file, "many", "--seeds", "4")
        self.assertIn("4 seeds, from 0 on", output)
        self.assertIn("95% interval", output)
        summary = json.loads(read(self.runs(), "many", "summary.json"))
        values = []
        for seed in range(4):
            self.look(file, f"one-{seed}", "--seed", str(seed))
            values.append(json.loads(read(self.runs(), f"one-{seed}", "summary.json"))["figure"]["found"])
        self.assertEqual(summary["found"]["values"], values)
        self.assertAlmostEqual(summary["found"]["mean"], sum(values) / 4)
        # All are there: it only says so again.
        again, _ = run("search", "--resume", os.path.join(self.runs(), "many"))
        self.assertEqual(output, again)

    def test_a_failing_seed_is_told(self):
        file = self.table_search("random", extra="objective maximize log(cifar10_valid_acc_12ep - 80)")
        errors = self.fails("search", file, "--seeds", "2", "--runs", self.runs(),
                            says=["seed ", "has no finite value", "its output is in"])
        self.assertNotIn("Everything is in", errors)


class Runs(Trials):

    def test_list_show_export(self):
        self.look(self.table_search("evolution"), "a")
        run("search", TINY, "random", "--runs", self.runs(), "--name", "b", "--threads", "1")
        listed, _ = run("runs", "list", "--runs", self.runs())
        self.assertRegex(listed, r"runs/a +search +look +0 +ended +cifar10_test_acc_200ep \d")
        self.assertRegex(listed, r"runs/b +search +random +0 +ended +accuracy 0")
        lines, _ = run("runs", "list", "--runs", self.runs(), "--json")
        self.assertEqual([json.loads(line)["trials"] for line in lines.splitlines()], [60, 2])
        shown, _ = run("runs", "show", os.path.join(self.runs(), "a"), "--top", "3")
        self.assertEqual(shown.count("architecture nasbench201 version"), 3)
        exported, _ = run("runs", "export", os.path.join(self.runs(), "a"))
        self.assertEqual(len(exported.splitlines()), 61)
        lines, _ = run("runs", "export", os.path.join(self.runs(), "a"), "--format", "jsonl",
                       "--search", "random")
        self.assertEqual(len(lines.splitlines()), 60)
        self.assertIn("cifar10_valid_acc_12ep", json.loads(lines.splitlines()[0]))

    def test_what_is_exported_is_a_table(self):
        self.look(self.table_search("exhaustive", "trials 200", "baseline off"), "all")
        table = os.path.join(self.folder, "all.tsv")
        run("runs", "export", os.path.join(self.runs(), "all"), "--output", table)
        file = self.write("again.space", f"""
import "{NASBENCH201}"
search look {{
  space nasbench201 at quick
  strategy exhaustive
  evaluate table {{ path = "{table}"  architectures = "architecture"  signal = "cifar10_valid_acc_12ep" }}
  budget trials 200
  baseline off
}}
""")
        self.look(file, "again")
        summaries = [json.loads(read(self.runs(), name, "summary.json")) for name in ("all", "again")]
        self.assertEqual(*[summary["found"]["architecture"] for summary in summaries])

    def test_wrong_input(self):
        self.fails("runs", "list", "--runs", os.path.join(self.folder, "none"), says=["there is no folder"])
        self.fails("runs", "show", self.folder, says=["config.json"])


class Compare(Trials):

    def test_a_table_and_ranks(self):
        flags = ("--runs", self.runs(), "--threads", "1", "--json")
        output, _ = run("compare", TINY, "darts", "--rank", "darts", "--count", "3", *flags)
        lines = [json.loads(line) for line in output.splitlines()]
        self.assertEqual(lines[0]["search"], "darts")
        summary = json.loads(read(self.runs(), "darts", "summary.json"))
        self.assertEqual(lines[0]["found"], summary["figure"]["found"])
        self.assertEqual(len({line["architecture"] for line in lines[1:4]}), 3)
        self.assertEqual(lines[4]["architectures"], 3)
        self.assertLessEqual(abs(lines[4]["kendall"]), 1)

    def test_wrong_input(self):
        self.fails("compare", TINY, "random", "--runs", self.runs(), says=["has no `final` line"])
        self.fails("compare", TINY, "--rank", "drats", says=["did you mean 'darts'?"])


class Fidelities(Trials):

    HALVING = ("  budget trials 2  steps 2\n", """  schedule successive_halving { width = 3 }
  fidelity 1/9 { scale = final  epochs = 1/2 }
  fidelity 1/3 { data = 50%  image = 16 }
  budget trials 2  steps 4
""")

    def test_correlations_between_fidelities(self):
        flags = ("fidelities", self.tiny(self.HALVING), "random", "--count", "3", "--threads", "1")
        output, _ = run(*flags, "--json")
        lines = [json.loads(line) for line in output.splitlines()]
        self.assertEqual(len({line["architecture"] for line in lines[:3]}), 3)
        self.assertEqual([round(line["fidelity"], 3) for line in lines[3:]], [0.111, 0.333, 1])
        self.assertEqual(lines[3]["what"], "scale = final  epochs = 0.5")
        self.assertEqual((lines[5]["share"], lines[5]["spearman"], lines[5]["kendall"]), (1, 1, 1))
        for line in lines[3:]:
            self.assertEqual(line["spearman_between"][2], line["spearman"])
            self.assertGreater(line["seconds"], 0)
        table, _ = run(*flags)
        self.assertIn("over 3 architectures drawn at random", table)
        self.assertIn("data = 0.5  image = 16", table)

    def test_a_search_takes_them_as_rungs(self):
        self.search("halving", space=self.tiny(self.HALVING), search="random")
        fidelities = [round(row[3], 3) for row in self.records("halving") if row[0] == "search"]
        self.assertEqual(fidelities, [0.111, 0.111, 0.111, 0.333, 1])
        # What is recorded at other fidelities is of another search.
        space = os.path.join(self.runs(), "halving", "space", "tiny.space")
        with open(space, encoding="utf-8") as file:
            text = file.read()
        with open(space, "w", encoding="utf-8") as file:
            file.write(text.replace("data = 50%", "data = 25%"))
        self.fails("search", "--resume", os.path.join(self.runs(), "halving"),
                   says=["another search", "fidelities"])

    def test_wrong_input(self):
        self.fails("fidelities", TINY, "random", says=["declares no fidelities"])


class OneShot(Trials):

    def test_every_strategy_ends_and_says_the_same_twice(self):
        for strategy in ("gdas", "drnas", "proxyless", "spos { candidates = 4 }",
                         "enas", "darts { stop_skips = 1  check_every = 1 }"):
            space = self.tiny(("strategy darts { learning_rate = 0.01 }", f"strategy {strategy}"))
            name = strategy.split()[0]
            for copy in ("", "-again"):
                self.search(name + copy, space=space)
            for file in ("metrics.jsonl", "architecture.arch", "supernet.safetensors", "decisions.safetensors"):
                self.assertEqual(read(self.runs(), name, file), read(self.runs(), name + "-again", file))

    def test_a_stopped_search_goes_on_bit_for_bit(self):
        space = self.tiny(("budget steps 4", "budget steps 40"))
        self.search("whole", space=space)
        process = subprocess.Popen(
            [NASC, "search", space, "darts", "--runs", self.runs(), "--name", "stopped", "--threads", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        metrics = os.path.join(self.runs(), "stopped", "metrics.jsonl")
        for _ in range(3000):
            time.sleep(0.02)
            if os.path.exists(metrics) and len(read(metrics).splitlines()) >= 5:
                break
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(), 130)
        run("search", "--resume", os.path.join(self.runs(), "stopped"))
        for file in ("metrics.jsonl", "architecture.arch", "supernet.safetensors", "decisions.safetensors",
                     "derived/weights.safetensors"):
            self.assertEqual(read(self.runs(), "whole", file), read(self.runs(), "stopped", file), file)


class Benchmark(Trials):

    def test_strategies_are_compared(self):
        page = os.path.join(self.folder, "page.html")
        text = "".join(
            read(self.table_search(strategy)).decode()
            .replace("search look", f"search {strategy}").replace(f'import "{NASBENCH201}"', "")
            for strategy in ("random", "evolution"))
        file = self.write("benchmark.space", f'import "{NASBENCH201}"\n{text}')
        flags = ("--trials", "20,60", "--seeds", "6,evolution=4", "--output", page, "--json")
        output, _ = run("benchmark", file, *flags)
        lines = [json.loads(line) for line in output.splitlines()]
        self.assertEqual([(line["strategy"], line["trials"], line["seeds"]) for line in lines],
                         [("random", 20, 6), ("random", 60, 6), ("evolution", 20, 4), ("evolution", 60, 4)])
        # What it says of a strategy is what single searches find.
        search = self.table_search("evolution")
        found = []
        for seed in range(4):
            self.look(search, f"seed-{seed}", "--seed", str(seed))
            found.append(json.loads(read(self.runs(), f"seed-{seed}", "summary.json"))["figure"]["found"])
        self.assertAlmostEqual(lines[3]["mean_test"], sum(found) / 4, places=9)
        html = read(page).decode()
        self.assertIn("<svg", html)
        self.assertIn("94.373", html)
        self.assertNotIn("http://", html.replace("http://www.w3.org/2000/svg", ""))
        # The number of threads changes nothing.
        again, _ = run("benchmark", file, *flags, "--threads", "1")
        self.assertEqual(output, again)

    def test_wrong_input(self):
        file = self.table_search("random")
        self.fails("benchmark", file, "--seeds", "look=x", says=["--seeds takes a whole number"])
        self.fails("benchmark", file, "--seeds", "luck=3", says=["there is no search 'luck'"])
        self.fails("benchmark", TINY, says=["searches are compared by an evaluator that needs no data"])


if __name__ == "__main__":
    unittest.main(argv=["trials_test"])
