"""Runs the real driver as a user would: what it prints, writes, and how it fails."""

import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import unittest

from driver import CELLS, DARTS, DATA, NASC, TINY, DriverTest, read, run


class Libraries(DriverTest):

    def test_path(self):
        os.makedirs(os.path.join(self.folder, "libs/ours"))
        self.write("libs/ours/parts.space", "library ours.parts version 1.0.0\nop twice = relu -> relu\n")
        space = self.tiny(("import std.cnn", "import std.cnn\nimport ours.parts"),
                          ("head ", "head twice -> "))
        self.fails("check", space, says=["no such library", "--path", "NASC_PATH"])
        run("check", space, "--path", os.path.join(self.folder, "libs"))
        run("--path", os.path.join(self.folder, "libs"), "info", space)


class Compile(DriverTest):

    def test_every_form(self):
        for emit, piece in (("ast", "(cell normal"), ("ir", "decision @normal.n0.edges"),
                            ("program", "softmax("), ("dot", "digraph")):
            output, _ = run("compile", DARTS, "--scale", "search", f"--emit={emit}")
            self.assertIn(piece, output)

    def test_stats(self):
        """Sums are those of the parts, and passes make a program smaller in every respect."""
        def stats(*args):
            output, _ = run("compile", TINY, "--scale", "small", "--emit=program", "--step",
                            "weights", "--stats", "--json", "--batch", "16", *args)
            return json.loads(output)
        plain, fused = stats("--passes", "none"), stats()
        for figures in (plain, fused):
            self.assertEqual(sum(figures["steps"].values()), figures["kernels"])
            self.assertLessEqual(figures["own_kernels"], figures["kernels"])
        for figure in ("kernels", "bytes", "peak_bytes"):
            self.assertLess(fused[figure], plain[figure])
        # What the depthwise convolutions gave is computed again.
        self.assertGreater(fused["macs"], plain["macs"])
        self.assertGreater(fused["steps"]["separable"], 0)
        self.assertNotIn("separable", plain["steps"])
        self.assertLess(stats("--recompute")["peak_bytes"], fused["peak_bytes"])

        output, _ = run("compile", TINY, "--scale", "small", "--emit=program", "--step", "weights",
                        "--stats", "--batch", "16")
        self.assertIn(f"peak memory {fused['peak_bytes'] / 1e6:.1f} MB at batch 16", output)
        self.assertRegex(output, r"separable_gradient +[0-9]+ .* nasc\n")
        self.assertRegex(output, rf"all +{fused['kernels']} ")

    def test_output_file(self):
        path = os.path.join(self.folder, "space.ir")
        run("compile", TINY, "--scale", "small", "-o", path)
        self.assertIn(b"supernet @tiny", read(path))


class Format(DriverTest):

    def test_rewrites_what_differs(self):
        spread = self.tiny(("budget steps 4", "budget   steps 4"))
        errors = self.fails("fmt", "--check", TINY, spread, says=[f"{spread}:42: not formatted",
                                                                  "-   budget   steps 4",
                                                                  "+   budget steps 4"])
        self.assertNotIn(TINY, errors)
        printed, _ = run("fmt", "--stdout", spread)
        self.assertEqual(printed.encode(), read(TINY))
        self.assertNotEqual(read(spread), read(TINY))
        os.chmod(spread, 0o640)
        link = os.path.join(self.folder, "link.space")
        os.symlink(spread, link)
        self.assertEqual(run("fmt", link, TINY)[0], f"{link}\n")
        self.assertEqual(read(spread), read(TINY))
        self.assertTrue(os.path.islink(link))
        self.assertEqual(os.stat(spread).st_mode & 0o777, 0o640)
        self.assertEqual(run("fmt", spread)[0], "")

    def test_leaves_what_does_not_parse(self):
        space = self.tiny(("merge sum", "merge"))
        before = read(space)
        self.fails("fmt", space, os.path.join(self.folder, "none.space"),
                   says=["unexpected", "none.space"])
        self.assertEqual(read(space), before)
        self.fails("fmt", "--stdout", TINY, space, says=["--stdout takes one file"])
        self.fails("fmt", "--stdout", "--check", TINY, says=["--check"], code=2)


class Check(DriverTest):

    def json(self, *args, code=0):
        output, errors = run("check", *args, "--json", code=code)
        self.assertEqual(errors, "")
        return json.loads(output)["files"]

    def warned(self):
        """The tiny space with a setting that nothing uses."""
        return self.tiny(("drop_path = 0.2", "drop_path = 0.2  drop_pth = 0.1"))

    def test_json_of_a_right_file(self):
        self.assertEqual(self.json(TINY), [{"file": TINY, "ok": True, "diagnostics": []}])

    def test_json_of_mistakes(self):
        space = self.tiny(("sep_conv(3)", "sep_cov(3)"), ("merge sum", "merge summ"))
        right, wrong = self.json(TINY, space, code=1)
        self.assertTrue(right["ok"])
        self.assertFalse(wrong["ok"])
        self.assertEqual([d["line"] for d in wrong["diagnostics"]],
                         sorted(d["line"] for d in wrong["diagnostics"]))
        self.assertEqual(wrong["diagnostics"][0], {
            "code": "unknown-operation", "severity": "error",
            "message": "unknown operation 'sep_cov'", "file": space,
            "line": 10, "column": 18, "end_column": 25,
            "notes": [], "fix": "did you mean 'sep_conv'?"})

    def test_json_of_notes(self):
        space = self.tiny(("sep_conv_3x3 = sep_conv(3)", "half = conv(3, stride = 2) -> bn"))
        found = self.json(space, code=1)[0]["diagnostics"][0]
        self.assertEqual(found["code"], "unlike-candidates")
        self.assertIn("merged by", found["notes"][0]["message"])
        self.assertEqual(found["notes"][0]["file"], space)

    def test_json_of_a_file_that_is_not_there(self):
        found = self.json(os.path.join(self.folder, "none.space"), code=1)[0]["diagnostics"][0]
        self.assertEqual((found["code"], found["line"]), ("cannot-read", None))

    def test_warnings_as_errors(self):
        space = self.warned()
        output, errors = run("check", space)
        self.assertIn("ok", output)
        self.assertIn("[unused-setting]", errors)
        self.fails("check", space, "--warnings-as-errors", says=["[unused-setting]"])
        self.assertTrue(self.json(space)[0]["ok"])
        found = self.json(space, "--warnings-as-errors", code=1)[0]
        self.assertFalse(found["ok"])
        self.assertEqual(found["diagnostics"][0]["severity"], "warning")


class Explain(DriverTest):

    def test_every_code_in_one_line(self):
        output, _ = run("explain")
        self.assertIn("unknown-operation", output)
        for line in output.splitlines():
            code, title = line.split(maxsplit=1)
            page, _ = run("explain", code)
            self.assertTrue(page.startswith(f"{code}: {title}\n"), page)
            self.assertNotIn("```", page)

    def test_unknown_code(self):
        self.fails("explain", "unknown-operatoin", says=["did you mean 'unknown-operation'?"])
        self.fails("explain", "no such code", says=["`nasc explain` lists all"])

    def test_errors_say_it_once(self):
        space = self.tiny(("sep_conv(3)", "sep_cov(3)"), ("merge sum", "merge summ"))
        hint = "`nasc explain unknown-operation` says more\n"
        for command in (("check", space), ("info", space)):
            errors = self.fails(*command, says=[hint])
            self.assertTrue(errors.endswith(hint))
            self.assertEqual(errors.count("says more"), 1)


class Ops(DriverTest):

    def test_list(self):
        output, _ = run("ops")
        for piece in ("primitives", "std.cnn", "global_avg_pool", "sep_conv"):
            self.assertIn(piece, output)

    def test_one(self):
        primitive, _ = run("ops", "conv")
        for piece in ("conv(kernel, filters = ...", "dilation", "default: 1", "Gives"):
            self.assertIn(piece, primitive)
        operation, _ = run("ops", "squeeze_excite")
        self.assertIn("multiply(", operation)
        self.assertNotIn("```", operation)

    def test_unknown(self):
        self.fails("ops", "sep_cov", says=["did you mean 'sep_conv'?"])


class Latency(DriverTest):

    STEM = ("conv 1x32x32 -> 8x32x32 kernel=3 filters=8 stride=1 dilation=1 padding=1 bias=0 "
            "kernel_width=3 padding_width=1")

    def test_table_of_a_space(self):
        """A row an operation, each once."""
        output, _ = run("latency", TINY, "--scale", "small", "--times", "1", "--draws", "20",
                        "--threads", "1")
        first, *rows = [line.split(",") for line in output.splitlines()]
        self.assertEqual(first, ["operation", "latency"])
        keys = [key for key, _ in rows]
        self.assertEqual(len(set(keys)), len(keys))
        self.assertIn(self.STEM, keys)
        self.assertTrue(any(key.startswith("depthwise 8x16x16 -> 8x16x16") for key in keys))
        self.assertTrue(all(float(seconds) >= 0 for _, seconds in rows))

    def test_table_of_an_architecture(self):
        output, said = run("latency", DARTS, "--scale", "search", "--architecture", CELLS,
                           "--times", "1", "--threads", "1")
        self.assertRegex(said, r"the network takes [0-9.]+ s, its operations one by one [0-9.]+ s")
        self.assertIn("depthwise ", output)
        self.assertNotIn("none ", output)


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


class BadInput(DriverTest):

    def no_run(self):
        self.assertFalse(os.path.exists(self.runs()), "a failed run left a folder")

    def fails_search(self, space, *says):
        self.fails("search", space, "darts", "--runs", self.runs(), says=says)
        self.no_run()

    def data_folder(self):
        folder = os.path.join(self.folder, "images")
        shutil.copytree(DATA, folder)
        return folder

    def with_data(self, folder):
        return self.tiny(("fashion_mnist {", f'fashion_mnist {{ path = "{folder}"'))

    def test_missing_data(self):
        self.fails_search(self.with_data(os.path.join(self.folder, "nowhere")),
                          "train-images-idx3-ubyte.gz", "dataset-fashion-mnist")

    def test_truncated_data(self):
        folder = self.data_folder()
        path = os.path.join(folder, "train-images-idx3-ubyte.gz")
        whole = read(path)
        os.remove(path)
        with open(path, "wb") as file:
            file.write(whole[:len(whole) // 2])
        self.fails_search(self.with_data(folder), path, "truncated")

    def test_short_data(self):
        folder = self.data_folder()
        path = os.path.join(folder, "t10k-labels-idx1-ubyte.gz")
        with gzip.open(path, "rb") as file:
            labels = file.read()
        os.remove(path)
        with gzip.open(path, "wb") as file:
            file.write(labels[:-10])
        self.fails_search(self.with_data(folder), path)

    def test_unknown_operation(self):
        space = self.tiny(("sep_conv(3)", "sep_cov(3)"))
        errors = self.fails("check", space, says=["tiny.space:10:18: error: unknown operation",
                                                  "did you mean 'sep_conv'?", "^~~~~~~"])
        self.assertEqual(errors.count("error:"), 1)
        self.fails_search(space, "did you mean 'sep_conv'?")

    def test_shapes_that_cannot_meet(self):
        space = self.tiny(("sep_conv_3x3 = sep_conv(3)", "half = conv(3, stride = 2) -> bn"))
        errors = self.fails("check", space, says=["'half' on the edge from", "f32[N,4,16,16]",
                                                  "f32[N,4,32,32]", "^~"])
        # It shows at both scales, and is one mistake.
        self.assertEqual(errors.count("error:"), 1)

    def test_several_mistakes_in_one_go(self):
        space = self.tiny(("sep_conv(3)", "sep_cov(3)"), ("merge sum", "merge summ"),
                          ("bn(affine = true)", "bn(afine = true)"))
        errors = self.fails("check", space, says=["sep_conv", "'sum'", "'affine'"])
        self.assertEqual(errors.count("error:"), 3)

    def test_unknown_flag(self):
        self.fails("search", TINY, "darts", "--sed", "3", says=["--sed", "--seed"], code=2)

    def test_unknown_command(self):
        self.fails("serch", TINY, says=["did you mean 'search'?"], code=2)

    def test_unknown_names(self):
        self.fails("search", TINY, "dart", says=["did you mean 'darts'?"])
        self.fails("info", TINY, "--scale", "smal", says=["no scale 'smal'", "small"])
        self.fails("check", os.path.join(self.folder, "none.space"), says=["none.space"])

    def test_unwritable_run_folder(self):
        blocked = self.write("blocked", "a file, where a folder is needed")
        self.fails("search", TINY, "darts", "--runs", os.path.join(blocked, "runs"),
                   says=["blocked/runs", "Not a directory"])

    def test_architecture_of_another_kind(self):
        path = self.write("wrong.arch", "architecture tiny version 1.0.0 {\n"
                                        "  normal.n0.edges = { prev_prev, prv }\n}\n")
        self.fails("info", TINY, "--scale", "small", "--architecture", path,
                   says=["wrong.arch:2:", "did you mean 'prev'?"])

    def test_damaged_weights(self):
        self.search("run")
        path = os.path.join(self.runs(), "run/derived/weights.safetensors")
        whole = read(path)
        with open(path, "wb") as file:
            file.write(whole[:len(whole) // 2])
        run_folder = os.path.join(self.runs(), "run")
        self.fails("eval", run_folder, says=["weights.safetensors is damaged"])
        # One bit of one number.
        with open(path, "wb") as file:
            file.write(whole[:-1] + bytes([whole[-1] ^ 1]))
        self.fails("eval", run_folder, says=["weights.safetensors is damaged", "were changed"])

    def test_damaged_configuration(self):
        self.search("run")
        path = os.path.join(self.runs(), "run", "config.json")
        whole = read(path).decode()
        for damaged, says in ((whole.replace('"network_scale": "final"', '"network_scale": "big"'),
                               "no scale 'big'"), (whole[:len(whole) // 2], "config.json")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(damaged)
            self.fails("eval", os.path.join(self.runs(), "run"), says=[says])

    def test_batch_larger_than_the_data(self):
        self.fails_search(self.tiny(("train = 400", "train = 20")), "a batch of 16", "10 images")

    def test_loss_that_explodes(self):
        space = self.tiny(("cosine(0.05, 0.001)  batch", "1000  clip = 0  batch"),
                          ("budget steps 4", "budget steps 50"))
        self.fails("search", space, "darts", "--runs", self.runs(), "--threads", "1",
                   says=["lower learning_rate"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
