"""Compares what nasc computes with the independent implementation in darts_reference.py.

dump_network runs a network of a .space file in float64 and writes what went in and came out; the
same weights, logits and images go through the reference. Only rounding may differ.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

import torch
from torch import Tensor, nn

import darts_reference
import tensor_file

TOLERANCE = 1e-8

options: argparse.Namespace


def run_nasc(space: str, scale: str, batch: int, architecture: str = "") -> dict[str, Tensor]:
    """What nasc computes, by name: `loss`, `gradient/...`."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("TEST_TMPDIR")) as folder:
        output = os.path.join(folder, "dump.safetensors")
        command = [options.dump_network, space, scale, "7", str(batch), output]
        subprocess.run(command + [architecture] * bool(architecture), check=True)
        return tensor_file.load(output)


def below(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The entries `prefix/NAME` by NAME."""
    return {name[len(prefix) + 1:]: value for name, value in tensors.items()
            if name.startswith(prefix + "/")}


def with_prefix(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}/{name}": value.clone() for name, value in tensors.items()}


def gradients(prefix: str, parameters: dict[str, nn.Parameter]) -> dict[str, Tensor]:
    return with_prefix(prefix, {name: parameter.grad for name, parameter in parameters.items()
                                if parameter.grad is not None})


def run_reference(network: darts_reference.Network, dump: dict[str, Tensor]) -> dict[str, Tensor]:
    """What the reference computes from the inputs in `dump`, by the names of the dump."""
    network.double().load_structural(below("weight", dump))
    images, labels = dump["images"], dump["labels"]
    logits: dict[str, nn.Parameter] = {}
    if isinstance(network, darts_reference.SearchNetwork):
        network.load_logits(below("logits", dump))
        logits = network.structural_logits()
    outputs: dict[str, Tensor] = {}

    def keep_outputs(_module: nn.Module, _inputs: object, result: object) -> None:
        logits, auxiliary = result if isinstance(result, tuple) else (result, None)
        outputs["output"] = logits.detach()
        if auxiliary is not None:
            outputs["auxiliary"] = auxiliary.detach()

    hook = network.register_forward_hook(keep_outputs)
    loss = network.loss(images, labels)
    hook.remove()
    loss.backward()
    result = {**outputs, "loss": loss.detach(),
              **with_prefix("buffer_after", network.structural_buffers()),
              **gradients("gradient", network.structural_parameters()),
              **gradients("logits_gradient", logits)}
    with torch.no_grad():
        evaluated = network.eval()(images)
    result["eval_output"] = evaluated[0] if isinstance(evaluated, tuple) else evaluated
    return result


class ReferenceTest(unittest.TestCase):

    def compare(self, title: str, network: darts_reference.Network, space: str, scale: str,
                batch: int, architecture: str = "") -> None:
        start = time.monotonic()
        dump = run_nasc(space, scale, batch, architecture)
        middle = time.monotonic()
        expected = run_reference(network, dump)
        print(f"{title}: {middle - start:.1f} s nasc, {time.monotonic() - middle:.1f} s reference")

        inputs = {name for name in dump
                  if name in ("images", "labels") or name.startswith(("weight/", "logits/"))}
        self.assertEqual(dump.keys() - inputs, expected.keys())
        parameters = {**network.structural_parameters(), **network.structural_buffers()}
        self.assertEqual(below("weight", dump).keys(), parameters.keys())
        self.assertEqual(below("gradient", dump).keys(), network.structural_parameters().keys())
        for name in expected.keys() & {"output", "auxiliary", "eval_output"}:
            # An image's output must depend on the image, or its comparison would mean little.
            self.assertGreater(float((dump[name] - dump[name][0]).abs().max()), 0.05, name)
        differences: dict[str, float] = {}
        wrong: list[str] = []
        for name, value in expected.items():
            self.assertEqual(dump[name].dtype, torch.float64, name)
            self.assertEqual(dump[name].shape, value.shape, name)
            self.assertTrue(value.isfinite().all(), name)
            difference = float((dump[name] - value).abs().max())
            kind = name.split("/")[0]
            differences[kind] = max(difference, differences.get(kind, 0))
            # Some gradients are small: theirs is the scale that counts.
            scale_of_value = float(value.abs().max())
            if not torch.allclose(dump[name], value, rtol=TOLERANCE, atol=TOLERANCE) or (
                    difference > TOLERANCE * scale_of_value + 1e-13):
                wrong.append(f"{name}: {difference:.1e} of {scale_of_value:.1e}")
        for kind, difference in sorted(differences.items()):
            count = sum(name.split("/")[0] == kind for name in expected)
            print(f"  {kind:16} {count:5} tensors, largest difference {difference:.1e}")
        self.assertEqual(wrong, [])

    def compare_supernet(self, space: str, scale: str, width: int, depth: int, batch: int) -> None:
        network = darts_reference.SearchNetwork(3, 10, width, depth)
        self.compare(f"supernet at {scale}", network, space, scale, batch)

    def compare_final(self, space: str, scale: str, width: int, depth: int, batch: int) -> None:
        network = darts_reference.FinalNetwork(darts_reference.SECOND_ORDER_CELLS, 3, 10, width,
                                               depth)
        self.compare(f"second-order cells at {scale}", network, space, scale, batch,
                     options.architecture)

    def test_small_supernet(self) -> None:
        self.compare_supernet(options.small, "search_small", width=4, depth=8, batch=3)

    def test_small_final_network(self) -> None:
        self.compare_final(options.small, "final_small", width=4, depth=8, batch=3)

    def test_supernet(self) -> None:
        self.compare_supernet(options.darts, "search", width=16, depth=8, batch=2)

    def test_final_network(self) -> None:
        self.compare_final(options.darts, "final", width=36, depth=20, batch=2)

    def test_small_space_differs_in_its_scales_only(self) -> None:
        def without_scales(path: str) -> list[str]:
            text = re.sub(r"^scale [^{]*\{[^}]*\}$", "", pathlib.Path(path).read_text(),
                          flags=re.MULTILINE)
            return [line for line in text.splitlines() if line and not line.startswith("//")]

        self.assertEqual(without_scales(options.small), without_scales(options.darts))

    def test_architecture_is_that_of_the_reference(self) -> None:
        text = pathlib.Path(options.architecture).read_text()
        edges = re.findall(r"^ *(\w+)\.(\w+)\.edges = \{ (.*) \}$", text, re.MULTILINE)
        operations = dict(re.findall(r"^ *(\S+)\.op = (\w+)$", text, re.MULTILINE))
        cells: dict[str, dict[str, set[tuple[str, str]]]] = {}
        for cell, node, sources in edges:
            cells.setdefault(cell, {})[node] = {
                (source, operations.pop(f"{cell}.{node}.{source}"))
                for source in sources.split(", ")}
        self.assertEqual(operations, {})
        self.assertEqual(cells, {
            cell: {node: set(pairs) for node, pairs in description.items()}
            for cell, description in darts_reference.SECOND_ORDER_CELLS.items()})

    def test_parameter_counts(self) -> None:
        def count(network: darts_reference.Network) -> int:
            return sum(p.numel() for p in network.structural_parameters().values())

        cells = darts_reference.SECOND_ORDER_CELLS
        self.assertEqual(count(darts_reference.SearchNetwork(3, 10)), 1930618)
        self.assertEqual(count(darts_reference.FinalNetwork(cells, 3, 10, auxiliary=False)),
                         3349342)
        self.assertEqual(count(darts_reference.FinalNetwork(cells, 3, 10)), 3825768)


def main() -> None:
    global options
    parser = argparse.ArgumentParser()
    for name in ("dump_network", "darts", "small", "architecture"):
        parser.add_argument(f"--{name}", required=True)
    options, rest = parser.parse_known_args()
    torch.set_num_threads(1)
    unittest.main(argv=sys.argv[:1] + rest)


if __name__ == "__main__":
    main()
