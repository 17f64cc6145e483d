"""Networks as scikit-learn's estimators, with its names for everything.

`MLPClassifier` and `MLPRegressor` take the parameters of scikit-learn's classes of the same name
and have the same attributes, so that whoever knows those changes one import. All training is the
engine's: `nnlib.steps`, or SciPy's L-BFGS on ``net.params``.
"""

import copy
import math
import os
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, pairwise
from numbers import Integral, Real
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from . import checkpoints, layers
from ._describe import built, described
from ._files import StrPath
from ._optional import needed_by
from ._typing import Array
from .activations import softmax
from .evaluation import outputs
from .examples import batches
from .losses import (
    Loss,
    MeanSquaredError,
    Poisson,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
)
from .model import Model
from .network import Sequential, Snapshot
from .optimizers import BY_NAME, AdamW, Optimizer
from .training import Step, steps

with needed_by("nnlib.estimators"):
    import joblib
    from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import accuracy_score, r2_score
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state, column_or_1d
    from sklearn.utils._param_validation import Interval, Options, StrOptions
    from sklearn.utils.class_weight import compute_sample_weight
    from sklearn.utils.metaestimators import available_if
    from sklearn.utils.multiclass import (
        _check_partial_fit_first_call,
        check_classification_targets,
        type_of_target,
        unique_labels,
    )
    from sklearn.utils.validation import (
        _check_sample_weight,
        check_is_fitted,
        validate_data,
    )

ACTIVATIONS: dict[str, type[layers.Layer] | None] = {
    "identity": None,
    "logistic": layers.Sigmoid,
    "tanh": layers.Tanh,
    "relu": layers.ReLU,
    "leaky_relu": layers.LeakyReLU,
    "elu": layers.ELU,
    "selu": layers.SELU,
    "gelu": layers.GELU,
    "silu": layers.SiLU,
    "softplus": layers.Softplus,
}
"""The layer behind each name: scikit-learn's four, and nnlib's others."""


class _Summed(Loss):
    """The sum over the k outputs of each loss, where the engine has the mean: c k L_r."""

    share = 1.0
    """c, what scikit-learn writes before the square."""

    def per_example(self, Z: Array, y: Any) -> tuple[Array, Array]:
        """Return c k L_r, and the rows c k ∂L_r/∂Z_r."""
        values, dZ = super().per_example(Z, y)
        scale = self.share * Z.shape[1]
        return scale * values, scale * dZ


class _SquaredError(_Summed, MeanSquaredError):
    """L = (1/n) Σ_r ½ Σ_j (Z_rj − y_rj)²."""

    share = 0.5


class _PoissonDeviance(_Summed, Poisson):
    """L = (1/n) Σ_r Σ_j (e^Z − y − y (Z − log y))."""


class _LogLoss(_Summed, SigmoidCrossEntropy):
    """L = −(1/n) Σ_r Σ_j (y log P + (1 − y) log(1 − P)), P = sigmoid(Z)."""


LOSSES = {"squared_error": _SquaredError, "poisson": _PoissonDeviance}


class _DenseRows:
    """A sparse matrix whose rows are made dense batch by batch, so that all of them never are."""

    def __init__(self, X: Any) -> None:
        self.X = X.tocsr()

    def __len__(self) -> int:
        return int(self.X.shape[0])

    def __getitem__(self, row: int) -> Array:
        return self.take_rows([row])[0]

    def take_rows(self, rows: Any) -> Array:
        """Return some rows, as an array."""
        return self.X[rows].toarray()


def _rows(X: Any) -> Any:
    """Let the engine take rows of X."""
    return _DenseRows(X) if hasattr(X, "tocsr") else X


_READ: dict[str, Any] = {"accept_sparse": ["csr", "csc"], "dtype": [np.float64, np.float32]}
"""What inputs may be."""

_OWN = {kind.__name__: kind for kind in (_SquaredError, _PoissonDeviance, _LogLoss)}
"""Losses that files name."""

_NOTED = {
    *("n_iter_", "t_", "loss_", "loss_curve_", "best_loss_", "validation_scores_"),
    *("best_validation_score_", "n_layers_", "n_outputs_", "n_features_in_", "feature_names_in_"),
    *("classes_", "_multilabel", "_no_improvement_count", "_done"),
}
"""What a file keeps of an estimator beside parameters and model."""

_NO_MATTER = {"checkpoint", "max_iter", "verbose", "warm_start"}
"""Parameters that another run may have and yet be the same run, up to where it has come."""


def _warn(sentence: str) -> None:
    """Warn as scikit-learn does, where fit was called."""
    warnings.warn(sentence, ConvergenceWarning, stacklevel=4)


class _Diverged(ValueError):
    """Weights or losses are no longer finite."""


def _finite(every_step: Iterator[Step]) -> Iterator[Step]:
    """Say what diverged in scikit-learn's words, and why in nnlib's."""
    try:
        yield from every_step
    except FloatingPointError as error:
        raise _Diverged(
            "Solver produced non-finite parameter weights. The input data may contain large "
            f"values and need to be preprocessed: {error}."
        ) from error


def _is_stochastic(self: Any) -> bool:
    """Whether there are batches; else partial_fit does not exist."""
    if self.solver == "lbfgs":
        raise AttributeError(
            "partial_fit is only available for stochastic optimizers. lbfgs is not stochastic."
        )
    return True


@dataclass(eq=False, repr=False)
class _Parameters(BaseEstimator):  # type: ignore[misc]
    """Parameters, and what each may be."""

    hidden_layer_sizes: Any = (100,)
    activation: str = "relu"
    solver: str = "adam"
    alpha: float = 0.0001
    batch_size: Any = "auto"
    learning_rate: str = "constant"
    learning_rate_init: Any = 0.001
    power_t: float = 0.5
    max_iter: int = 200
    shuffle: bool = True
    random_state: Any = None
    tol: float = 1e-4
    verbose: bool = False
    warm_start: bool = False
    momentum: float = 0.9
    nesterovs_momentum: bool = True
    early_stopping: bool = False
    validation_fraction: float = 0.1
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    n_iter_no_change: float = 10
    max_fun: int = 15000
    dropout: float = 0.0
    batch_norm: bool = False
    checkpoint: Any = None

    unsaved: ClassVar = ("checkpoint",)
    """Where a run is kept is not part of what a file says of it."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(set(ACTIVATIONS))],
        "solver": [StrOptions({"lbfgs", *BY_NAME})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither"), callable],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="left")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {math.inf})],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "batch_norm": ["boolean"],
        "checkpoint": [str, os.PathLike, None],
    }


class _Network(_Parameters):
    """The network that the parameters ask for, and what of it scikit-learn shows."""

    model_: Model
    n_iter_: int
    t_: int
    loss_: float
    loss_curve_: list[float]
    best_loss_: float | None
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    _best: Snapshot | None
    _no_improvement_count: int
    _done: bool
    _kept = -math.inf
    """When the run was saved last."""

    def _begin(self, X: Any, y: Any, random: Any) -> None:
        """Make a new network, with the first weights that scikit-learn draws."""
        loss, k = self._loss(y)
        hidden = [int(width) for width in np.ravel(self.hidden_layer_sizes)]
        sizes = [X.shape[1], *hidden, k]
        first = list(self._first_weights(sizes, random))
        seed = copy.deepcopy(random).randint(2**31 - 1)  # random itself goes on as theirs does
        rng = np.random.default_rng(seed)
        net = Sequential(*self._layers(sizes), dtype=X.dtype, rng=rng)
        self.model_ = Model(net, loss, self._optimizer())
        self.model_._rng = rng
        for layer, (W, b) in zip(self._dense, first, strict=True):
            layer.W, layer.b = W, b
        self.n_outputs_, self.n_layers_, self.t_ = k, len(sizes), 0
        self._no_improvement_count, self._done, self._best, self._kept = 0, False, None, -math.inf
        if self.solver == "lbfgs":
            return
        scored = self.early_stopping
        self.loss_curve_, self.best_loss_ = [], None if scored else math.inf
        self.validation_scores_ = [] if scored else None
        self.best_validation_score_ = -math.inf if scored else None

    def _first_weights(self, sizes: list[int], random: Any) -> Iterator[tuple[Array, Array]]:
        """Draw W and b uniformly from ±√(6/(d_in + d_out)); where sigmoids follow, ±√(2/…)."""
        for d_in, d_out in pairwise(sizes):
            bound = math.sqrt((2 if self.activation == "logistic" else 6) / (d_in + d_out))
            yield random.uniform(-bound, bound, (d_in, d_out)), random.uniform(-bound, bound, d_out)

    def _layers(self, sizes: list[int]) -> Iterator[layers.Layer]:
        """Dense layers, and between them what the parameters ask for."""
        *hidden, last = pairwise(sizes)
        activation = ACTIVATIONS[self.activation]
        for d_in, d_out in hidden:
            yield layers.Dense(d_in, d_out)
            if self.batch_norm:
                yield layers.BatchNorm(d_out)
            if activation is not None:
                yield activation()
            if self.dropout:
                yield layers.Dropout(self.dropout)
        yield layers.Dense(*last)

    def _optimizer(self) -> Optimizer:
        """Make the optimizer that solver names; L-BFGS needs none."""
        options: dict[str, Any] = {}
        if self.solver == "sgd":
            options["momentum"] = self.momentum
            options["nesterov"] = self.nesterovs_momentum and self.momentum > 0
        if self.solver in ("adam", "adamw"):
            options = {"beta1": self.beta_1, "beta2": self.beta_2, "eps": self.epsilon}
        if self.solver == "adamw":
            options["weight_decay"] = self.alpha
        kind = BY_NAME["sgd" if self.solver == "lbfgs" else self.solver]
        return kind(lr=self.learning_rate_init, **options)

    def _loss(self, y: Any) -> tuple[Loss, int]:
        """Return the loss, and how many outputs it needs."""
        raise NotImplementedError

    @property
    def _dense(self) -> list[layers.Dense]:
        check_is_fitted(self, "model_")
        return [layer for layer in self.model_.net.layers if isinstance(layer, layers.Dense)]

    @property
    def coefs_(self) -> list[Array]:
        """W of each dense layer, shape (d_in, d_out): a view into the network."""
        return [layer.W for layer in self._dense]

    @property
    def intercepts_(self) -> list[Array]:
        """b of each dense layer, shape (d_out,): a view into the network."""
        return [layer.b for layer in self._dense]

    @property
    def out_activation_(self) -> str:
        """scikit-learn's name of the loss's link."""
        check_is_fitted(self, "model_")
        return {"sigmoid": "logistic", "": "identity"}.get(
            self.model_.loss.link, self.model_.loss.link
        )


class _Training(_Network):
    """From data to weights: descent in batches, epoch by epoch, or L-BFGS."""

    def _descend(
        self, X: Any, y: Any, s: Any, epochs: int, held: Any = None, path: Path | None = None
    ) -> None:
        """Update batch by batch; α/(2 n_b) ‖W‖² is added to the loss of each batch of n_b."""
        net, loss, optimizer = self.model_.net, self.model_.loss, self.model_.optimizer
        n, size, mean = len(y), self._size_of_batches(len(y)), 1.0 if s is None else s.mean()
        index = batches(n, size, smallest=net.smallest_batch, shuffle=False)
        masses = cycle([len(rows) * mean for rows in index])
        how: dict[str, Any] = {"epochs": epochs, "batch_size": size, "shuffle": self.shuffle}
        X, how["sample_weight"], how["rng"] = _rows(X), s, self.model_._rng
        seen, total, decay = 0, 0.0, self._decay(next(masses))
        for step in _finite(steps(net, loss, optimizer, X, y, **how)):
            seen, total = seen + step.n, total + step.n * (step.loss + decay)
            decay = self._decay(next(masses))
            if seen == n:
                self._note(total / n, n, held)
                self._keep(path)
                seen, total = 0, 0.0
                if self._done:
                    break

    def _decay(self, mass: float) -> float:
        """Set λ = α/mass for the next batch; return λ/2 ‖W‖², the price of its weights.

        AdamW shrinks weights apart from the loss: there λ = α for every batch, and costs nothing.
        """
        net, optimizer = self.model_.net, self.model_.optimizer
        if isinstance(optimizer, AdamW):
            return 0.0
        optimizer.weight_decay = self.alpha / mass
        W = net.params[net.matrices]
        return optimizer.weight_decay / 2 * float(W @ W)

    def _size_of_batches(self, n: int) -> int:
        """How many examples an update sees: by default 200, or all if there are fewer."""
        if self.batch_size == "auto":
            return min(200, n)
        if self.batch_size > n:
            warnings.warn(
                f"Got `batch_size` larger than sample size: {self.batch_size} is clipped to {n}.",
                stacklevel=2,
            )
        return int(min(self.batch_size, n))

    def _note(self, loss: float, n: int, held: Any) -> None:
        """Record an epoch; decide whether training goes on, goes on more slowly, or is done."""
        self.loss_ = loss
        self.loss_curve_.append(loss)
        self.n_iter_, self.t_ = self.n_iter_ + 1, self.t_ + n
        if self.verbose:
            print(f"Iteration {self.n_iter_}, loss = {loss:.8f}")
        better = self._better_loss() if held is None else self._better_score(*held)
        self._no_improvement_count = 0 if better else self._no_improvement_count + 1
        optimizer = self.model_.optimizer
        if self.solver == "sgd" and self.learning_rate == "invscaling":
            optimizer.lr = self.learning_rate_init / (self.t_ + 1) ** self.power_t
        if self._no_improvement_count <= self.n_iter_no_change:
            return
        adaptive = self.solver == "sgd" and self.learning_rate == "adaptive"
        self._done = not adaptive or optimizer.rate <= 1e-6
        if not self._done:
            self._no_improvement_count, optimizer.lr = 0, optimizer.rate / 5
        if self.verbose:
            what = "Training loss" if held is None else "Validation score"
            then = "Stopping." if self._done else f"Setting learning rate to {optimizer.rate:f}"
            print(
                f"{what} did not improve more than tol={self.tol:f} for {self.n_iter_no_change} "
                f"consecutive epochs. {then}"
            )

    def _better_loss(self) -> bool:
        """Whether the loss fell by tol below the best; and whether it is the best now."""
        best = math.inf if self.best_loss_ is None else self.best_loss_
        self.best_loss_ = min(best, self.loss_)
        return self.loss_ <= best - self.tol

    def _better_score(self, X: Any, y: Any, s: Any) -> bool:
        """Whether the score rose by tol above the best; the best network is remembered."""
        best = -math.inf if self.best_validation_score_ is None else self.best_validation_score_
        try:
            score = self._score_of(X, y, s)
        except FloatingPointError:
            score = math.nan
        self.validation_scores_ = [*(self.validation_scores_ or []), score]
        if self.verbose:
            print(f"Validation score: {score:f}")
        if score > best:
            self.best_validation_score_, self._best = score, self.model_.net.snapshot()
        return score >= best + self.tol

    def _minimize(self, X: Any, y: Any, s: Any) -> None:
        """L-BFGS on all examples at once: SciPy asks for the loss and its slope at any θ."""
        from scipy.optimize import minimize

        net, loss = self.model_.net, self.model_.loss
        X = X.toarray() if hasattr(X, "toarray") else X
        λ = self.alpha / (len(y) if s is None else s.sum())

        def value_and_slope(θ: Array) -> tuple[float, Array]:
            net.params = θ
            value, dZ = loss.value_and_grad(net.forward(X, train=True), y, s)
            net.backward(dZ)
            W = net.params[net.matrices]
            slope = net.grads.astype(np.float64)
            slope[net.matrices] += λ * W
            return value + λ / 2 * float(W @ W), slope

        limits = {"maxfun": self.max_fun, "maxiter": self.max_iter, "gtol": self.tol}
        start = net.params.astype(np.float64)
        found = minimize(value_and_slope, start, method="L-BFGS-B", jac=True, options=limits)
        net.params, self.loss_ = found.x, float(found.fun)
        self.n_iter_ = min(int(found.nit), self.max_iter)
        if not found.success:
            _warn(
                f"lbfgs failed to converge after {self.n_iter_} iteration(s) "
                f"(status={found.status}): {found.message}. Increase the number of iterations "
                "(max_iter), or scale the data."
            )

    def _targets(self, y: Any, s: Any, first: bool, partial: bool) -> tuple[Any, Any]:
        """Return y as the loss takes it, and the weights of examples."""
        raise NotImplementedError

    def _score_of(self, X: Any, y: Any, s: Any) -> float:
        """Score what is held out."""
        raise NotImplementedError

    def _keep(self, path: Path | None) -> None:
        """Save the run."""
        raise NotImplementedError


class _MLP(_Training):
    """What the two estimators share."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train, from new weights or, with warm_start, from those of the last fit.

        Parameters
        ----------
        X : array_like or sparse matrix of shape (n_samples, n_features)
            Inputs; of a sparse matrix one batch at a time is made dense, with L-BFGS all of it.
        y : array_like of shape (n_samples,) or (n_samples, n_outputs)
            Classes, or 0 and 1 for each of several labels; for a regressor numbers.
        sample_weight : array_like of shape (n_samples,), optional
            How much each example counts, relative to the mean of all.

        Returns
        -------
        self
        """
        first = self._ready(always_new=not self.warm_start)
        X, y, s = self._checked(X, y, sample_weight, first=first)
        random = check_random_state(self.random_state)
        if first:
            self._begin(X, y, random)
        else:
            self.model_.optimizer = self._optimizer()
        self.n_iter_, self._no_improvement_count, self._done, self._best = 0, 0, False, None
        if self.solver == "lbfgs":
            self._minimize(X, y, s)
        else:
            self._fit_in_epochs(X, y, s, random)
        return self

    def _fit_in_epochs(self, X: Any, y: Any, s: Any, random: Any) -> None:
        """Train until nothing improves any more; with early stopping the best epoch comes back."""
        held = None
        if self.early_stopping:
            X, y, s, held = self._split(X, y, s, random)
        path = self._resumed(X, y, s)
        try:
            if not self._done and self.n_iter_ < self.max_iter:
                self._descend(X, y, s, self.max_iter - self.n_iter_, held, path)
            if not self._done:
                _warn(
                    f"Stochastic Optimizer: Maximum iterations ({self.max_iter}) reached and the "
                    "optimization hasn't converged yet."
                )
        except KeyboardInterrupt:
            warnings.warn("Training interrupted by user.", stacklevel=3)
        except _Diverged as error:
            if self._best is None:
                raise
            _warn(f"{error} The best epoch is back.")
        if self._best is not None:
            self.model_.net.restore(self._best)
            self._best = None

    @available_if(_is_stochastic)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one epoch on these examples, from where the last call has stopped.

        Weights are relative to the mean of the examples given here: no others are known.
        """
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True")
        first = self._ready(always_new=False)
        X, y, s = self._checked(X, y, sample_weight, first=first, partial=True)
        if first:
            self._begin(X, y, check_random_state(self.random_state))
        self.n_iter_ = 0
        self._descend(X, y, s, 1)
        return self

    def _ready(self, always_new: bool) -> bool:
        """Check the parameters; whether there will be a new network."""
        self._validate_params()
        sizes = np.ravel(self.hidden_layer_sizes)
        if np.any(sizes <= 0):
            raise ValueError(f"hidden_layer_sizes must be > 0, got {sizes.tolist()}.")
        if self.solver == "lbfgs" and self.dropout:
            raise ValueError(
                f"dropout: expected 0 with solver='lbfgs', got {self.dropout}: L-BFGS needs the "
                "same loss for the same weights; use solver='adam'"
            )
        if self.learning_rate != "constant" and callable(self.learning_rate_init):
            raise ValueError(
                "learning_rate: expected 'constant' where learning_rate_init is a schedule, got "
                f"{self.learning_rate!r}: a schedule sets every rate itself"
            )
        if self.checkpoint is not None and not isinstance(self.random_state, Integral):
            raise ValueError(
                f"random_state: expected an int with checkpoint, got {self.random_state!r}: who "
                "goes on with a run needs its random numbers; use random_state=0"
            )
        return always_new or not hasattr(self, "model_")

    def _checked(
        self, X: Any, y: Any, s: Any, *, first: bool, partial: bool = False
    ) -> tuple[Any, Any, Any]:
        """Check data as scikit-learn does; return X, y as the loss takes it, and weights."""
        numbers = isinstance(self, RegressorMixin)
        X, y = validate_data(self, X, y, multi_output=True, y_numeric=numbers, reset=first, **_READ)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if s is not None:
            s = _check_sample_weight(s, X, ensure_non_negative=True)
        return X, *self._targets(y, s, first, partial)

    def _split(self, X: Any, y: Any, s: Any, random: Any) -> tuple[Any, Any, Any, Any]:
        """Hold out examples, of every class its share; return the others, and these."""
        one_each = isinstance(self, ClassifierMixin) and y.ndim == 1
        classes = self.classes_[y] if one_each else None
        how = {"random_state": random, "test_size": self.validation_fraction, "stratify": classes}
        rows, held = train_test_split(np.arange(len(y)), **how)
        if len(held) < 2:
            raise ValueError(
                "The validation set is too small. Increase 'validation_fraction' or the size of "
                "your dataset."
            )
        s_rows, s_held = (None, None) if s is None else (s[rows], s[held])
        return X[rows], y[rows], s_rows, (X[held], y[held], s_held)

    def _outputs(self, X: Any) -> Array:
        """Z, shape (n_samples, n_outputs), in test mode."""
        check_is_fitted(self, "model_")
        return outputs(self.model_.net, _rows(validate_data(self, X, reset=False, **_READ)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def save(self, path: StrPath) -> None:
        """Write the estimator into one file: parameters, network, and how far it has come.

        The format is safetensors, which holds no code. `load` goes on as if nothing had been.

        Raises
        ------
        TypeError
            For a parameter that has no name under which it could be found again, such as a lambda.
        """
        check_is_fitted(self, "model_")
        noted = {k: v for k, v in vars(self).items() if k in _NOTED}
        about = {
            "estimator": described("estimator", self),
            "noted": described("noted", noted),
        }
        best = {}
        if self._best is not None:
            best = {"best.params": self._best.params, "best.buffers": self._best.buffers}
        checkpoints.save(path, self.model_, about, best)

    @classmethod
    def load(cls, path: StrPath) -> Self:
        """Read an estimator that `save` wrote.

        Raises
        ------
        ValueError
            If the file is damaged, or holds something else.
        """
        saved = checkpoints.load(path, _OWN)
        if not (isinstance(saved.fit, dict) and "estimator" in saved.fit):
            raise ValueError(
                f"{path}: expected an estimator that save wrote, got another kind of model: "
                "nnlib.Model.load reads it"
            )
        made = built("estimator", saved.fit["estimator"], {cls.__name__: cls})
        made._take(saved)
        return made

    def _take(self, saved: checkpoints.Saved) -> None:
        """Be as far as a file says."""
        for name, value in built("noted", saved.fit["noted"], {}).items():
            setattr(self, name, value)
        self.model_, self._best = Model._made(saved), saved.best

    def _resumed(self, X: Any, y: Any, s: Any) -> Path | None:
        """Take over the longest run in `checkpoint` that is no longer; return where ours lies."""
        if self.checkpoint is None:
            return None
        asked = {k: v for k, v in self.get_params().items() if k not in _NO_MATTER}
        key = joblib.hash([type(self).__name__, sorted(asked.items()), X, y, s])
        folder = Path(self.checkpoint)
        folder.mkdir(parents=True, exist_ok=True)
        kept = {
            int(path.stem[len(key) + 1 :]): path for path in folder.glob(f"{key}-*.safetensors")
        }
        if shorter := [epochs for epochs in kept if epochs <= self.max_iter]:
            self._take(checkpoints.load(kept[max(shorter)], _OWN))
        return folder / f"{key}-{self.max_iter}.safetensors"

    def _keep(self, path: Path | None) -> None:
        """Save the run once a second, and when it is over."""
        over = self._done or self.n_iter_ == self.max_iter
        if path is not None and (over or time.monotonic() - self._kept >= 1):
            self.save(path)
            self._kept = time.monotonic()


@dataclass(eq=False, repr=False)
class MLPClassifier(ClassifierMixin, _MLP):  # type: ignore[misc]
    """A network for classes, as scikit-learn's of this name.

    One output and a sigmoid for two classes, one for each of several labels that do not exclude
    each other, and softmax for more classes. Shapes: X (n_samples, n_features), y (n_samples,), or
    (n_samples, n_labels) of 0 and 1.

    Parameters
    ----------
    hidden_layer_sizes : tuple of int
        Units of each hidden layer.
    activation : {"relu", "identity", "logistic", "tanh", "leaky_relu", "elu", "selu", "gelu", \
            "silu", "softplus"}
        After each hidden layer.
    solver : {"adam", "sgd", "lbfgs", "adamw", "rmsprop", "adagrad", "momentum", "nesterov"}
        An optimizer of nnlib by its name, or L-BFGS by SciPy.
    alpha : float
        α ≥ 0: α/(2n) ‖W‖² is added to the loss of a batch of n; biases are spared. With "adamw" α
        is the decay λ of `nnlib.AdamW` itself.
    batch_size : int or "auto"
        Examples in an update; "auto": min(200, n_samples).
    learning_rate : {"constant", "invscaling", "adaptive"}
        For "sgd": constant; η/tᵖ after t examples, p = power_t; or a fifth whenever nothing has
        improved for n_iter_no_change epochs, down to 10⁻⁶.
    learning_rate_init : float or schedule
        η, or with a "constant" learning_rate a schedule, such as ``nnlib.schedules.Cosine``.
    power_t : float
        p.
    max_iter : int
        Epochs at most; for "lbfgs" iterations.
    shuffle : bool
        Whether each epoch sees the examples in a new order.
    random_state : int, RandomState or None
        For first weights, what is held out, shuffling and dropout. First weights are those that
        scikit-learn draws.
    tol : float
        What counts as an improvement, of the loss or of the score.
    verbose : bool
        Whether to print each epoch.
    warm_start : bool
        Whether `fit` goes on with the weights of the last fit.
    momentum, nesterovs_momentum : float, bool
        For "sgd". As in PyTorch η stands outside of the velocity, in scikit-learn inside: where η
        changes the two differ.
    early_stopping, validation_fraction : bool, float
        Whether that fraction is held out, and the score on it decides when to stop; the best epoch
        comes back.
    beta_1, beta_2, epsilon : float
        For "adam" and "adamw": Algorithm 1 of the paper, where ε is added to √v̂, not to √v.
    n_iter_no_change : int
        Epochs without improvement that are borne.
    max_fun : int
        For "lbfgs": evaluations of the loss at most.
    dropout : float
        The share of each hidden layer's outputs that is dropped in training.
    batch_norm : bool
        Whether each hidden layer is normalized before its activation.
    checkpoint : path-like, optional
        A folder. Each run is kept there under the name of its parameters and data, and its
        max_iter; `fit` goes on, bit for bit, from the longest that is no longer than itself: after
        a crash from its own, with a larger max_iter from the one before. Needs an int as
        random_state.
    class_weight : dict, "balanced" or None
        How much each class counts; multiplies sample_weight.

    Attributes
    ----------
    model_ : nnlib.Model
        The network, its loss and its optimizer.
    coefs_, intercepts_ : lists of ndarray
        W and b of each dense layer: views into the network.
    classes_, loss_, loss_curve_, best_loss_, validation_scores_, best_validation_score_, n_iter_, \
    t_, n_layers_, n_outputs_, out_activation_, n_features_in_, feature_names_in_
        As in scikit-learn.

    Notes
    -----
    Weights of examples are relative to their mean s̄ in the data: a batch's loss is Σ s_r L_r
    divided by n s̄. scikit-learn divides by the weights of the batch, so that a heavy example that
    is alone in its batch counts no more than a light one.

    Examples
    --------
    >>> from nnlib.estimators import MLPClassifier
    >>> from sklearn.datasets import load_iris
    >>> X, y = load_iris(return_X_y=True)
    >>> net = MLPClassifier((10,), solver="lbfgs", random_state=0, max_iter=1000).fit(X, y)
    >>> bool(net.score(X, y) > 0.95), net.coefs_[0].shape
    (True, (4, 10))
    """

    class_weight: Any = None

    _parameter_constraints: ClassVar[dict[str, Any]] = _MLP._parameter_constraints | {
        "class_weight": [StrOptions({"balanced"}), dict, None]
    }

    @available_if(_is_stochastic)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train for one epoch on these examples, from where the last call has stopped.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`; weights are relative to the mean of those given here: no others are known.
        classes : array_like of shape (n_classes,)
            All that may come; needed in the first call.
        """
        if self.class_weight == "balanced":
            raise ValueError(
                "class_weight: expected a dict for partial_fit, got 'balanced': how often each "
                "class comes is known of all data only; numbers may be taken from "
                "sklearn.utils.class_weight.compute_class_weight('balanced', ...) of a sample"
            )
        if _check_partial_fit_first_call(self, classes):
            self._multilabel = type_of_target(y) == "multilabel-indicator"
        return super().partial_fit(X, y, sample_weight)

    def _targets(self, y: Any, s: Any, first: bool, partial: bool) -> tuple[Any, Any]:
        """Number the classes; the weights of classes go into those of examples."""
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
        if kind == "multiclass-multioutput":
            raise ValueError("Multioutput target data is not supported with more than two classes.")
        multilabel = kind == "multilabel-indicator"
        y = y.toarray() if hasattr(y, "toarray") else y
        found = np.arange(y.shape[1]) if multilabel else unique_labels(y)
        if first and not partial:
            self.classes_, self._multilabel = found, multilabel
        elif not partial and not np.array_equal(found, self.classes_):
            raise ValueError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {found}"
            )
        elif self._multilabel != multilabel or not np.isin(found, self.classes_).all():
            raise ValueError(
                f"`y` has classes not in `self.classes_`. `self.classes_` has {self.classes_}. "
                f"'y' has {found}."
            )
        if self.class_weight is not None:
            by_class = compute_sample_weight(self.class_weight, y)
            s = by_class if s is None else s * by_class
        if multilabel:
            return y.astype(np.float64), s
        return np.searchsorted(self.classes_, y), s

    def _loss(self, y: Any) -> tuple[Loss, int]:
        """Two classes have one output, which says how likely the second is."""
        k = len(self.classes_)
        if self._multilabel:
            return _LogLoss(), k
        return (SigmoidCrossEntropy(), 1) if k == 2 else (SoftmaxCrossEntropy(), k)

    def _score_of(self, X: Any, y: Any, s: Any) -> float:
        found = self.model_.loss.predictions(outputs(self.model_.net, _rows(X)))
        return float(accuracy_score(y, found, sample_weight=s))

    def predict(self, X: Any) -> Any:
        """Return the likeliest class of each example; of labels, 1 where P > 1/2."""
        Z = self._outputs(X)
        found = self.model_.loss.predictions(Z)
        return found if self._multilabel else self.classes_[found]

    def predict_proba(self, X: Any) -> Array:
        """Return P, shape (n_samples, n_classes)."""
        Z = self._outputs(X)
        if Z.shape[1] == 1 < len(self.classes_):
            # sigmoid(Z) is softmax(0, Z), whose two sides are computed alike
            return softmax(np.hstack([0 * Z, Z]))
        return self.model_.loss.probabilities(Z)

    def predict_log_proba(self, X: Any) -> Array:
        """Return log P, which is −∞ where P rounds to 0, as scikit-learn has it."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


@dataclass(eq=False, repr=False)
class MLPRegressor(RegressorMixin, MultiOutputMixin, _MLP):  # type: ignore[misc]
    """A network for numbers, as scikit-learn's of this name.

    Shapes: X (n_samples, n_features), y (n_samples,) or (n_samples, n_outputs).

    Parameters
    ----------
    loss : {"squared_error", "poisson"}
        ½ (Z − y)², or for counts e^Z − y − y (Z − log y); the sum over the outputs, whose slope is
        followed. scikit-learn follows the same slope, and reports the mean.
    **others
        As in `MLPClassifier`, but for class_weight.

    Attributes
    ----------
    model_, coefs_, intercepts_, loss_, …
        As in `MLPClassifier`, but for classes_.

    Examples
    --------
    >>> from nnlib.estimators import MLPRegressor
    >>> X = np.linspace(-1, 1, 50)[:, np.newaxis]
    >>> y = X[:, 0] ** 2
    >>> net = MLPRegressor((20,), solver="lbfgs", random_state=0, max_iter=1000).fit(X, y)
    >>> bool(net.score(X, y) > 0.99)
    True
    """

    loss: str = "squared_error"

    _parameter_constraints: ClassVar[dict[str, Any]] = _MLP._parameter_constraints | {
        "loss": [StrOptions(set(LOSSES))]
    }

    def _targets(self, y: Any, s: Any, first: bool, partial: bool) -> tuple[Any, Any]:
        """Numbers are taken as they are."""
        y = y.toarray() if hasattr(y, "toarray") else y
        k = 1 if y.ndim == 1 else y.shape[1]
        if not first and k != self.n_outputs_:
            raise ValueError(f"y: expected {self.n_outputs_} outputs, as before, got {k}")
        return y.astype(np.float64), s

    def _loss(self, y: Any) -> tuple[Loss, int]:
        return LOSSES[self.loss](), 1 if y.ndim == 1 else y.shape[1]

    def _score_of(self, X: Any, y: Any, s: Any) -> float:
        found = self.model_.loss.predictions(outputs(self.model_.net, _rows(X)))
        with np.errstate(over="ignore"):
            return float(r2_score(y, found, sample_weight=s))

    def predict(self, X: Any) -> Any:
        """Return a number for each example, shape (n_samples,) or (n_samples, n_outputs)."""
        Z = self._outputs(X)
        return self.model_.loss.predictions(Z)
