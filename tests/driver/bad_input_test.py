"""How the real driver says what is wrong."""

import gzip
import os
import shutil
import sys
import unittest

from driver import DATA, TINY, DriverTest, read, run


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
