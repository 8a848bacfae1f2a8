"""Searches with the real driver on data of the user's own."""

import os
import random
import struct
import unittest
import zlib

from driver import TINY, DriverTest, read, run


def png(width, height, samples):
    """A PNG file of bytes, grey or colour by how many there are."""
    channels = len(samples) // (width * height)
    row = width * channels
    rows = b"".join(b"\0" + samples[i:i + row] for i in range(0, len(samples), row))

    def chunk(name, content):
        return (struct.pack(">I", len(content)) + name + content +
                struct.pack(">I", zlib.crc32(name + content)))

    kind = {1: 0, 3: 2}[channels]
    size = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(rows)) +
            chunk(b"IEND", b""))


def npy(kind, shape, content):
    """A file as numpy.save writes it."""
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape!r}, }}\n".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + content


class Data(DriverTest):

    def setUp(self):
        super().setUp()
        self.random = random.Random(1)

    def put(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def space(self, data):
        """A file that searches the tiny space, for a few steps, on these data."""
        return self.write("own.space", f"""
import "{TINY}"
search own {{
  space tiny at small
  data {data}
  strategy darts
  train sgd {{ batch = 4 }}
  budget steps 2
  final at final {{ steps = 2 }}
  baseline off
}}
""")

    def look(self, name, data):
        output, _ = self.search(name, space=self.space(data), search="own")
        self.assertIn("derived architecture", output)
        evaluated, _ = run("eval", os.path.join(self.runs(), name))
        self.assertIn("test accuracy", evaluated)

    def refused(self, data, *says):
        self.fails("search", self.space(data), "own", "--runs", self.runs(), says=says)

    def write_cifar(self):
        for name in [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]:
            self.put(f"cifar/{name}.bin", b"".join(
                bytes([i % 10]) + self.random.randbytes(3072) for i in range(8)))

    def test_cifar10(self):
        self.write_cifar()
        folder = os.path.join(self.folder, "cifar")
        self.look("cifar", f'cifar10 {{ path = "{folder}" }}')
        self.put("cifar/data_batch_3.bin", b"\0" * 3000)
        self.refused(f'cifar10 {{ path = "{folder}" }}', "data_batch_3.bin: truncated: 3000 bytes")
        os.remove(os.path.join(folder, "data_batch_3.bin"))
        self.refused(f'cifar10 {{ path = "{folder}" }}', "data_batch_3.bin: no such file: unpack "
                     "cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html")
        self.refused(f'cifar100 {{ path = "{folder}" }}', "train.bin: no such file: unpack "
                     "cifar-100-binary.tar.gz")

    def test_image_folder(self):
        for name in ("cat", "dog", "owl"):
            for i in range(10):
                self.put(f"images/train/{name}/{i}.png",
                         png(20, 16, self.random.randbytes(3 * 20 * 16)))
        folder = os.path.join(self.folder, "images")
        self.look("folder", f'image_folder {{ path = "{folder}" }}')
        grey = self.put("images/train/cat/10.png", png(30, 40, self.random.randbytes(30 * 40)))
        self.refused(f'image_folder {{ path = "{folder}" }}', "to bring all to one size")
        self.look("resized",
                  f'image_folder {{ path = "{folder}"  size = 12  channels = 1  pad = 2 }}')
        self.put("images/train/cat/10.png", b"GIF89a")
        self.refused(f'image_folder {{ path = "{folder}" }}', f"{grey}: cannot be read as a PNG")
        self.refused('image_folder', 'data image_folder { path = "folder" }')
        self.refused(f'image_folder {{ path = "{folder}"  target = "y" }}', "[unknown-setting]",
                     "target")

    def test_npy(self):
        images = self.put("x.npy", npy("|u1", (40, 10, 9, 3), self.random.randbytes(40 * 270)))
        classes = struct.pack("<40q", *[i % 4 for i in range(40)])
        labels = self.put("y.npy", npy("<i8", (40,), classes))
        both = f'images = "{images}"  labels = "{labels}"'
        self.look("npy", f"npy {{ {both}  test_part = 30% }}")
        test = f'test_images = "{images}"  test_labels = "{labels}"'
        self.look("files", f"npy {{ {both}  {test} }}")
        self.refused(f"npy {{ {both}  {test}  test_part = 0.1 }}",
                     "`test_part` is for data without `test_images`")
        self.refused(f'npy {{ images = "{labels}"  labels = "{labels}" }}',
                     f"{labels}: its elements are '<i8'; images are bytes")
        self.put("y.npy", npy("<i8", (1 << 40,), b""))
        self.refused(f"npy {{ {both} }}",
                     f"{labels}: its header claims an array of 1099511627776 elements")

    def test_data_of_another_kind(self):
        rows = "".join(f"{i},{i * i % 7},{i % 2}\n" for i in range(40))
        table = self.write("t.csv", "a,b,y\n" + rows)
        self.refused(f'table {{ path = "{table}"  target = "y" }}',
                     "space tiny declares `input image(...) classes`, the data are "
                     "`features(2) classes 2`")

    def test_data_that_the_space_cannot_take(self):
        """A stem without padding needs images of a certain size."""
        space = self.write("narrow.space", """
space narrow version 1.0.0
ops candidates { a = conv(3)  b = conv(1) }
cell normal(x) { node n { edges 1 of earlier { one of candidates } merge sum }  output last }
network {
  input image(1, 12, 12)  classes 4
  stem conv(9, filters = 4, padding = 0)
  stack 1 { else: normal }
  head global_avg_pool -> linear(classes)
}
scale only { width = 4 }
""")
        images = self.put("x.npy", npy("|u1", (40, 8, 8), self.random.randbytes(40 * 64)))
        labels = self.put("y.npy", npy("|u1", (40,), bytes(i % 4 for i in range(40))))
        file = self.write("own.space", f"""
import "{space}"
search own {{
  space narrow
  data npy {{ images = "{images}"  labels = "{labels}" }}
  strategy darts
  train sgd {{ batch = 4 }}
  budget steps 2
}}
""")
        self.fails("search", file, "--runs", self.runs(), says=[
            "space narrow cannot take these data, `image(1, 8, 8) classes 4`; it declares "
            "`image(1, 12, 12) classes 4`", "add 2 to `pad` of the data line"])
        text = read(file).decode().replace("data npy {", "data npy { pad = 2 ")
        file = self.write("own.space", text)
        run("search", file, "--runs", self.runs(), "--threads", "1")

    def test_help_lists_the_data_sets(self):
        output, _ = run("search", "--help")
        for piece in ("data cifar10:", "data cifar100:", "data image_folder:", "data npy:",
                      "channels_first"):
            self.assertIn(piece, output)


if __name__ == "__main__":
    unittest.main(argv=["data_test"])
