"""Reference implementation of the networks of DARTS, used as a test oracle.

H. Liu, K. Simonyan, Y. Yang, "DARTS: Differentiable Architecture Search", ICLR 2019.
Written for clarity, one plain module per candidate operation, tensors in NCHW. The module tree
mirrors the structural names (``stage0.cell0.normal.n0.prev.sep_conv_3x3.conv1.weight``), so a
parameter's name in the tree is its structural name. Call ``.double()`` before loading float64
weights; loading converts to the network's own precision.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# The candidate operations in the order of the logits (section 3.1.1).
CANDIDATES = ("none", "max_pool_3x3", "avg_pool_3x3", "skip_connect",
              "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5")
CELL_TYPES = ("normal", "reduction")
INPUTS = ("prev_prev", "prev")
AUXILIARY_WEIGHT = 0.4  # appendix A.2: auxiliary towers with weight 0.4

CellDescription = Mapping[str, Sequence[tuple[str, str]]]  # node -> its (source, operation)s
Edges = Mapping[str, Mapping[str, Sequence[str]]]  # node -> source -> operations

# The cells found by second order DARTS on CIFAR-10 (figures 4 and 5), as (source, operation).
SECOND_ORDER_CELLS: dict[str, CellDescription] = {
    "normal": {
        "n0": [("prev_prev", "sep_conv_3x3"), ("prev", "sep_conv_3x3")],
        "n1": [("prev_prev", "sep_conv_3x3"), ("prev", "sep_conv_3x3")],
        "n2": [("prev", "sep_conv_3x3"), ("prev_prev", "skip_connect")],
        "n3": [("prev_prev", "skip_connect"), ("n0", "dil_conv_3x3")],
    },
    "reduction": {
        "n0": [("prev_prev", "max_pool_3x3"), ("prev", "max_pool_3x3")],
        "n1": [("n0", "skip_connect"), ("prev", "max_pool_3x3")],
        "n2": [("prev_prev", "max_pool_3x3"), ("n0", "skip_connect")],
        "n3": [("n0", "skip_connect"), ("prev", "max_pool_3x3")],
    },
}


# --- Operations (section 3.1.1) -------------------------------------------------------------


def steps(**modules: nn.Module) -> nn.Sequential:
    """Apply the named modules one after the other."""
    return nn.Sequential(OrderedDict(modules))


def convolution(channels_in: int, channels_out: int, kernel: int = 1, stride: int = 1,
                padding: int = 0) -> nn.Conv2d:
    """Convolution without bias."""
    return nn.Conv2d(channels_in, channels_out, kernel, stride, padding, bias=False)


def depthwise(channels: int, kernel: int, stride: int, dilation: int = 1) -> nn.Conv2d:
    """Depthwise convolution without bias, padded to keep the resolution at stride 1."""
    padding = dilation * (kernel - 1) // 2
    return nn.Conv2d(channels, channels, kernel, stride, padding, dilation, groups=channels,
                     bias=False)


def relu_conv_bn(channels_in: int, channels_out: int, affine: bool) -> nn.Module:
    return steps(relu=nn.ReLU(), conv=convolution(channels_in, channels_out),
                 bn=nn.BatchNorm2d(channels_out, affine=affine))


def separable_conv(channels: int, kernel: int, stride: int, affine: bool) -> nn.Module:
    """ReLU, depthwise and 1x1 convolution, BN; the whole applied twice, the stride once."""
    return steps(
        relu1=nn.ReLU(), depthwise1=depthwise(channels, kernel, stride),
        conv1=convolution(channels, channels), bn1=nn.BatchNorm2d(channels, affine=affine),
        relu2=nn.ReLU(), depthwise2=depthwise(channels, kernel, stride=1),
        conv2=convolution(channels, channels), bn2=nn.BatchNorm2d(channels, affine=affine),
    )


def dilated_conv(channels: int, kernel: int, stride: int, affine: bool) -> nn.Module:
    """ReLU, depthwise convolution of dilation 2, 1x1 convolution, BN."""
    return steps(relu=nn.ReLU(), depthwise=depthwise(channels, kernel, stride, dilation=2),
                 conv=convolution(channels, channels),
                 bn=nn.BatchNorm2d(channels, affine=affine))


class Zero(nn.Module):
    """The candidate ``none``: no connection, zeros of the output's shape."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x[:, :, :: self.stride, :: self.stride])


class FactorizedReduce(nn.Module):
    """Halve the resolution with two 1x1 convolutions of stride 2, offset by one pixel."""

    def __init__(self, channels_in: int, channels_out: int, affine: bool) -> None:
        super().__init__()
        if channels_out % 2:
            raise ValueError(f"FactorizedReduce needs even output channels, got {channels_out}")
        self.conv1 = convolution(channels_in, channels_out // 2, stride=2)
        self.conv2 = convolution(channels_in, channels_out // 2, stride=2)
        self.bn = nn.BatchNorm2d(channels_out, affine=affine)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(x)
        return self.bn(torch.cat([self.conv1(x), self.conv2(x[:, :, 1:, 1:])], dim=1))


def make_operation(name: str, channels: int, stride: int, derived: bool) -> nn.Module:
    """Build a candidate: in derived cells BN is affine and pooling is not followed by BN."""
    if name == "none":
        return Zero(stride)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels, derived)
    if name in ("sep_conv_3x3", "sep_conv_5x5"):
        return separable_conv(channels, int(name[-1]), stride, affine=derived)
    if name in ("dil_conv_3x3", "dil_conv_5x5"):
        return dilated_conv(channels, int(name[-1]), stride, affine=derived)
    if name == "max_pool_3x3":
        pool = nn.MaxPool2d(3, stride, padding=1)
    elif name == "avg_pool_3x3":
        pool = nn.AvgPool2d(3, stride, padding=1, count_include_pad=False)
    else:
        raise ValueError(f"unknown operation {name!r}")
    return pool if derived else steps(pool=pool, bn=nn.BatchNorm2d(channels, affine=False))


# --- Cells (sections 2.1 and 2.2) -----------------------------------------------------------


def complete_edges(nodes: int) -> Edges:
    """The search cell: every node sees both inputs and all earlier nodes, by all candidates."""
    states = INPUTS + tuple(f"n{i}" for i in range(nodes))
    return {f"n{i}": {source: CANDIDATES for source in states[: i + 2]} for i in range(nodes)}


def derived_edges(cell: CellDescription) -> Edges:
    """The derived cell: two edges a node, each with a single operation (section 2.4)."""
    edges: dict[str, dict[str, tuple[str, ...]]] = {}
    for i in range(len(cell)):
        visible = INPUTS + tuple(edges)
        pairs = cell[f"n{i}"]
        edges[f"n{i}"] = {source: (operation,) for source, operation in pairs}
        if len(pairs) != 2 or len(edges[f"n{i}"].keys() & visible) != 2:
            raise ValueError(f"n{i} needs edges from two of {visible}, got {pairs}")
    return edges


class Cell(nn.Module):
    """Adapt the two inputs, compute the nodes in order, concatenate the nodes.

    With mixing weights an edge is the weighted sum of its operations (equation 2), without them
    it is its only operation. A node is the sum of its edges (equation 1).
    """

    def __init__(self, edges: Edges, channels_prev_prev: int, channels_prev: int, width: int,
                 reduction: bool, after_reduction: bool, derived: bool) -> None:
        super().__init__()
        adapt_prev_prev = FactorizedReduce if after_reduction else relu_conv_bn
        self.adapt = nn.ModuleDict({
            "prev_prev": adapt_prev_prev(channels_prev_prev, width, affine=derived),
            "prev": relu_conv_bn(channels_prev, width, affine=derived),
        })
        self.node_names = tuple(edges)
        for node, sources in edges.items():
            self.add_module(node, nn.ModuleDict())
            for source, names in sources.items():
                stride = 2 if reduction and source in INPUTS else 1
                self.get_submodule(node)[source] = nn.ModuleDict(
                    {name: make_operation(name, width, stride, derived) for name in names})

    def forward(self, prev_prev: Tensor, prev: Tensor,
                mixing: Mapping[str, Tensor] | None = None) -> Tensor:
        states = {"prev_prev": self.adapt["prev_prev"](prev_prev),
                  "prev": self.adapt["prev"](prev)}
        for node in self.node_names:
            terms = []
            for source, operations in self.get_submodule(node).items():
                results = [operation(states[source]) for operation in operations.values()]
                if mixing is not None:
                    weights = mixing[f"{node}.{source}"]
                    results = [weight * result for weight, result in zip(weights, results)]
                terms.append(sum(results))
            states[node] = sum(terms)
        return torch.cat([states[node] for node in self.node_names], dim=1)


# --- Networks (sections 3.1 and 3.2, appendix) ----------------------------------------------


def auxiliary_head(channels: int, classes: int) -> nn.Module:
    """Auxiliary tower, for maps of 8x8 pixels (section 3.2, appendix A.2)."""
    return steps(
        relu=nn.ReLU(), pool=nn.AvgPool2d(5, stride=3, padding=0, count_include_pad=False),
        conv1=convolution(channels, 128), bn1=nn.BatchNorm2d(128), relu1=nn.ReLU(),
        conv2=convolution(128, 768, kernel=2), bn2=nn.BatchNorm2d(768), relu2=nn.ReLU(),
        flatten=nn.Flatten(), linear=nn.Linear(768, classes),
    )


def cell_name(index: int, reductions: Sequence[int]) -> str:
    """Structural name of the cell at ``index``, given the indices of the reduction cells."""
    earlier = [r for r in reductions if r < index]
    if index in reductions:
        return f"reduction{len(earlier)}"
    first = earlier[-1] + 1 if earlier else 0
    return f"stage{len(earlier)}.cell{index - first}.normal"


def add_by_path(root: nn.Module, path: str, module: nn.Module) -> None:
    """Register ``module`` below ``root`` under a dotted path, creating the levels between."""
    *levels, leaf = path.split(".")
    for level in levels:
        if level not in dict(root.named_children()):
            root.add_module(level, nn.Module())
        root = root.get_submodule(level)
    root.add_module(leaf, module)


def copy_entries(given: Mapping[str, Tensor], expected: Mapping[str, Tensor],
                 required: Iterable[str]) -> None:
    """Copy every entry into its place; raise before that unless names and shapes all fit."""
    if missing := sorted(set(required) - set(given)):
        raise KeyError(f"missing: {missing}")
    if unexpected := sorted(set(given) - set(expected)):
        raise KeyError(f"unexpected: {unexpected}")
    for name, value in given.items():
        if value.shape != expected[name].shape:
            raise ValueError(f"{name}: {tuple(value.shape)}, not {tuple(expected[name].shape)}")
    with torch.no_grad():
        for name, value in given.items():
            expected[name].copy_(value)


class Network(nn.Module):
    """Stem, cells with reductions at 1/3 and 2/3 of the depth, head (section 3.1.1)."""

    def __init__(self, edges: Mapping[str, Edges], in_channels: int, classes: int, width: int,
                 depth: int, derived: bool) -> None:
        super().__init__()
        reductions = sorted({depth // 3, 2 * depth // 3})
        self.stem = steps(conv=convolution(in_channels, 3 * width, kernel=3, padding=1),
                          bn=nn.BatchNorm2d(3 * width))  # affine in both networks
        self.cell_names = tuple(cell_name(index, reductions) for index in range(depth))
        channels = [3 * width, 3 * width]  # of the stem or of each cell so far
        for index, name in enumerate(self.cell_names):
            reduction = index in reductions
            width *= 2 if reduction else 1
            cell_edges = edges["reduction" if reduction else "normal"]
            cell = Cell(cell_edges, channels[-2], channels[-1], width, reduction,
                        after_reduction=index - 1 in reductions, derived=derived)
            add_by_path(self, name, cell)
            channels.append(len(cell_edges) * width)
        self.cell_channels = tuple(channels[2:])
        self.head = steps(pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten(),
                          linear=nn.Linear(channels[-1], classes))

    def cell_outputs(self, images: Tensor,
                     mixing: Mapping[str, Mapping[str, Tensor]] | None = None) -> list[Tensor]:
        """The outputs of all cells; the stem's output is both inputs of the first cell."""
        outputs = [self.stem(images)] * 2
        for name in self.cell_names:
            cell_type = "reduction" if name.startswith("reduction") else "normal"
            weights = None if mixing is None else mixing[cell_type]
            outputs.append(self.get_submodule(name)(outputs[-2], outputs[-1], weights))
        return outputs[2:]

    def structural_parameters(self) -> dict[str, nn.Parameter]:
        """The weights (not the architecture logits) by structural name."""
        return {n: p for n, p in self.named_parameters() if not n.startswith("logits.")}

    def structural_buffers(self) -> dict[str, Tensor]:
        """The running statistics of the batch normalizations by structural name."""
        return {n: b for n, b in self.named_buffers() if not n.endswith("num_batches_tracked")}

    def load_structural(self, weights: Mapping[str, Tensor]) -> None:
        """Copy every entry into its place; running statistics are given all or not at all."""
        parameters, buffers = self.structural_parameters(), self.structural_buffers()
        places = {**parameters, **buffers}
        copy_entries(weights, places, places if buffers.keys() & weights.keys() else parameters)


class SearchNetwork(Network):
    """The network of the search: every edge mixes all candidates (equation 2)."""

    def __init__(self, in_channels: int, classes: int, width: int = 16, depth: int = 8,
                 nodes: int = 4) -> None:
        edges = complete_edges(nodes)
        super().__init__({cell_type: edges for cell_type in CELL_TYPES}, in_channels, classes,
                         width, depth, derived=False)
        self.logits = nn.Module()  # shared by all cells of a type
        for cell_type in CELL_TYPES:
            for node, sources in edges.items():
                for source in sources:
                    edge = nn.Module()
                    edge.op = nn.Parameter(1e-3 * torch.randn(len(CANDIDATES)))
                    add_by_path(self.logits, f"{cell_type}.{node}.{source}", edge)

    def forward(self, images: Tensor) -> Tensor:
        mixing: dict[str, dict[str, Tensor]] = {cell_type: {} for cell_type in CELL_TYPES}
        for name, logits in self.structural_logits().items():
            cell_type, edge = name.removesuffix(".op").split(".", 1)
            mixing[cell_type][edge] = F.softmax(logits, dim=0)
        return self.head(self.cell_outputs(images, mixing)[-1])

    def loss(self, images: Tensor, labels: Tensor) -> Tensor:
        return F.cross_entropy(self(images), labels)

    def structural_logits(self) -> dict[str, nn.Parameter]:
        """The architecture logits by structural name, such as ``normal.n0.prev.op``."""
        return dict(self.logits.named_parameters())

    def load_logits(self, logits: Mapping[str, Tensor]) -> None:
        """Copy the logits of every edge into their places."""
        places = self.structural_logits()
        copy_entries(logits, places, required=places)


class FinalNetwork(Network):
    """The network that is evaluated: derived cells, optional auxiliary tower (section 3.2)."""

    def __init__(self, cells: Mapping[str, CellDescription], in_channels: int, classes: int,
                 width: int = 36, depth: int = 20, auxiliary: bool = True) -> None:
        edges = {cell_type: derived_edges(cells[cell_type]) for cell_type in CELL_TYPES}
        super().__init__(edges, in_channels, classes, width, depth, derived=True)
        self.auxiliary_index = 2 * depth // 3
        width_there = self.cell_channels[self.auxiliary_index]
        self.auxiliary = auxiliary_head(width_there, classes) if auxiliary else None

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor | None]:
        """Logits, and the auxiliary logits if the tower exists (in training and evaluation)."""
        outputs = self.cell_outputs(images)
        if self.auxiliary is None:
            return self.head(outputs[-1]), None
        return self.head(outputs[-1]), self.auxiliary(outputs[self.auxiliary_index])

    def loss(self, images: Tensor, labels: Tensor) -> Tensor:
        logits, auxiliary_logits = self(images)
        loss = F.cross_entropy(logits, labels)
        if auxiliary_logits is not None:
            loss = loss + AUXILIARY_WEIGHT * F.cross_entropy(auxiliary_logits, labels)
        return loss
