"""A network of nnlib as the equal module of PyTorch, and back: the same numbers, the same outputs.

Layers bear the same number on both sides; their parameters are called, and lie, as PyTorch has it:
``0.W`` is ``0.weight``, transposed. So files go both ways, by the functions that PyTorch and
safetensors have for them::

    torch.save(state_dict(nn.Model.load("digits.safetensors").net), "digits.pt")
    load_state_dict(net, torch.load("digits.pt"))
    load_state_dict(net, safetensors.numpy.load_file("theirs.safetensors"))  # without PyTorch

Examples
--------
>>> import numpy as np, nnlib as nn, torch
>>> from nnlib.torch_bridge import from_torch, load_state_dict, state_dict, to_torch
>>> net = nn.Sequential(nn.Dense(2, 3), nn.ReLU(), nn.Dense(3, 1), rng=0)
>>> module = to_torch(net)
>>> module
Sequential(
  (0): Linear(in_features=2, out_features=3, bias=True)
  (1): ReLU()
  (2): Linear(in_features=3, out_features=1, bias=True)
)
>>> X = np.array([[1.0, 2.0], [0.0, -1.0]])
>>> Z = module(torch.tensor(X)).detach().numpy()
>>> bool(np.allclose(net.forward(X), Z, rtol=1e-12)), from_torch(module)
(True, Sequential(
    Dense(2, 3),
    ReLU(),
    Dense(3, 1),
))
>>> {name: tuple(tensor.shape) for name, tensor in state_dict(net).items()}
{'0.weight': (3, 2), '0.bias': (3,), '2.weight': (1, 3), '2.bias': (1,)}
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from . import layers
from ._optional import needed_by
from ._typing import Array, Seed, Shape
from ._validation import instance, kind_of, real
from .layers.layer import Layer, sizes
from .network import Sequential

if TYPE_CHECKING:
    import torch


_UNPADDED = {"padding": 0, "ceil_mode": False}
_CONV = {"dilation": 1, "groups": 1, "padding_mode": "zeros"}
_NORM = {"affine": True, "track_running_stats": True}
_AFFINE = {"elementwise_affine": True}

TWINS: dict[type[Layer], tuple[str, str, dict[str, Any]]] = {
    layers.Dense: ("Linear", "d_in=in_features d_out=out_features bias", {}),
    layers.Conv2D: (
        "Conv2d",
        "c_in=in_channels c_out=out_channels kernel_size stride padding bias",
        _CONV,
    ),
    layers.MaxPool2D: ("MaxPool2d", "kernel_size stride", _UNPADDED | {"dilation": 1}),
    layers.AvgPool2D: ("AvgPool2d", "kernel_size stride", _UNPADDED | {"divisor_override": None}),
    layers.GlobalAvgPool2D: ("AdaptiveAvgPool2d", "", {"output_size": 1}),
    layers.BatchNorm: ("BatchNorm1d", "d=num_features momentum eps", _NORM),
    layers.LayerNorm: ("LayerNorm", "shape=normalized_shape eps", _AFFINE | {"bias": True}),
    layers.RMSNorm: ("RMSNorm", "shape=normalized_shape eps", _AFFINE),
    layers.Flatten: ("Flatten", "", {"start_dim": 1, "end_dim": -1}),
    layers.Reshape: ("Unflatten", "shape=unflattened_size", {"dim": 1}),
    layers.Dropout: ("Dropout", "p", {}),
    layers.LeakyReLU: ("LeakyReLU", "alpha=negative_slope", {}),
    layers.ELU: ("ELU", "alpha", {}),
    layers.GELU: ("GELU", "approximate", {}),
    layers.Softmax: ("Softmax", "", {"dim": -1}),
    layers.Softplus: ("Softplus", "", {"beta": 1, "threshold": 40}),
    layers.ReLU: ("ReLU", "", {}),
    layers.SELU: ("SELU", "", {}),
    layers.Sigmoid: ("Sigmoid", "", {}),
    layers.SiLU: ("SiLU", "", {}),
    layers.Tanh: ("Tanh", "", {}),
}
"""For each layer the module that it equals: its name, our options, each with its word where that is
another, and those of its options that have one value with us."""

NAMES = {"W": "weight", "b": "bias", "gamma": "weight", "beta": "bias"}
"""What PyTorch calls our parameters."""

COUNTED = "num_batches_tracked"
"""What BatchNorm of PyTorch remembers besides; with a momentum it is not used."""

ON_IMAGES = (layers.Conv2D, layers.MaxPool2D, layers.AvgPool2D, layers.GlobalAvgPool2D)
"""Layers whose examples are images, whatever comes before."""

LEAST_THRESHOLD = 20
"""From here on, PyTorch's default, log(1 + eᶻ) is Z but for 2·10⁻⁹."""


def to_torch(net: Sequential, input_shape: int | Shape | None = None) -> "torch.nn.Sequential":
    """Make the module that equals a network, in the same dtype, with copies of all its numbers.

    It is in eval mode, as ``net.forward(X)`` is; ``module.train()`` is ``train=True``. Dropout
    draws other masks there. Of what is frozen here no gradient is asked there; for its
    test mode under ``module.train()``, call its own ``eval()`` after that.

    Parameters
    ----------
    net : Sequential
        Of layers of nnlib.
    input_shape : int or tuple of int
        Shape of one example: asked for where no layer tells BatchNorm whether its inputs are rows
        or images. Without it, a Reshape that comes first takes rows.

    Raises
    ------
    ValueError
        If a layer is not nnlib's own, or input_shape is asked for, or does not fit.
    """
    with needed_by("to_torch"):
        import torch
    _check_layers(net)
    shape = None if input_shape is None else sizes(tuple(np.atleast_1d(input_shape).tolist()))
    with torch.device("meta"):  # no first values are drawn
        module = _sequential(torch.nn, net, _axes(net, shape))
    module.load_state_dict(state_dict(net), assign=True)
    for where, layer in net.named_layers().items():
        module.get_submodule(where).requires_grad_(not layer.frozen)
    return module.eval()


def from_torch(module: "torch.nn.Sequential", *, rng: Seed = 0) -> Sequential:
    """Make the network that equals a module, in the same dtype, with copies of all its numbers.

    A Sequential inside of the module is taken apart, an Identity left out, and so the Flatten that
    follows AdaptiveAvgPool2d(1): GlobalAvgPool2D is both. What ``requires_grad`` and hooks do is
    not taken over.

    Parameters
    ----------
    module : torch.nn.Sequential
        In float64 or float32 (without parameters: float64), of modules that have an equal in nnlib.
        A LayerNorm has a bias, as ours always has one that is trained. Softplus, linear above a
        threshold of 20, then differs from ours by 2·10⁻⁹.
    rng : int or numpy.random.Generator
        Where the masks of dropout come from.

    Raises
    ------
    TypeError
        If module is no Sequential, or of another dtype.
    ValueError
        If a module or one of its options has no equal, or two layers share parameters.
    """
    with needed_by("from_torch"):
        import torch
    found = _pooled(torch.nn, list(_leaves(torch.nn, "module", module)))
    own = [_layer(torch.nn, where, leaf) for where, leaf in found]
    shared = [id(p) for _, leaf in found for p in leaf.parameters()]
    if len({*shared}) < len(shared):
        raise ValueError(
            "module: expected parameters of its own for each layer, got some that two layers "
            "share: nnlib trains them apart; give one a copy, copy.deepcopy(layer)"
        )
    numbers = {
        f"{i}.{k}": t for i, (_, leaf) in enumerate(found) for k, t in leaf.state_dict().items()
    }
    net = Sequential(*own, rng=rng, dtype=_dtype(numbers))
    for (where, leaf), axes in zip(found, _axes(net, None).values(), strict=True):
        if isinstance(leaf, torch.nn.Softmax) and leaf.dim == 1 and axes != 1:
            raise _other(where, leaf, "dim", -1, 1)
    load_state_dict(net, numbers)
    return net


def state_dict(net: Sequential) -> dict[str, "torch.Tensor"]:
    """Copy all numbers of a network into tensors, named and laid out as in ``to_torch(net)``.

    ``0.weight`` of a Dense is Wᵀ, of shape (d_out, d_in).
    """
    with needed_by("state_dict"):
        import torch
    _check_layers(net)
    tensors = {}
    for name, view in _views(net).items():
        tensors[name] = torch.from_numpy(np.array(view, order="C"))
        if name.endswith(".running_var"):
            tensors[name.replace("running_var", COUNTED)] = torch.tensor(0)
    return tensors


def load_state_dict(net: Sequential, state_dict: Mapping[str, Any]) -> None:
    """Copy into a network what `state_dict` gives: tensors or arrays, as PyTorch lays them out.

    Raises
    ------
    ValueError
        If a name is missing or left over, or a shape is another. The network is then as before.
    """
    _check_layers(net)
    if not isinstance(state_dict, Mapping):
        raise TypeError(
            f"state_dict: expected tensors by their names, got {kind_of(state_dict)}: pass "
            "module.state_dict(), torch.load(path) or safetensors.torch.load_file(path)"
        )
    theirs = {
        name: real(f"state_dict[{name!r}]", a.cpu().double() if hasattr(a, "cpu") else a, net.dtype)
        for name, a in state_dict.items()
        if not name.endswith(f".{COUNTED}")
    }
    net.take_arrays("state_dict", theirs, _views(net))


def _views(net: Sequential) -> dict[str, Array]:
    """Name all parameters and buffers as PyTorch does, and lay them out so; they are views."""
    views = {}
    for where, layer in net.named_layers().items():
        for name in (*layer.shapes(), *layer.buffer_shapes()):
            view = getattr(layer, name)
            if isinstance(layer, (layers.LayerNorm, layers.RMSNorm)):
                view = view.reshape(layer.input_shape)
            if isinstance(layer, layers.Dense):
                view = view.T
            views[f"{where}.{NAMES.get(name, name)}"] = view
    return views


def _axes(net: Sequential, shape: Shape | None) -> dict[str, int | None]:
    """Count the axes of an example before each layer: 1 for rows, 3 for images; None: unknown."""
    net.shapes_after(shape)
    before, now = shape or net.input_shape, None
    counts: dict[str, int | None] = {}
    for where, layer in net.named_layers().items():
        now = len(before) if before else 3 if isinstance(layer, ON_IMAGES) else now
        counts[where] = now
        now = 1 if isinstance(layer, (layers.Flatten, layers.GlobalAvgPool2D)) else now
        before = layer.output_shape(before)
    return counts


# A layer into a module, and back ----------------------------------------------------------------


def _check_layers(net: Sequential) -> None:
    """Make sure that PyTorch has a module for every layer."""
    instance("net", net, Sequential, "pass a network, model.net for that of a model")
    for where, layer in _row(net):
        if type(layer) not in TWINS:
            raise ValueError(
                f"layers[{where}]: expected a layer of nnlib, got {layer!r}, which has no equal in "
                "PyTorch: convert a network without it, then module.insert(…) a module of your own"
            )


def _row(net: Sequential, within: str = "") -> Iterator[tuple[str, Layer]]:
    """List the layers of a network, of those inside of it too, and where each stands."""
    for i, layer in enumerate(net.layers):
        if isinstance(layer, Sequential):
            yield from _row(layer, f"{within}{i}.")
        else:
            yield f"{within}{i}", layer


def _sequential(nn: Any, net: Sequential, axes: Mapping[str, int | None], within: str = "") -> Any:
    """Make the module that a network equals, and those of networks inside of it."""
    modules = []
    for i, layer in enumerate(net.layers):
        where = f"{within}{i}"
        if isinstance(layer, Sequential):
            modules.append(_sequential(nn, layer, axes, f"{where}."))
        else:
            modules.append(_module(nn, f"layers[{where}]", layer, axes[where]))
    return nn.Sequential(*modules)


def _module(nn: Any, where: str, layer: Layer, axes: int | None) -> Any:
    """Make the module that a layer equals, where an example has so many axes."""
    name, _, only = TWINS[type(layer)]
    options = {theirs: getattr(layer, ours) for ours, theirs in _words(type(layer))} | only
    if isinstance(layer, layers.Reshape) and len(layer.shape) == 1:
        return nn.Flatten()
    if isinstance(layer, layers.GlobalAvgPool2D):
        return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())
    if isinstance(layer, layers.Reshape) and axes not in (None, 1):
        return nn.Sequential(nn.Flatten(), nn.Unflatten(**options))
    if isinstance(layer, layers.BatchNorm):
        if axes is None:
            raise ValueError(
                f"{where}: {layer!r} takes rows or images, which are two modules in PyTorch: say "
                f"the shape of one example, to_torch(net, input_shape=({layer.d},)) for rows"
            )
        return getattr(nn, f"BatchNorm{max(axes - 1, 1)}d")(**options)
    return getattr(nn, name)(**options)


def _words(kind: type[Layer]) -> Iterator[tuple[str, str]]:
    """List the options of a layer, each with PyTorch's word for it."""
    for word in TWINS[kind][1].split():
        ours, _, theirs = word.partition("=")
        yield ours, theirs or ours


def _leaves(nn: Any, where: str, module: Any) -> Iterator[tuple[str, Any]]:
    """List the modules of a Sequential, of those inside of it too, and where each stands."""
    if not isinstance(module, nn.Sequential) or type(module).forward is not nn.Sequential.forward:
        raise TypeError(
            f"{where}: expected a torch.nn.Sequential, got {kind_of(module)}: put the modules that "
            "it calls one after the other into one, torch.nn.Sequential(…)"
        )
    for i, child in enumerate(module):
        if isinstance(child, nn.Sequential):
            yield from _leaves(nn, f"{where}[{i}]", child)
        elif type(child) is not nn.Identity:
            yield f"{where}[{i}]", child


def _pooled(nn: Any, found: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Leave out the Flatten after each AdaptiveAvgPool2d(1), which makes (c,) of (c, 1, 1)."""
    modules, gone = [leaf for _, leaf in found], set()
    for i, (leaf, after) in enumerate(zip(modules, [*modules[1:], None], strict=True)):
        if type(leaf) is not nn.AdaptiveAvgPool2d:
            continue
        if repr(after) != repr(nn.Flatten()):
            raise ValueError(
                f"{found[i][0]}: expected a Flatten() after {leaf!r}, got {after}: put "
                "torch.nn.Flatten() there, for the two are GlobalAvgPool2D() in nnlib"
            )
        gone.add(i + 1)
    return [part for i, part in enumerate(found) if i not in gone]


def _layer(nn: Any, where: str, leaf: Any) -> Layer:
    """Make the layer that a module equals."""
    kinds = {getattr(nn, name): kind for kind, (name, _, _) in TWINS.items()}
    kinds |= dict.fromkeys((nn.BatchNorm2d, nn.BatchNorm3d), layers.BatchNorm)
    if type(leaf) not in kinds:
        raise ValueError(
            f"{where}: expected one of {', '.join(k.__name__ for k in kinds)}, got {leaf!r}: "
            "convert the modules before it and after it, each a Sequential such as module[:2]"
        )
    kind = kinds[type(leaf)]
    for name, value in TWINS[kind][2].items():
        got = _option(leaf, name)
        deep = name == "threshold" and got >= LEAST_THRESHOLD
        if got != value and not deep and (name, got) != ("dim", 1):
            raise _other(where, leaf, name, value, got)
    options = {ours: _option(leaf, theirs) for ours, theirs in _words(kind)}
    try:
        return kind(*options.pop("shape", ()), **options)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {leaf!r} has no equal in nnlib: {error}") from None


def _option(leaf: Any, name: str) -> Any:
    """Read an option of a module: (2, 2) is 2, and a bias is there or not."""
    value = getattr(leaf, name)
    if name == "bias":
        return value is not None
    if name == "eps" and value is None:  # what RMSNorm then takes
        import torch

        return torch.finfo(leaf.weight.dtype).eps
    sizes = ("kernel_size", "stride", "padding", "dilation", "output_size")
    square = name in sizes and isinstance(value, tuple)
    return value[0] if square and len({*value}) == 1 else value


def _other(where: str, leaf: Any, name: str, value: Any, got: Any) -> ValueError:
    """Say which option has a value that nnlib has not."""
    remedy = f"build it with {name}={value!r} and train it so"
    if name == "bias":
        shape = tuple(leaf.normalized_shape)
        remedy = f"{where}.bias = torch.nn.Parameter({where}.weight.new_zeros({shape}))"
    return ValueError(
        f"{where}: {leaf!r} has no equal in nnlib: expected {name}={value!r}, got {got!r}: {remedy}"
    )


def _dtype(tensors: Mapping[str, Any]) -> str:
    """Name the one dtype of all parameters; float64 where there are none."""
    names = {
        str(t.dtype).removeprefix("torch.") for t in tensors.values() if t.dtype.is_floating_point
    }
    if len(names) > 1 or not names <= {"float64", "float32"}:
        raise TypeError(
            "module: expected parameters all in float64 or all in float32, got "
            f"{' and '.join(sorted(names))}: module.float() makes them float32"
        )
    return names.pop() if names else "float64"
