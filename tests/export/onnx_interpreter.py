"""Computes a graph of ONNX as its operators are specified, for those that nasc writes.

In float64, so that what differs from it is the rounding of the other side alone. Systems without
ONNX Runtime have nothing else to check what is exported.
"""

import onnx
import onnx.numpy_helper
import torch
import torch.nn.functional as F


def attributes(node):
    return {attribute.name: onnx.helper.get_attribute_value(attribute)
            for attribute in node.attribute}


def padded(x, pads, value=0.0):
    """Pads as ONNX has them: all begins, then all ends; negative ones take away."""
    half = len(pads) // 2
    pairs = [pad for axis in reversed(range(half)) for pad in (pads[axis], pads[half + axis])]
    return F.pad(x, pairs, value=value)


def conv(x, weight, bias=None, *, kernel_shape, strides, dilations, pads, group):
    assert list(weight.shape[2:]) == list(kernel_shape)
    return F.conv2d(padded(x, [0, 0, *pads[:2], 0, 0, *pads[2:]]), weight, bias, strides, 0,
                    dilations, group)


def max_pool(x, *, kernel_shape, strides, pads):
    return F.max_pool2d(padded(x, [0, 0, *pads[:2], 0, 0, *pads[2:]], float("-inf")), kernel_shape,
                        strides)


def average_pool(x, *, kernel_shape, strides, pads, count_include_pad):
    assert count_include_pad == 0
    pads = [0, 0, *pads[:2], 0, 0, *pads[2:]]
    sums, counts = (F.avg_pool2d(padded(y, pads), kernel_shape, strides)
                    for y in (x, torch.ones_like(x)))
    return sums / counts


def batch_norm(x, scale, bias, mean, variance):
    scale, bias, mean, variance = (v.reshape(1, -1, *[1] * (x.dim() - 2))
                                   for v in (scale, bias, mean, variance))
    return (x - mean) / torch.sqrt(variance + 1e-5) * scale + bias


def reshape(x, shape):
    return x.reshape([x.shape[i] if size == 0 else size for i, size in enumerate(shape.tolist())])


def slice_(x, starts, ends, axes):
    for start, end, axis in zip(starts.tolist(), ends.tolist(), axes.tolist()):
        x = x.narrow(axis, start, min(end, x.shape[axis]) - start)
    return x


OPERATORS = {
    "AveragePool": average_pool,
    "BatchNormalization": batch_norm,
    "Clip": torch.clamp,
    "Concat": lambda *xs, axis: torch.cat(xs, axis),
    "ConstantOfShape": lambda shape: torch.zeros(shape.tolist(), dtype=torch.float64),
    "Conv": conv,
    "Flatten": lambda x, axis=1: x.flatten(axis),
    "Gather": lambda x, index: x[index],
    "Gemm": lambda x, weight, bias=None, *, transB: F.linear(x, weight, bias),
    "GlobalAveragePool": lambda x: x.mean((2, 3), keepdim=True),
    "Identity": lambda x: x,
    "LayerNormalization": lambda x, scale, bias: F.layer_norm(x, x.shape[-1:], scale, bias),
    "MatMul": torch.matmul,
    "MaxPool": max_pool,
    "Mul": torch.mul,
    "Pad": lambda x, pads: padded(x, pads.tolist()),
    "Pow": torch.pow,
    "Relu": torch.relu,
    "Reshape": reshape,
    "Shape": lambda x, start, end: torch.tensor(x.shape[start:end]),
    "Sigmoid": torch.sigmoid,
    "Slice": slice_,
    "Sum": lambda *xs: sum(xs[1:], xs[0]),
    "Tanh": torch.tanh,
    "Transpose": lambda x, perm: x.permute(perm),
}


def compute(path, x):
    """What the file at `path`, which must be valid, gives for an input."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    values = {tensor.name: torch.tensor(onnx.numpy_helper.to_array(tensor))
              for tensor in model.graph.initializer}
    values = {name: value.double() if value.is_floating_point() else value
              for name, value in values.items()}
    values[model.graph.input[0].name] = x
    for node in model.graph.node:
        inputs = [values[name] for name in node.input]
        values[node.output[0]] = OPERATORS[node.op_type](*inputs, **attributes(node))
    return values[model.graph.output[0].name]
