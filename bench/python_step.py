"""Times steps of the DARTS supernet in Python's torch, against the same steps by nasc.

The supernet is the plain one of tests/reference: one module a candidate, NCHW, autograd. Rounds of
each alternate; medians are printed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

import torch
from torch import nn


def python_step(network, optimizer, images, labels):
    """Forward, backward, clip, SGD: one step of the weights. Milliseconds."""
    begin = time.perf_counter()
    optimizer.zero_grad()
    network.loss(images, labels).backward()
    nn.utils.clip_grad_norm_(network.structural_parameters().values(), 5)
    optimizer.step()
    return 1000 * (time.perf_counter() - begin)


def nasc_step(bench, batch, threads):
    """The benchmark's own measurement of a step of the weights. Milliseconds."""
    done = subprocess.run([bench, "--json", "--ours", "--case", "darts_weights", "--batch",
                           str(batch), "--threads", str(threads), "--repeats", "3"],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["ms"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--reference", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, default=16, choices=(16, 64))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args()
    sys.path.insert(0, os.path.dirname(os.path.abspath(args.reference)))
    import darts_reference  # pylint: disable=import-outside-toplevel

    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    network = darts_reference.SearchNetwork(3, 10, width=16, depth=8)
    optimizer = torch.optim.SGD(list(network.structural_parameters().values()), lr=0.025,
                                momentum=0.9, weight_decay=3e-4)
    images = torch.randn(args.batch, 3, 32, 32)
    labels = torch.randint(10, (args.batch,))
    python_step(network, optimizer, images, labels)  # what stays is made by the first
    ours, theirs = [], []
    for _ in range(args.rounds):
        theirs.append(python_step(network, optimizer, images, labels))
        ours.append(nasc_step(args.bench, args.batch, args.threads))
    python_ms, nasc_ms = statistics.median(theirs), statistics.median(ours)
    if args.json:
        print(json.dumps({"case": "python_darts_weights", "batch": args.batch,
                          "threads": args.threads, "time_ratio": python_ms / nasc_ms,
                          "python_ms": python_ms, "ms": nasc_ms, "torch": torch.__version__}))
    else:
        print(f"DARTS, weights, batch {args.batch}, {args.threads} threads: "
              f"Python torch {torch.__version__} {python_ms:.0f} ms, nasc {nasc_ms:.0f} ms, "
              f"{python_ms / nasc_ms:.2f}x")


if __name__ == "__main__":
    main()
