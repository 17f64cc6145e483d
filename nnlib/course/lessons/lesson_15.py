"""Lesson 15, bugs in the wild: its exercises and questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from nnlib._typing import Array
from nnlib.activations import relu, softmax
from nnlib.course.exercises.exercise import Exercise, Function
from nnlib.course.exercises.quiz import Question, Right
from nnlib.course.hunt import accusations, suspect
from nnlib.course.hunt.score import Accusations, Check

Sizes = list[int]


class Known(Accusations):
    """A check of ours: whom it accuses does not depend on the seed, and is found out once."""

    def __call__(self, numbers: Sequence[int], seed: int) -> tuple[bool, ...]:
        """Tell for each mutant whether it is accused."""
        return tuple(_accuses(self.check, number) for number in numbers)


@cache
def _accuses(check: Check, number: int) -> bool:
    """Run a check on one mutant."""
    with suspect(number) as nn, np.errstate(all="ignore"):
        try:
            check(nn, np.random.default_rng(number))
        except Exception:
            return True
    return False


# 15.0, a gradient check that others can run -------------------------------------------------------

SLOPES = (1, 2, 3, 10, 18)
"""The mutants of 15.0: ReLU, dropout, bias, layer norm, n."""

SEES_SLOPE = (
    "a network with a ReLU that is not its last layer",
    "a network with dropout, the gradients of what lies before it, and several examples: of one, "
    "all may be dropped or off",
    "the gradients of b, too, and more than one output",
    "a LayerNorm with parameters of which none is special: γ is 1 at first; three features or "
    "more; and several examples",
    "more than one example: with n = 1 nobody divides twice",
)
"""What it takes to see each of them."""


def _of_slopes(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    return SLOPES, int(rng.integers(1000))


def _slopes(
    *kinds: str, n: int = 7, first: bool = False, only: Callable[[Any], bool] = lambda row: True
) -> Function:
    """Make a check of a network with layers of some kinds between two dense ones."""

    def gradients_agree(nn: Any, rng: np.random.Generator) -> None:
        made = {"L": nn.LayerNorm(5), "R": nn.ReLU(), "D": nn.Dropout(0.5)}
        between = [made[kind] for kind in kinds]
        net = nn.Sequential(nn.Dense(4, 5), *between, nn.Dense(5, 3), rng=rng)
        if not first:
            net.params = rng.normal(size=len(net.params))
        X, y = rng.normal(size=(n, 4)), rng.integers(0, 3, n)
        report = nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, y)
        assert all(row.mark != "WRONG" for row in report.rows if only(row)), report

    return Known(gradients_agree)


def _told(sees: tuple[str, ...]) -> Callable[[tuple[Any, ...], tuple[Any, ...]], str]:
    """Make a review: how many were accused, and what a check needs for those that got away."""

    def review(arguments: tuple[Any, ...], values: tuple[Any, ...]) -> str:
        away = [i for i, value in enumerate(values) if value is not True]
        lines = [f"{len(values) - len(away)} of {len(values)} accused; these got away:"]
        return "\n".join(
            lines + [f"mutant {'abcde'[i]}: to see it, a check needs {sees[i]}" for i in away]
        )

    return review


GRADIENTS_AGREE = Exercise(
    title="a gradient check that sees five mutants",
    case=_of_slopes,
    solution=_slopes("L", "R", "D"),
    adapt=accusations,
    cases=1,
    parts=(
        "mutant a, ReLU",
        "mutant b, dropout",
        "mutant c, bias",
        "mutant d, layer norm",
        "mutant e, n",
    ),
    named=True,
    review=_told(SEES_SLOPE),
    mistakes={
        "mutant a alone gets away: your network has no ReLU on the way back, so its mask is never "
        "used": _slopes("L", "D"),
        "mutant b alone gets away: your network has no dropout, or in test mode lets all through": (
            _slopes("L", "R")
        ),
        "mutant c alone gets away: you compare matrices and leave b out, or there is one output "
        "only, whose sum is right": _slopes("L", "R", "D", only=lambda row: row.name != "b"),
        "mutant d alone gets away: there is no LayerNorm, or it has its first γ, which is 1, and "
        "nobody notices when that is forgotten: set `net.params`": (
            _slopes("L", "R", "D", first=True)
        ),
        "mutant e alone gets away: with one example n is 1, and to divide by it twice changes "
        "nothing": _slopes("L", "R", "D", n=1),
        "only c and e are accused: your network has nothing but dense layers, or you compare the "
        "last layer alone, whose gradients no other layer touches; or all parameters are equal, as "
        "ones or zeros are: then a layer's units are equal as well, and layer norm makes 0 of "
        "them: draw `net.params` from `rng`": _slopes(),
        "only c is accused: your tolerance is so wide that factors of n or 2 pass, and only what "
        "is wholly wrong does not": _slopes("L", "R", "D", only=lambda row: row.error > 0.999),
        "none of the five is accused: a falling loss, a shape or a finite number is no comparison; "
        "is `report.ok` asserted?": _slopes("L", "R", "D", only=lambda row: False),
    },
    hints=(
        "`nn.Sequential(nn.Dense(4, 5), …, nn.Dense(5, 3), rng=rng)`, with a LayerNorm, a ReLU and "
        "a Dropout between; X and y from `rng`, seven examples.",
        "`net.params = rng.normal(size=len(net.params))` takes all special values away.",
        "`report = nn.check_gradients(net, nn.SoftmaxCrossEntropy(), X, y)`, and then "
        "`assert report.ok, report`.",
    ),
)

# 15.0b, an end-to-end check -----------------------------------------------------------------------

WHOLES = (22, 35, 38, 39)
"""The mutants of 15.0b: labels, equal weights, bits, a sum."""

SEES_WHOLE = (
    "ten examples with random labels, in batches of more than one, learnt to a small loss",
    "ten examples with random labels, which a hidden layer of equal units cannot tell apart",
    "the loss at first, compared with log k closely",
    "the loss at first with more than one example, compared with log k",
)


def _of_wholes(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    return WHOLES, int(rng.integers(1000))


def _wholes(
    first: float = 0.01, last: float = 0.1, hidden: int = 16, size: int = 5, half: bool = False
) -> Function:
    """Make a check of the first loss and of the last, with how far each may be off."""

    def it_learns(nn: Any, rng: np.random.Generator) -> None:
        d = 4 if hidden else 30
        layers = (
            [nn.Dense(d, hidden), nn.ReLU(), nn.Dense(hidden, 3)] if hidden else [nn.Dense(d, 3)]
        )
        net, loss = nn.Sequential(*layers, rng=1), nn.SoftmaxCrossEntropy()
        X, y = rng.normal(size=(10, d)), rng.permutation([0, 0, 0, 0, 1, 1, 1, 2, 2, 2])
        at_first = loss.value(1e-3 * net.forward(X), y)
        assert abs(at_first - np.log(3)) < first, at_first
        if last < np.inf:
            model = nn.Model(net, loss, nn.SGD(lr=0.1 * size))
            history = model.fit(X, y, epochs=100, batch_size=size)["loss"]
            at_last = history[-1] if half else model.evaluate(X, y)["loss"]
            assert at_last < (history[0] / 2 if half else last)

    return Known(it_learns)


IT_LEARNS = Exercise(
    title="an end-to-end check that sees four mutants",
    case=_of_wholes,
    solution=_wholes(),
    adapt=accusations,
    cases=1,
    parts=("mutant a, labels", "mutant b, equal weights", "mutant c, bits", "mutant d, a sum"),
    named=True,
    review=_told(SEES_WHOLE),
    mistakes={
        "only c and d are accused: you look at the first loss alone, or your training proves "
        "nothing, since a loss that only falls does so with mistakes as well, and labels that are "
        "all equal are learnt at once: let it learn ten random ones, down to a small loss": (
            _wholes(last=np.inf)
        ),
        "mutant b alone gets away: without a hidden layer, equal weights are a fair start, so put "
        "one between, with a ReLU; or the last loss may be as large as 0.5 or 1: compare it "
        "with 0.1": _wholes(hidden=0),
        "only a and b are accused: nothing compares the first loss with log 3, and the last one "
        "only with itself before: bits and a sum shrink alike": _wholes(first=np.inf, half=True),
        "only a and d are accused: nothing compares the first loss with log 3 closely, and the "
        "last one may be far too large: compare it with 0.1": _wholes(first=np.inf, last=1.0),
        "mutant c alone gets away: nothing compares the first loss with log 3 closely, and in bits "
        "a small loss is small as well": _wholes(first=np.inf),
        "mutant a alone gets away: in batches of one there is nothing to mix up: take batches of "
        "five": _wholes(size=1),
        "none of the four is accused: is anything asserted, of the first loss and of the last? "
        "That the loss falls is too little, since it does so with each of the four": (
            _wholes(first=np.inf, last=np.inf)
        ),
    },
    hints=(
        "`loss.value(1e-3 * net.forward(X), y)` is the loss of logits that are nearly 0.",
        "A hidden layer of 16 units, `nn.SGD(lr=0.5)`, and 100 epochs in batches of five are "
        "enough for ten examples of four numbers each.",
        '`model.evaluate(X, y)["loss"]` is what is left; a healthy network ends below 0.1.',
    ),
)

# 15.1, which line? --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Listing:
    """A program with one wrong line, which prints with its lines numbered."""

    title: str
    code: str
    wrong: int
    mended: str
    """The wrong line as it should be."""
    right: dict[int, str]
    """What other lines do, and why they are right."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", self.code.strip("\n"))

    @property
    def mended_code(self) -> str:
        """The program with its wrong line mended."""
        lines = self.code.splitlines()
        indent = lines[self.wrong - 1][: -len(lines[self.wrong - 1].lstrip())]
        lines[self.wrong - 1] = indent + self.mended
        return "\n".join(lines)

    def __repr__(self) -> str:
        lines = enumerate(self.code.splitlines(), 1)
        return "\n".join([self.title, "", *(f"{i:2}  {line}" for i, line in lines)])

    def _repr_markdown_(self) -> str:
        title, _, *lines = repr(self).split("\n")
        code = "\n".join(lines)
        return f"{title}\n\n```python\n{code}\n```"


LISTINGS = (
    Listing(
        "1: the gradients of two layers, tanh and softmax; Y is one-hot",
        """
def gradients(X, Y, W1, b1, W2, b2):
    Z1 = X @ W1 + b1
    A1 = np.tanh(Z1)
    P = nn.softmax(A1 @ W2 + b2)
    dZ2 = (P - Y) / len(X)
    dW2 = A1.T @ dZ2
    db2 = dZ2.sum(axis=0)
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (1 - Z1**2)
    dW1 = X.T @ dZ1
    db1 = dZ1.sum(axis=0)
    return dW1, db1, dW2, db2
""",
        9,
        "dZ1 = dA1 * (1 - A1**2)",
        {
            2: "the first layer, as in lesson 01",
            3: "the tanh; its output A1 is what its slope is written in",
            4: "logits and softmax in one line",
            5: "the softmax and the mean of the cross-entropy, collapsed: here the 1/n belongs",
            6: "the layer's input, transposed, times dZ2",
            7: "b is used by every example, so the gradients of all are added up",
            8: "through W2 from its outputs back to its inputs, hence the transpose",
            10: "as line 6, for the first layer",
            11: "as line 7, for the first layer",
        },
    ),
    Listing(
        "2: one epoch in batches; returns the mean loss over all examples",
        """
def epoch(net, loss, optimizer, X, y, size, rng):
    order = rng.permutation(len(X))
    total = 0
    for start in range(0, len(X), size):
        rows = order[start : start + size]
        Z = net.forward(X[rows], train=True)
        value, dZ = loss.value_and_grad(Z, y[rows])
        net.backward(dZ)
        optimizer.step(net.params, net.grads)
        total += value * size
    return total / len(X)
""",
        10,
        "total += value * len(rows)",
        {
            2: "a new order for each epoch, of single examples",
            3: "the sum begins at nothing",
            4: "a start every `size` examples; the last batch may be smaller",
            5: "a slice that reaches beyond the end is cut off there, so each row comes once",
            6: "in training mode, which keeps what backward needs",
            7: "the labels of the same rows",
            8: "overwrites the gradients, so nothing has to be cleared",
            9: "one step for each batch",
            11: "a sum over all examples, divided by how many they are, is their mean",
        },
    ),
    Listing(
        "3: a residual block, A2 = A1 + max(A1 W2, 0); the loss is half the squared error, over n",
        """
def block_gradients(X, T, W1, W2):
    A1 = np.tanh(X @ W1)
    Z2 = A1 @ W2
    A2 = A1 + np.maximum(Z2, 0)
    dA2 = (A2 - T) / len(X)
    dZ2 = dA2 * (Z2 > 0)
    dW2 = A1.T @ dZ2
    dA1 = dZ2 @ W2.T
    dZ1 = dA1 * (1 - A1**2)
    dW1 = X.T @ dZ1
    return dW1, dW2
""",
        8,
        "dA1 = dZ2 @ W2.T + dA2",
        {
            2: "the first layer and its tanh",
            3: "the second layer",
            4: "the sum that the title promises",
            5: "half the square has the slope 1 times the difference; the loss owns the 1/n",
            6: "the ReLU lets through where its input is above 0",
            7: "the layer's input, transposed, times dZ2",
            9: "the tanh's slope, written in its output",
            10: "as line 7, for the first layer",
        },
    ),
    Listing(
        "4: a linear layer behind dropout; L is the mean over all n·k numbers of Z and T, (n, k)",
        """
def regression(X, T, W, b, kept, p):
    A = X * kept / (1 - p)
    Z = A @ W + b
    L = np.mean((Z - T) ** 2)
    dZ = 2 * (Z - T) / len(X)
    dW = A.T @ dZ
    db = dZ.sum(axis=0)
    dA = dZ @ W.T
    dX = dA * kept / (1 - p)
    return L, dW, db, dX
""",
        5,
        "dZ = 2 * (Z - T) / Z.size",
        {
            2: "what is kept makes up for what is dropped",
            3: "a linear layer",
            4: "the mean over all numbers, as the title says; so by how much is a slope divided?",
            6: "the layer's input, which is A and not X, transposed, times dZ",
            7: "b is used by every example, so the gradients of all are added up",
            8: "through W from its outputs back to its inputs",
            9: "each entry was multiplied by kept/(1 − p), so its gradient is as well",
        },
    ),
    Listing(
        "5: training that ends with the parameters of its best epoch; train is a list of batches",
        """
def train_to_the_best(net, loss, optimizer, train, held, epochs):
    best, best_params = np.inf, net.params.copy()
    for _ in range(epochs):
        for X, y in train:
            Z = net.forward(X, train=True)
            value, dZ = loss.value_and_grad(Z, y)
            net.backward(dZ)
            optimizer.step(net.params, net.grads)
        value = loss.value(net.forward(held[0]), held[1])
        if value < best:
            best, best_params = value, net.params
    net.params = best_params
    return best
""",
        11,
        "best, best_params = value, net.params.copy()",
        {
            2: "with ∞ as the best so far, the first epoch is always better",
            3: "the epochs",
            4: "all batches, once",
            5: "in training mode, which keeps what backward needs",
            6: "the loss of the batch, and its slope",
            7: "overwrites the gradients, so nothing has to be cleared",
            8: "moves the parameters in place, which is why somebody else must be careful",
            9: "what is held out is scored without training mode",
            10: "only what is better replaces the best; as good is not better",
            12: "copies into the network what was kept. What was kept?",
        },
    ),
    Listing(
        "6: AdamW, as in lesson 06; gradient is a function of θ",
        """
def adamw(θ, gradient, steps, lr, decay, β1=0.9, β2=0.999, ε=1e-8):
    m, v = np.zeros_like(θ), np.zeros_like(θ)
    for t in range(1, steps + 1):
        g = gradient(θ)
        m = β1 * m + (1 - β1) * g
        v = β2 * v + (1 - β2) * g**2
        m_hat = m / (1 - β1**t)
        v_hat = v / (1 - β2)
        θ = θ - lr * decay * θ
        θ = θ - lr * m_hat / (np.sqrt(v_hat) + ε)
    return θ
""",
        8,
        "v_hat = v / (1 - β2**t)",
        {
            2: "both memories begin empty",
            3: "t counts from 1: with t = 0 line 7 would divide by 0",
            4: "the gradient at the place where θ is now",
            5: "a running mean of the gradients",
            6: "a running mean of their squares",
            7: "m is a mean of t gradients whose weights add up to 1 − β1**t",
            9: "AdamW decays apart from the gradient, so it is not divided by anything",
            10: "ε stands outside the root, as in the paper",
        },
    ),
)


def listing(number: int) -> Listing:
    """Show a program of 15.1, with its lines numbered."""
    if number not in range(1, len(LISTINGS) + 1):
        raise ValueError(f"number: expected a listing from 1 to {len(LISTINGS)}, got {number!r}")
    return LISTINGS[number - 1]


def _lines(**other: int) -> Function:
    """Name all lines rightly but some: ``a=8`` says line 8 in listing 1."""
    given = tuple(other.get("abcdef"[i], shown.wrong) for i, shown in enumerate(LISTINGS))
    return lambda: given


def review_lines(arguments: tuple[Any, ...], values: tuple[Any, ...]) -> str:
    """Say how many lines are right, and of each that is not what it does."""
    given = {i: value for i, value in enumerate(values) if value is not ...}
    wrong = [i for i, value in given.items() if not _is_line(value, LISTINGS[i].wrong)]
    lines = [f"{len(given) - len(wrong)} of {len(given)} right; look again at these listings"]
    return "\n".join(lines + [f"{i + 1}: {_objection(LISTINGS[i], given[i])}" for i in wrong])


def _is_line(value: Any, line: int) -> bool:
    return isinstance(value, (int, float, np.number)) and value == line


def _objection(shown: Listing, value: Any) -> str:
    """Say why a line is right that was taken for the wrong one."""
    last = len(shown.code.splitlines())
    line = next((i for i in range(1, last + 1) if _is_line(value, i)), None)
    if line is None:
        quoted = isinstance(value, str) and value.strip().isdigit()
        how = f": write {value.strip()}, without quotes" if quoted else ""
        return f"expected the number of a line, a whole number from 1 to {last}{how}"
    what = "it says what comes in and what goes out, and that is as promised"
    return f"line {line} is right: {shown.right.get(line, what)}"


WHICH_LINE = Exercise(
    title="which line? six programs",
    case=lambda rng, sizes: (),
    solution=_lines(),
    parts=tuple(f"listing {number}" for number in range(1, len(LISTINGS) + 1)),
    named=True,
    review=review_lines,
    mistakes={
        "each of your numbers is one too small: lines are counted from 1": (
            lambda: tuple(shown.wrong - 1 for shown in LISTINGS)
        ),
        "each of your numbers is one too large: is the empty line above the program counted?": (
            lambda: tuple(shown.wrong + 1 for shown in LISTINGS)
        ),
        "all right but listing 1, where you suspect the transpose in line 8: W2 is (h, k) and dZ2 "
        "is (n, k), so it belongs there. Of what is a tanh's slope 1 − ( )²?": _lines(a=8),
        "all right but listing 2, where you suspect that line 5 leaves the last rows out: a slice "
        "that reaches beyond the end is cut off there. But by what is their loss multiplied?": (
            _lines(b=5)
        ),
        "all right but listing 3, where you suspect the ReLU in line 6: its mask asks Z2, which is "
        "right. How often is A1 used, and what does that mean on the way back?": _lines(c=6),
        "all right but listing 4, where you suspect line 4: it does what the title promises. Does "
        "the line below divide by as many numbers?": _lines(d=4),
        "all right but listing 5, where you suspect line 12: it puts back what was kept. But was "
        "it kept, or only named?": _lines(e=12),
        "all right but listing 6, where you suspect the ε in line 10: outside the root is where "
        "the paper has it. Compare lines 7 and 8": _lines(f=10),
    },
    hints=(
        "Ask of each line: of what is it made, how often is that used, and is it still the same "
        "thing under that name? Or run them: with `nn.numerical_gradient` for 1, 3 and 4; with 10 "
        "examples in batches of 4 for 2; with `best` and the network's loss afterwards for 5; two "
        "steps by hand for 6.",
        "1: a slope. 2: the last batch. 3: a way that is forgotten.",
        "4: a count. 5: a copy. 6: an exponent.",
    ),
)

# 15.2, mend it ------------------------------------------------------------------------------------


def _three_layers(rng: np.random.Generator, sizes: Sizes) -> tuple[Any, ...]:
    """Draw a network of three layers, data, and a mask that drops some and keeps some."""
    n, d, h, m = sizes
    k, p = 4, float(rng.uniform(0.25, 0.6))
    kept = (rng.random((n, h)) >= p).astype(float)
    kept[0, :2] = 0, 1
    W1, W2, W3 = (rng.normal(size=size) for size in ((d, h), (h, m), (m, k)))
    b1, b2, b3 = (0.3 * rng.normal(size=size) for size in (h, m, k))
    Y = np.eye(k)[rng.integers(k, size=n)]
    return rng.normal(size=(n, d)) / np.sqrt(d), Y, W1, b1, W2, b2, W3, b3, kept, p


def _mended(
    slope: Callable[..., Array] = lambda Z, A, dropped: 1 - A**2,
    forth: Callable[..., Array] = lambda kept, p: kept / (1 - p),
    back: Callable[..., Array] = lambda kept, p: kept / (1 - p),
) -> Function:
    """Make the gradients, with the tanh's slope or dropout as somebody may write them."""

    def mended(
        X: Array,
        Y: Array,
        W1: Array,
        b1: Array,
        W2: Array,
        b2: Array,
        W3: Array,
        b3: Array,
        kept: Array,
        p: float,
    ) -> tuple[Array, ...]:
        Z1 = X @ W1 + b1
        A = np.tanh(Z1)
        A1 = A * forth(kept, p)
        Z2 = A1 @ W2 + b2
        A2 = relu(Z2)
        dZ3 = (softmax(A2 @ W3 + b3) - Y) / len(X)
        dZ2 = dZ3 @ W3.T * (Z2 > 0)
        dZ1 = dZ2 @ W2.T * back(kept, p) * slope(Z1, A, A1)
        first = X.T @ dZ1, dZ1.sum(axis=0)
        return *first, A1.T @ dZ2, dZ2.sum(axis=0), A2.T @ dZ3, dZ3.sum(axis=0)

    return mended


MEND_IT = Exercise(
    title="mend the gradients of three layers",
    case=_three_layers,
    solution=_mended(),
    parts=("dW1", "db1", "dW2", "db2", "dW3", "db3"),
    derived=True,
    mistakes={
        "dW1: that is the program as it was: which of the six arrays does a check accuse, and "
        "which lines are theirs alone?": _mended(slope=lambda Z, A, dropped: 1 - dropped**2),
        "dW1: the slope is asked at Z1 now; written as 1 − ( )² it is asked of the tanh's output": (
            _mended(slope=lambda Z, A, dropped: 1 - Z**2)
        ),
        "dW1: a tanh of what has been through the tanh already, and through dropout: keep the "
        "output before something is dropped": (
            _mended(slope=lambda Z, A, dropped: 1 - np.tanh(dropped) ** 2)
        ),
        "dW1: the slope is right now, but dropout's 1/(1 − p) has gone on the way back, where it "
        "was right": _mended(back=lambda kept, p: kept),
        "dW1: the slope is right now, but on the way back dropout's mask is missing: what was "
        "dropped gets a gradient": _mended(back=lambda kept, p: np.ones_like(kept) / (1 - p)),
        "dW1: the slope is right now, but dropout has gone from the way back altogether": (
            _mended(back=lambda kept, p: np.ones_like(kept))
        ),
        "dW1: dropout stands twice on the way back; A1 went through it once": (
            _mended(back=lambda kept, p: (kept / (1 - p)) ** 2)
        ),
        "dW1: the slope is left out: behind dropout there is still the tanh": (
            _mended(slope=lambda Z, A, dropped: np.ones_like(A))
        ),
        "dW1: that would be right without dropout: A1 is what goes on to layer 2, so it stays "
        "dropped on the way forward": (
            _mended(
                forth=lambda kept, p: np.ones_like(kept), back=lambda kept, p: np.ones_like(kept)
            )
        ),
    },
    hints=(
        "Compare each array with `nn.numerical_gradient` of the loss, kept held fixed. Two are "
        "wrong; both come from one line.",
        "The tanh's slope is 1 − A², where A is what the tanh has put out. What is called A1 when "
        "that line asks?",
        "Give the two things two names: `A = np.tanh(…)`, and `A1 = A * kept / (1 - p)`.",
    ),
)

EXERCISES = {
    "15.0": GRADIENTS_AGREE,
    "15.0b": IT_LEARNS,
    "15.1": WHICH_LINE,
    "15.2": MEND_IT,
}

# Questions ----------------------------------------------------------------------------------------

QUESTIONS = (
    Question(
        "Somebody's convolution adds its bias once for every number under the filter, forward; and "
        "its backward counts the bias as often. Which check sees that?",
        {
            "A gradient check, at values that are not special.": (
                "it compares backward with this very forward, and the two agree"
            ),
            "Its output beside a loop that one trusts, in a new network.": (
                "a new network has b = 0, and however often 0 is added, nothing shows"
            ),
            "Ten examples, learnt by heart.": (
                "they are: the bias only counts for more than it should, and training makes up for "
                "that"
            ),
            "Its output beside a loop that one trusts, with b not 0.": Right(
                "all fits together, so only a known answer is left, and one that uses b"
            ),
        },
    ),
    Question(
        "Which of these can a gradient check see?",
        {
            "Labels that are shuffled in another order than their inputs.": (
                "the gradient is right for the labels that came. It does not know which came with "
                "which"
            ),
            "A mean where a sum over the examples belongs, in db.": Right(
                "the claimed slope is n times too small, and with two examples or more the "
                "measured one says so"
            ),
            "An optimizer that moves a copy of the parameters.": (
                "the check ends where the gradient is handed over. Does a step change what is "
                "used? That sees it"
            ),
            "Adam without the correction of its bias.": (
                "Adam is not part of the loss, so no slope of the loss tells of it. One step by "
                "hand does"
            ),
        },
    ),
    Question(
        "A project has forty checks, and all have been green since they were written. What is "
        "known of the code?",
        {
            "That it is right.": (
                "as far as forty checks reach, and how far is that? A check with a tolerance of 1, "
                "or of one example, or at b = 0, is green for wrong code as well"
            ),
            "Little, until somebody has planted mistakes and counted which checks go red.": Right(
                "that is a hunt. What got away says what nobody has asked"
            ),
            "That nothing has changed since, at least.": (
                "only if a change would have turned one of them red, and nobody has tried that"
            ),
            "That its answers are right, if each check compares with stored numbers.": (
                "where did the numbers come from? If the code made them, they hold whatever it did "
                "that day, a bug included"
            ),
        },
    ),
)
