"""The same training in every library: float32, Adam, shuffled mini-batches, mean loss kept.

A contender is made once, untimed; ``epoch()`` is what is timed. It starts from the same weights
each time, trains one epoch as a user of that library would, and returns the mean loss on the way.
nnlib, PyTorch and JAX also take the examples in the same order, so that their losses agree.
"""

import copy
import itertools
import os
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

import nnlib as nn

LR, BETA1, BETA2, EPS = 1e-3, 0.9, 0.999, 1e-8


@dataclass(frozen=True)
class Task:
    """What is trained, from which weights, on what: the first n images of MNIST or random ones."""

    net: nn.Sequential
    batch_size: int
    n: int = 60_000
    mnist: bool = True

    @property
    def steps(self) -> int:
        """Updates in an epoch."""
        return -(-self.n // self.batch_size)

    def data(self) -> tuple[Any, Any]:
        """Return the images, and their labels."""
        if self.mnist:
            data = nn.load_mnist()
            return data.X_train[: self.n], data.y_train[: self.n]
        rng = np.random.default_rng(0)
        shape = self.net.input_shape or (784,)
        return rng.random((self.n, *shape), np.float32), rng.integers(0, 10, self.n)

    def order(self) -> npt.NDArray[np.int64]:
        """Return the order in which ``fit(rng=0)`` takes the examples."""
        return np.random.default_rng(0).permutation(self.n)

    def dense(self) -> list[nn.Dense]:
        """Return the layers with weights, of a network that has no others."""
        return [layer for layer in self.net.layers if isinstance(layer, nn.Dense)]


def mlp(*sizes: int) -> nn.Sequential:
    """Dense layers of these sizes with ReLU between them."""
    layers: list[nn.Layer] = []
    for d_in, d_out in itertools.pairwise(sizes):
        layers += [nn.Dense(d_in, d_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1], rng=0, dtype=np.float32)


class Nnlib:
    """`Model.fit`, the public call."""

    name = "nnlib"

    def __init__(self, task: Task) -> None:
        self.net, self.batch_size = copy.deepcopy(task.net), task.batch_size
        self.X, self.y = task.data()
        self.start = self.net.snapshot()

    def epoch(self) -> float:
        """Train one epoch."""
        self.net.restore(self.start)
        model = nn.Model(self.net, nn.SoftmaxCrossEntropy(), nn.Adam(lr=LR))
        return model.fit(self.X, self.y, epochs=1, batch_size=self.batch_size, rng=0)["loss"][0]


class ScikitLearn:
    """`MLPClassifier.fit`; its first weights and its order are its own."""

    name = "scikit-learn"

    def __init__(self, task: Task) -> None:
        from sklearn.neural_network import MLPClassifier

        self.X, self.y = task.data()
        self.options = {
            "hidden_layer_sizes": [layer.d_out for layer in task.dense()[:-1]],
            "batch_size": min(task.batch_size, task.n),
            "alpha": 0.0,
            "learning_rate_init": LR,
            "max_iter": 1,
            "random_state": 0,
        }
        self.make = MLPClassifier

    def epoch(self) -> float:
        """Train one epoch."""
        with warnings.catch_warnings(action="ignore"):  # it has not converged: of course
            return float(self.make(**self.options).fit(self.X, self.y).loss_curve_[0])


class PyTorch:
    """Eager PyTorch: the loop of its tutorials."""

    name = "PyTorch eager"
    fused = False

    def __init__(self, task: Task) -> None:
        import torch

        self.torch, self.batch_size = torch, task.batch_size
        torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
        self.X, self.y = map(torch.from_numpy, task.data())
        self.order = task.order()
        self.layers = task.net.layers
        self.net: Any = torch.nn.Sequential(*map(self.module, self.layers))
        self.loss: Any = torch.nn.CrossEntropyLoss()

    def module(self, layer: nn.Layer) -> Any:
        """Return PyTorch's layer of the same kind."""
        module = self.torch.nn
        match layer:
            case nn.Dense():
                return module.Linear(layer.d_in, layer.d_out)
            case nn.Conv2D():
                size = (layer.c_in, layer.c_out, layer.kernel_size)
                return module.Conv2d(*size, layer.stride, layer.padding, bias=layer.bias)
            case nn.MaxPool2D():
                return module.MaxPool2d(layer.kernel_size, layer.stride)
            case nn.Reshape():
                return module.Unflatten(1, layer.shape)
            case nn.Flatten():
                return module.Flatten()
            case nn.ReLU():
                return module.ReLU()
        raise TypeError(f"no PyTorch layer is known for {layer!r}")

    def restart(self) -> None:
        """Copy the first weights in."""
        with self.torch.no_grad():
            for ours, theirs in zip(self.layers, self.net, strict=True):
                if isinstance(ours, (nn.Dense, nn.Conv2D)):
                    W = ours.W.T if isinstance(ours, nn.Dense) else ours.W
                    theirs.weight.copy_(self.torch.from_numpy(W))
                    theirs.bias.copy_(self.torch.from_numpy(ours.b))

    def epoch(self) -> float:
        """Train one epoch."""
        self.restart()
        n, total = len(self.X), 0.0
        optimizer = self.torch.optim.Adam(self.net.parameters(), lr=LR, fused=self.fused)
        order = self.torch.from_numpy(self.order)
        for start in range(0, n, self.batch_size):
            batch = order[start : start + self.batch_size]
            loss = self.loss(self.net(self.X[batch]), self.y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(batch)
        return total / n


class PyTorchFused(PyTorch):
    """The same with the optimizer that PyTorch has written in C++."""

    name = "PyTorch fused"
    fused = True


class Jax:
    """A JAX step, compiled as a whole: gather, forward, gradient, Adam."""

    name = "JAX"

    def __init__(self, task: Task) -> None:
        import jax
        import jax.numpy as jnp

        self.jax, self.batch_size = jax, task.batch_size
        self.X, self.y = map(jnp.asarray, task.data())
        self.order = task.order().astype(np.int32)
        self.start = [(layer.W, layer.b) for layer in task.dense()]

        def value(θ: Any, X: Any, y: Any) -> Any:
            A = X
            for W, b in θ[:-1]:
                A = jax.nn.relu(A @ W + b)
            W, b = θ[-1]
            log_P = jax.nn.log_softmax(A @ W + b)
            return -jnp.take_along_axis(log_P, y[:, None], axis=1).mean()

        def step(θ: Any, m: Any, v: Any, t: Any, X: Any, y: Any, batch: Any) -> Any:
            loss, g = jax.value_and_grad(value)(θ, X[batch], y[batch])
            each = jax.tree.map
            m = each(lambda m, g: BETA1 * m + (1 - BETA1) * g, m, g)
            v = each(lambda v, g: BETA2 * v + (1 - BETA2) * g * g, v, g)
            rate, root = LR / (1 - BETA1**t), jnp.sqrt(1 - BETA2**t)
            θ = each(lambda θ, m, v: θ - rate * m / (jnp.sqrt(v) / root + EPS), θ, m, v)
            return θ, m, v, loss

        self.step = jax.jit(step, donate_argnums=(0, 1, 2))

    def epoch(self) -> float:
        """Train one epoch."""
        each, jnp = self.jax.tree.map, self.jax.numpy
        θ = each(jnp.array, self.start)  # copies: a step takes its arguments' memory over
        m, v = each(jnp.zeros_like, θ), each(jnp.zeros_like, θ)
        n, total = len(self.X), 0.0
        for t, start in enumerate(range(0, n, self.batch_size), start=1):
            batch = self.order[start : start + self.batch_size]
            θ, m, v, loss = self.step(θ, m, v, np.float32(t), self.X, self.y, batch)
            total += float(loss) * len(batch)
        return total / n


class Products:
    """The bound: only the matrix products of a step, into memory that is there already."""

    name = "matrix products"

    def __init__(self, task: Task) -> None:
        full, rest = divmod(task.n, task.batch_size)
        self.batches = [(self.products(task, task.batch_size), full)]
        if rest:
            self.batches.append((self.products(task, rest), 1))

    @staticmethod
    def products(task: Task, n: int) -> list[tuple[Any, Any, Any]]:
        """Return left, right and room for the result of each product of a step on n examples."""
        rng = np.random.default_rng(0)

        def some(*shape: int) -> Any:
            return rng.standard_normal(shape, np.float32)

        products = []
        for i, layer in enumerate(task.dense()):
            A, W, dZ = some(n, layer.d_in), some(layer.d_in, layer.d_out), some(n, layer.d_out)
            products += [(A, W, np.empty_like(dZ)), (A.T, dZ, np.empty_like(W))]
            if i:  # nobody asks for the gradient of the data
                products.append((dZ, W.T, np.empty_like(A)))
        return products

    def epoch(self) -> None:
        """Multiply as often as an epoch does."""
        for products, times in self.batches:
            for _ in range(times):
                for left, right, out in products:
                    np.matmul(left, right, out=out)


NETWORKS = (Nnlib, ScikitLearn, PyTorch, PyTorchFused, Jax, Products)
"""Who trains networks of dense layers."""
