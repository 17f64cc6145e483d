"""Explore softmax and its loss: probabilities, the price of an answer, and forces on the logits."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as w
import numpy as np

from nnlib._typing import Array
from nnlib.course.kit.canvas import Canvas, Pixels
from nnlib.course.kit.controls import numbers
from nnlib.course.kit.explorer import Explorer
from nnlib.course.kit.parts import Part
from nnlib.losses import SoftmaxCrossEntropy
from nnlib.plots import PALETTE

K = 4
"""Number of classes."""

SHIFT = 100.0
"""What the switch adds to every logit."""


class Experiment:
    """One example: what softmax and its loss make of its logits.

    P = softmax(Z / T), L = −log P[y]; the gradient with respect to Z / T is P − Y.

    Attributes
    ----------
    logits : list of float
        One for each class.
    T : float
        The temperature.
    y : int
        The true class.
    shifted : bool
        Whether SHIFT is added to every logit.
    """

    def __init__(self) -> None:
        self.logits = [2.0, 0.5, -2.0, 3.0]
        self.T, self.y, self.shifted = 1.0, 0, False
        self._loss = SoftmaxCrossEntropy()

    @property
    def Z(self) -> Array:
        """The logits, shape (k,), with what the switch adds."""
        return np.array(self.logits) + SHIFT * self.shifted

    @property
    def P(self) -> Array:
        """softmax(Z / T), shape (k,)."""
        return self._loss.probabilities(self.Z[np.newaxis] / self.T)[0]

    @property
    def loss_and_forces(self) -> tuple[float, Array]:
        """−log P[y], and what a step of gradient descent pulls with: −(P − Y) = Y − P, (k,)."""
        Z = self.Z[np.newaxis] / self.T
        value, dZ = self._loss.value_and_grad(Z, np.array([self.y]))
        return value, 0.0 - dZ[0]

    def words(self) -> str:
        loss, F = self.loss_and_forces
        forces = ", ".join(_signed(f) for f in F)
        text = (
            f"The true class {self.y} gets the probability {_probability(loss)}, so the loss is "
            f"{loss:.3g}. The forces Y − P are {forces}; their sum is {abs(F.sum()):.2f}."
        )
        return f"{text} {self.about_T()}{self.about_the_shift()}".strip()

    def about_T(self) -> str:
        """Say what the temperature does."""
        if self.T == 1:
            return ""
        return f"{self._temper()} The force on Z itself is 1/T of these."

    def _temper(self) -> str:
        spread = (max(self.logits) - min(self.logits)) / self.T
        if spread == 0:
            return f"Of equal logits, each class gets 1/{K}, whatever T."
        if spread < 0.2 and self.T > 1:
            return (
                f"T → ∞: the logits differ by {spread:.2g} T at most, which is next to nothing: "
                f"each class gets about 1/{K}, and any truth costs about log {K} = {np.log(K):.2f}."
            )
        first = [j for j in range(K) if self.logits[j] == max(self.logits)]
        if self.P[first].sum() > 0.999 and self.T < 1:
            who = f"class{'es' * (len(first) > 1)} {' and '.join(map(str, first))}"
            takes = "takes nearly all" if len(first) == 1 else "share it evenly"
            return (
                f"T → 0: softmax becomes a maximum, {who} {takes}; a wrong class costs about "
                "its distance to the largest logit, over T."
            )
        more = "sharper than softmax(Z)" if self.T < 1 else "flatter than softmax(Z)"
        return f"With T = {self.T:g} this is {more}."

    def about_the_shift(self) -> str:
        """Say what adding a number to all logits does."""
        if not self.shifted:
            return ""
        return f" Adding {SHIFT:g} to every logit has changed their axis, and nothing else."


def _probability(loss: float) -> str:
    """Write e^−loss, also where a float would be 0."""
    power = -loss / np.log(10)
    if power > -3:
        return f"{10**power:.3g}"
    whole = np.floor(power)
    return f"{10 ** (power - whole):.2f}e-{-whole:02.0f}"


def _signed(f: float) -> str:
    """Write a force with its sign: +0.34, −0.05, 0.00."""
    text = f"{abs(f):.2f}"
    return text if text == "0.00" else ("+" if f > 0 else "−") + text


# The picture ---------------------------------------------------------------------------------


TEMPERATURES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 1000]

REACH = 6.0
"""Of the logits to choose from, up and down."""

ARROW = 3.0
"""Length of a force of 1, in units of a logit."""


class Softmax(Explorer):
    """Logits in; probabilities, the loss, and the pull on each logit out."""

    title = "softmax, its loss, and the forces on the logits"

    def __init__(self, name: str = "") -> None:
        super().__init__(name)
        self.experiment = experiment = Experiment()
        values = numbers(-REACH, REACH, 0.1, ".1f")
        self._sliders = [
            self.slider(
                f"logit of class {j}", values, z, self._set_logit(j),
                tip=f"What the network says for class {j}, before softmax; only differences count.",
            )
            for j, z in enumerate(experiment.logits)
        ]  # fmt: skip
        T = self.slider(
            "temperature T", TEMPERATURES, 1, self._set("T"),
            tip="Logits are divided by it: below 1 softmax gets sharper, above 1 flatter.",
        )  # fmt: skip
        self._y = self.buttons(
            "true class y", list(range(K)), experiment.y, self._set("y"),
            tip="The right answer: the loss is −log of its probability.",
        )  # fmt: skip
        shift = self.switch(
            f"add {SHIFT:g} to every logit", experiment.shifted, self._shift,
            tip="Softmax knows differences alone: watch what this changes, and what not.",
        )  # fmt: skip
        shift.layout = w.Layout(width="auto", margin="2px 2px 2px 9.4em")
        others = w.VBox([T, self._y, w.HBox([shift])], layout=w.Layout(margin="0 0 0 3em"))
        self.canvas = Canvas(9.6, 3.5, self._build)
        self.arrange(self.row(w.VBox(self._sliders), others))

    def _set(self, attribute: str) -> Callable[[Any], None]:
        return lambda value: setattr(self.experiment, attribute, value)

    def _set_logit(self, j: int) -> Callable[[float], None]:
        def put(value: float) -> None:
            self.experiment.logits[j] = value

        return put

    def _shift(self, on: bool) -> None:
        """Add the number; the axis of the logits moves along."""
        self.experiment.shifted = on
        self._logits.set_ylim(np.array([-10.8, 10.8]) + SHIFT * on)
        self.canvas.stale = True

    def words(self) -> str:
        return self.experiment.words()

    def parts(self) -> list[Part]:
        """The logits, which may be pulled or typed, the bars, of which one is true, and charts."""
        logits, _, loss = super().parts()
        dots, columns = ([part(j) for j in range(K)] for part in (self._dot, self._column))
        return [*dots, replace(logits, name="the logits"), *columns, replace(loss, name="the loss")]

    def _dot(self, j: int) -> Part:
        x, y = self.canvas.at(self._logits, j, self.experiment.Z[j])
        force = _signed(self.experiment.loss_and_forces[1][j])
        return Part(
            f"the logit of class {j}", (x - 10, y - 10, x + 10, y + 10),
            says=lambda: f"logit {self.experiment.Z[j]:g}, force {force}".replace("-", "−"),
            number=lambda: self.experiment.logits[j], put=lambda z: self._type_logit(j, z),
            drag=lambda x, y: self._move_logit(j, self.canvas.data(self._logits, x, y)[1]),
        )  # fmt: skip

    def _column(self, j: int) -> Part:
        left, top = self.canvas.at(self._probabilities, j - 0.3, 1.2)
        right, bottom = self.canvas.at(self._probabilities, j + 0.3, 0)
        return Part(
            f"the probability of class {j}", (left, top, right, bottom),
            says=lambda: f"P[{j}] = {self.experiment.P[j]:.3g}; pressed, {j} is the true class",
            press=lambda: setattr(self._y, "value", j),
        )  # fmt: skip

    def _move_logit(self, j: int, z: float) -> None:
        """Pull a logit as far as its slider goes."""
        z = z - SHIFT * self.experiment.shifted
        self._sliders[j].value = round(min(max(z, -REACH), REACH), 1)

    def _type_logit(self, j: int, z: float) -> None:
        if abs(z) <= REACH:
            self._sliders[j].value = round(z, 1)
        else:
            self.alert_with(
                f"logit of class {j}: expected a number from −{REACH:g} to {REACH:g}, got {z:g}. "
                f"It stays {self.experiment.logits[j]:g} until you type another."
            )

    def _build(self, figure: Any) -> list[Any]:
        left, middle, right = figure.subplots(1, 3, width_ratios=[4, 4, 3])
        classes = np.arange(K)
        for ax in (left, middle):
            ax.set(xlim=(-0.6, K - 0.4), xticks=classes, xlabel="class")
            ax.grid(axis="x", visible=False)
        self._logits, self._probabilities = left, middle
        left.set(ylim=(-10.8, 10.8), ylabel="logit", title="logits, and forces Y − P (sum: 0)")
        self._true = left.axvspan(-0.4, 0.4, color="0.9")
        (self._dots,) = left.plot([], [], "o", color="black", ms=7, zorder=3)
        (self._up,) = left.plot([], [], "^", color=PALETTE[0], ms=9)
        (self._down,) = left.plot([], [], "v", color=PALETTE[1], ms=9)
        self._shafts = left.vlines(classes, 0, 0, lw=3)
        self._pulls = [left.text(j, 0, "", ha="center", fontsize=9) for j in classes]
        middle.set(ylim=(0, 1.2), yticks=np.arange(0, 1.1, 0.25), title="probabilities P")
        self._bars = middle.bar(classes, 0 * classes, 0.6, color=PALETTE[5], ec="black", lw=0.8)
        self._shares = [
            middle.text(j, 0, "", ha="center", va="bottom", fontsize=9) for j in classes
        ]
        right.set(xlim=(0, 1), ylim=(0, 6.5), xlabel="P[y]", title="loss −log P[y]")
        p = np.linspace(1e-4, 1, 400)
        right.plot(p, -np.log(p), color="0.3", ls="-")
        (self._drop,) = right.plot([], [], color=PALETTE[4], ls="--", lw=1.2)
        (self._price,) = right.plot([], [], "D", color=PALETTE[4], mec="black", ms=9, clip_on=False)
        self._cost = right.text(0.95, 5.9, "", ha="right", fontsize=11)
        moving = [self._true, self._shafts, self._up, self._down, self._dots, *self._pulls]
        return [*moving, *self._bars, *self._shares, self._drop, self._price, self._cost]

    def picture(self) -> Pixels:
        """Draw the forces on the logits, the bars, and the point on the loss."""
        experiment = self.experiment
        Z, P = experiment.Z, experiment.P
        loss, F = experiment.loss_and_forces
        tips, classes = Z + ARROW * F, np.arange(K)
        self._true.set_x(experiment.y - 0.4)
        self._dots.set_data(classes, Z)
        up, down = F > 0.12, F < -0.12  # a smaller arrow hides behind its dot
        self._up.set_data(classes[up], tips[up])
        self._down.set_data(classes[down], tips[down])
        self._shafts.set_segments([[(j, Z[j]), (j, tips[j])] for j in range(K)])
        self._shafts.set_color([PALETTE[0] if f > 0 else PALETTE[1] for f in F])
        for j, bar in enumerate(self._bars):
            true = j == experiment.y
            bar.set(height=P[j], facecolor=PALETTE[4 if true else 5], hatch="//" if true else "")
            self._shares[j].set(y=P[j] + 0.01, text=("true\n" if true else "") + f"{P[j]:.3f}")
            above = F[j] >= 0
            self._pulls[j].set(y=tips[j] + (0.6 if above else -0.6), text=_signed(F[j]))
            self._pulls[j].set_va("bottom" if above else "top")
        height = min(loss, 6.5)
        self._drop.set_data([P[experiment.y]] * 2, [0, height])
        self._price.set_data([P[experiment.y]], [height])
        self._price.set_marker("D" if height == loss else "^")  # it points to where it really is
        self._cost.set_text(f"{loss:.3f}" if loss < 100 else f"{loss:.0f}")
        return self.canvas.frame()
