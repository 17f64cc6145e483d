"""The mutants: mistakes that people make, each planted into the engine as a change of its text.

A family says what it takes to see a mistake. Its own kind of check is enough, and nothing less is:
no check of gradients accuses what stands in the second family, and no end-to-end check the third.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import nnlib

ENGINE = Path(nnlib.__file__).parent

GRADIENTS, BEHAVIOUR, ANSWERS = "gradients", "behaviour", "known answers"
FAMILIES = {
    GRADIENTS: "a slope that is measured differs from the one that is derived",
    BEHAVIOUR: "forward and backward agree, but the whole does not do what it should",
    ANSWERS: "all fits together, but it is not the function that its name promises",
}


@dataclass(frozen=True)
class Mutant:
    """One mistake: its family, its name, the module, what stands there and what would.

    Of each change the old text stands in the module once; else the mutant is stale, and says so.
    """

    family: str
    name: str
    module: str
    changes: tuple[tuple[str, str], ...]

    @property
    def path(self) -> Path:
        """Where the module lies."""
        return ENGINE.joinpath(*self.module.split(".")).with_suffix(".py")

    def source(self) -> str:
        """Return the module's text with the mistake in it.

        Raises
        ------
        LookupError
            If the engine has changed, and the old text is not there, or is there twice.
        """
        text = self.path.read_text("utf8")
        for old, new in self.changes:
            if (found := text.count(old)) != 1:
                raise LookupError(
                    f"{self.name}: expected its text once in {self.path.name}, found it {found} "
                    f"times: the engine has changed, so write the mutant anew:\n{old}"
                )
            text = text.replace(old, new)
        return text

    def diff(self) -> str:
        """Return what differs, as lines with a minus, and with a plus in their place."""
        before, after = self.path.read_text("utf8").splitlines(), self.source().splitlines()
        lines = [*unified_diff(before, after, lineterm="", n=1)][2:]
        return "\n".join("…" if line.startswith("@@") else line for line in lines)


def _family(family: str, *rows: tuple[str, str, *tuple[str, ...]]) -> Iterator[Mutant]:
    """Make mutants of rows: name, module, old, new, and more of old and new."""
    for name, module, *texts in rows:
        changes = tuple(zip(texts[::2], texts[1::2], strict=True))
        yield Mutant(family, name, module, changes)


MUTANTS = (
    *_family(
        GRADIENTS,
        (
            "the ReLU's mask is taken with >= 0 from its output, which is never below 0",
            "layers.activation",
            "dZ = relu_derivative(self.cached())\n        dZ *= dA",
            "dZ = (self.cached() >= 0) * dA",
        ),
        (
            "dropout's factor 1/(1 − p) is missing in backward",
            "layers.dropout",
            "return dA * self.cached()",
            "return dA * (self.cached() > 0)",
        ),
        (
            "the gradient of b is summed without an axis, so all outputs share one number",
            "layers.dense",
            "sum_of_rows(dZ, out=self.db)",
            "self.db[:] = dZ.sum()",
        ),
        (
            "tanh hands its gradient on unchanged",
            "layers.activation",
            "return dA * tanh_derivative(self.cached())",
            "return dA",
        ),
        (
            "the sigmoid's slope A (1 − A) is taken of Z",
            "layers.activation",
            "A = sigmoid(Z)\n        if train:\n            self.cache = A",
            "A = sigmoid(Z)\n        if train:\n            self.cache = Z",
        ),
        (
            "softmax's Jacobian is taken for a diagonal one",
            "activations",
            "return P * (dP - (dP * P).sum(axis=-1, keepdims=True))",
            "return P * (1 - P) * dP",
        ),
        (
            "class weights are in the loss, and in one of the two terms of its gradient only",
            "losses",
            "dZ = np.exp(log_P) * T.sum(axis=1, keepdims=True) - T",
            "dZ = np.exp(log_P) - T",
        ),
        (
            "batch norm's backward forgets that the mean moves",
            "layers.normalization",
            "(N * dZ - dbeta - X_hat * dgamma)",
            "(N * dZ - X_hat * dgamma)",
        ),
        (
            "batch norm's backward counts images in place of their pixels",
            "layers.normalization",
            "N = dZ.size // self.d",
            "N = len(dZ)",
        ),
        (
            "layer norm's backward forgets γ on the way to X, which is 1 at first",
            "layers.normalization",
            "dX_hat = self.gamma * rows\n        dX = (dX_hat - _mean(dX_hat, 1)",
            "dX_hat = rows\n        dX = (dX_hat - _mean(dX_hat, 1)",
        ),
        (
            "a frozen batch norm goes back as if μ and σ still moved",
            "layers.normalization",
            "if self.frozen:  # μ and σ are given, and move with no example\n"
            "            return gamma / sigma * dZ\n        ",
            "",
        ),
        (
            "a convolution's bias takes the mean over all places, not the sum",
            "layers.convolution",
            "sum_of_rows(dZ.sum(axis=2), out=self.db)",
            "sum_of_rows(dZ.mean(axis=2), out=self.db)",
        ),
        (
            "windows that overlap overwrite each other's gradient: = in place of +=",
            "layers.convolution",
            "V[:, :, i, j] += cols[:, :, i, j]",
            "V[:, :, i, j] = cols[:, :, i, j]",
        ),
        (
            "a convolution's backward cuts the padding off on one side only",
            "layers.convolution",
            "inside = slice(self.padding, -self.padding or None)",
            "inside = slice(0, -2 * self.padding or None)",
        ),
        (
            "a residual block forgets the way past its layers",
            "layers.residual",
            "return None if dF is None else dA + dF",
            "return dF",
        ),
        (
            "a loss over several labels is their mean, its gradient that of the sum",
            "losses",
            "(sigmoid(Z) - y) / Z.shape[1]",
            "sigmoid(Z) - y",
        ),
        (
            "the 2 of the square is missing",
            "losses",
            "(E * E).mean(axis=1), 2 / Z.shape[1] * E",
            "(E * E).mean(axis=1), E / Z.shape[1]",
        ),
        (
            "the gradient is divided by n twice",
            "losses",
            "dZ /= total\n",
            "dZ /= total * len(dZ)\n",
        ),
        (
            "weights of examples are in the loss, but not in its gradient",
            "losses",
            "values, dZ = s * values, s[:, np.newaxis] * dZ",
            "values = s * values",
        ),
        (
            "ELU's slope is right for α = 1 only",
            "activations",
            "return np.where(A > 0, 1, A + alpha)",
            "return np.where(A > 0, 1, A + 1)",
        ),
        (
            "GELU's slope without the product rule's second half",
            "activations",
            "return P + Z * np.exp(-Z * Z / 2) / math.sqrt(2 * math.pi)",
            "return P",
        ),
    ),
    *_family(
        BEHAVIOUR,
        (
            "inputs are shuffled, their labels otherwise",
            "examples",
            "return Batch(X, self.y[rows],",
            "return Batch(X, self.y[np.sort(rows)],",
        ),
        (
            "batches come in random order, but each holds the same neighbours every time",
            "examples",
            'order = generator(rng).permutation(n) if flag("shuffle", shuffle) else np.arange(n)',
            "order = np.arange(n)",
            "return (order[start:stop] for start, stop in pairwise([0, *stops]))",
            "parts = [order[start:stop] for start, stop in pairwise([0, *stops])]\n"
            "    turns = generator(rng).permutation(len(parts)) if shuffle else range(len(parts))\n"
            "    return (parts[i] for i in turns)",
        ),
        (
            "every epoch has the same order",
            "training",
            "index = batches(n, self.batch_size, self.rng, smallest, self.shuffle)",
            "index = batches(n, self.batch_size, 0, smallest, self.shuffle)",
        ),
        (
            "an epoch's loss counts its last, smaller batch as a whole one",
            "training",
            "at.total + step.n * step.loss",
            "at.total + self.batch_size * step.loss",
        ),
        (
            "examples that are held out are trained on as well",
            "examples",
            "return rows[m:], rows[:m]",
            "return rows, rows[:m]",
        ),
        (
            "dropout drops in use, too",
            "layers.dropout",
            "if train:\n            self.cache = 1 if self.frozen else self._mask(X)\n"
            "        return X * self.cache if train else X",
            "M = 1 if self.frozen else self._mask(X)\n"
            "        if train:\n            self.cache = M\n        return X * M",
        ),
        (
            "dropout does not make up for what it drops",
            "layers.dropout",
            "return M.astype(X.dtype) / (1 - self.p)",
            "return M.astype(X.dtype)",
        ),
        (
            "dropout drops the same units in all examples of a batch",
            "layers.dropout",
            "self.rng.random(X.shape, dtype=np.float32)",
            "self.rng.random(X.shape[1:], dtype=np.float32)",
        ),
        (
            "dropout turns float32 into float64",
            "layers.dropout",
            "return M.astype(X.dtype) / (1 - self.p)",
            "return M / (1 - self.p)",
        ),
        (
            "batch norm takes mean and variance of the batch in use, too",
            "layers.normalization",
            "if train and not self.frozen:",
            "if not self.frozen and len(X) > 1:",
        ),
        (
            "batch norm's running variance stays at 1",
            "layers.normalization",
            "        self.running_var[:] = old * self.running_var + new * var.ravel() "
            "* (N / (N - 1))\n",
            "",
        ),
        (
            "scores are taken in training mode",
            "evaluation",
            "Z = net.forward(X)\n    if not all_finite(Z):",
            "Z = net.forward(X, train=True)\n    if not all_finite(Z):",
        ),
        (
            "inputs are standardized by their own mean and deviation, not the training data's",
            "preparation",
            "return ((X - self.mean) / self.scale)",
            "return ((X - X.mean(axis=0)) / (X.std(axis=0) + 1e-12))",
        ),
        (
            "all weights of a layer begin equal",
            "layers.dense",
            "self.W = self.init(rng, self.W.shape, self.W.dtype)",
            "self.W = np.full(self.W.shape, 0.1)",
        ),
        (
            "every layer draws from one and the same seed",
            "layers.chain",
            "own = dict(zip(random, rng.spawn(len(random)), strict=True))",
            "own = {layer: np.random.default_rng(0) for layer in random}",
        ),
        (
            "weights are drawn with the variance as their standard deviation",
            "initializers",
            "return rng.normal(0.0, np.sqrt(variance), shape)",
            "return rng.normal(0.0, variance, shape)",
        ),
        (
            "cross-entropy is counted in bits",
            "losses",
            "return np.log(S[:, 0]) - D[rows, y], dZ",
            "return (np.log(S[:, 0]) - D[rows, y]) / np.log(2), dZ / np.log(2)",
        ),
        (
            "the loss is the sum over the batch, not the mean",
            "losses",
            "dZ /= total\n        return float(values.sum() / total), dZ",
            "return float(values.sum()), dZ",
        ),
        (
            "softmax does not take out the largest logit",
            "losses",
            "D = Z - Z.max(axis=1, keepdims=True)\n        E = np.exp(D)",
            "D = Z\n        E = np.exp(D)",
        ),
        (
            "yes is said from a logit of ½ on, not from a probability of ½",
            "losses",
            "yes = (Z > 0).astype(np.int64)",
            "yes = (Z > 0.5).astype(np.int64)",
        ),
        (
            "gradients pile up from one pass to the next",
            "layers.dense",
            "np.matmul(X.T, dZ, out=self.dW)",
            "self.dW += X.T @ dZ",
        ),
        (
            "a prediction between forward and backward changes the gradient",
            "layers.dense",
            "if train:\n            self.cache = X\n        return X @ self.W + self.b",
            "self.cache = X\n        return X @ self.W + self.b",
        ),
        (
            "the best weights are kept by reference, and go on moving",
            "network",
            "Snapshot(self.params.copy(), self.buffers.copy())",
            "Snapshot(self.params, self.buffers)",
        ),
        (
            "an optimizer keeps the vector of its first step, and moves that one forever",
            "optimizers",
            "self.t += 1\n        self.move(params, grads, lr)",
            "self.t += 1\n"
            '        self.target = params if self.t == 1 else getattr(self, "target", params)\n'
            "        self.move(self.target, grads, lr)",
        ),
        (
            "clipping writes into the gradient that it is given",
            "optimizers",
            "return np.multiply(grads, scale, out=self._gradient)",
            "return np.multiply(grads, scale, out=grads)",
        ),
    ),
    *_family(
        ANSWERS,
        (
            "Adam without the correction of its bias",
            "optimizers",
            "c1 = (1 - self.beta1) / (1 - self.beta1**self.t)",
            "c1 = 1 - self.beta1",
            "c2 = math.sqrt((1 - self.beta2) / (1 - self.beta2**self.t))",
            "c2 = math.sqrt(1 - self.beta2)",
        ),
        (
            "Adam's ε stands under the root",
            "optimizers",
            "np.sqrt(V, out=update)\n        update += self.eps / c2",
            "np.add(V, self.eps / c2**2, out=update)\n        np.sqrt(update, out=update)",
        ),
        (
            "momentum averages its gradients, where it should add them up",
            "optimizers",
            "v *= self.momentum\n            v += grads",
            "v *= self.momentum\n            v += (1 - self.momentum) * grads",
        ),
        (
            "Nesterov's momentum does not look ahead",
            "optimizers",
            "np.multiply(v, self.momentum, out=update)\n            update += grads",
            "update[:] = v",
        ),
        (
            "RMSProp adds up squares, and forgets to take their mean",
            "optimizers",
            "update *= 1 - self.alpha\n        ",
            "",
        ),
        (
            "AdamW decays by the gradient, as Adam does",
            "optimizers",
            "params[decay] *= 1 - lr * self.weight_decay\n        return grads",
            "return super().decayed(params, grads, decay, lr)",
        ),
        (
            "weight decay shrinks biases, too",
            "training",
            "optimizer.step(net.params, net.grads, decay=net.matrices)",
            "optimizer.step(net.params, net.grads, decay=slice(None))",
        ),
        (
            "a limit for the norm of a gradient cuts its entries one by one",
            "optimizers",
            "return np.multiply(grads, scale, out=self._gradient)",
            "return np.clip(grads, -self.clip_norm, self.clip_norm, out=self._gradient)",
        ),
        (
            "a warm-up begins at 0, so that its first step does nothing",
            "schedules",
            "return (t + 1) / self.steps * _ask(self.schedule, 0)",
            "return t / self.steps * _ask(self.schedule, 0)",
        ),
        (
            "a rate that should fall in steps falls all the time",
            "schedules",
            "self.factor ** (t // self.every_steps)",
            "self.factor ** (t / self.every_steps)",
        ),
        (
            "first weights count the outputs of a layer for its inputs",
            "initializers",
            "return d_in, d_out",
            "return d_out, d_in",
        ),
        (
            "a uniform distribution reaches as far as its deviation should be, and no farther",
            "initializers",
            "bound = np.sqrt(3 * variance)",
            "bound = np.sqrt(variance)",
        ),
        (
            "a zero got lost in GELU's constant, forward and backward",
            "activations",
            "(Z + 0.044715 * Z * Z * Z)",
            "(Z + 0.44715 * Z * Z * Z)",
            "(1 + 3 * 0.044715 * (Z * Z))",
            "(1 + 3 * 0.44715 * (Z * Z))",
        ),
        (
            "SELU's two constants have changed places",
            "activations",
            "SELU_ALPHA = 1.6732632423543772",
            "SELU_ALPHA = 1.0507009873554805",
            "SELU_LAMBDA = 1.0507009873554805",
            "SELU_LAMBDA = 1.6732632423543772",
        ),
        (
            "label smoothing shares ε among the wrong classes only",
            "losses",
            "T = np.full_like(Z, ε / k)\n            T[np.arange(len(y)), y] += 1 - ε",
            "T = np.full_like(Z, ε / (k - 1))\n            T[np.arange(len(y)), y] = 1 - ε",
        ),
        (
            "squares are added up over the outputs, where the mean is promised",
            "losses",
            "(E * E).mean(axis=1), 2 / Z.shape[1] * E",
            "(E * E).sum(axis=1), 2 * E",
        ),
        (
            "batch norm's momentum is the share of the old, not of the new",
            "layers.normalization",
            "old, new = 1 - self.momentum, self.momentum",
            "old, new = self.momentum, 1 - self.momentum",
        ),
        (
            "batch norm remembers the variance of the batch, not that of its source",
            "layers.normalization",
            "new * var.ravel() * (N / (N - 1))",
            "new * var.ravel()",
        ),
        (
            "a convolution turns its filter around",
            "layers.convolution",
            "Z = self.W.reshape(self.c_out, -1) @ im2col(X, k, self.stride)",
            "Z = self.W[:, :, ::-1, ::-1].reshape(self.c_out, -1) @ im2col(X, k, self.stride)",
            ".reshape(-1, *self.dW.shape), out=self.dW)\n",
            ".reshape(-1, *self.dW.shape), out=self.dW)\n"
            "        self.dW[:] = self.dW[:, :, ::-1, ::-1].copy()\n",
            "dcols = self.W.reshape(self.c_out, -1).T @ dZ",
            "dcols = self.W[:, :, ::-1, ::-1].reshape(self.c_out, -1).T @ dZ",
        ),
        (
            "a convolution adds its bias once for every number under the filter",
            "layers.convolution",
            "Z += self.b[:, np.newaxis]",
            "Z += self.c_in * k * k * self.b[:, np.newaxis]",
            "sum_of_rows(dZ.sum(axis=2), out=self.db)",
            "sum_of_rows(self.c_in * self.kernel_size**2 * dZ.sum(axis=2), out=self.db)",
        ),
        (
            "the mean over a window of k×k pixels is divided by k",
            "layers.convolution",
            "return reduce(np.add, self._pixels(X)) / self.kernel_size**2",
            "return reduce(np.add, self._pixels(X)) / self.kernel_size",
            "np.zeros(self.cached(), dA.dtype), dA / self.kernel_size**2",
            "np.zeros(self.cached(), dA.dtype), dA / self.kernel_size",
        ),
        (
            "where two pixels are the largest, both get the whole gradient",
            "layers.convolution",
            "            unsent -= sent\n",
            "",
        ),
        (
            "rows and columns of the confusion matrix are exchanged",
            "metrics",
            "np.bincount(k * true + predicted, minlength=k * k)",
            "np.bincount(k * predicted + true, minlength=k * k)",
        ),
    ),
)


def mutant(number: int) -> Mutant:
    """Return a mutant by its number, from 1."""
    if not isinstance(number, int) or number not in range(1, len(MUTANTS) + 1):
        raise ValueError(f"number: expected a mutant from 1 to {len(MUTANTS)}, got {number!r}")
    return MUTANTS[number - 1]
