"""What `nnlib.diagnose` returns, and its words: what each finding means, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the numbers behind it, what it means, what to do, where to read."""

    name: str
    numbers: dict[str, Any]
    text: str
    remedy: str
    lesson: str | None = None

    def __str__(self) -> str:
        read = f"\n   read: {self.lesson}" if self.lesson else ""
        return f"{self.name}: {self.text}\n   do: {self.remedy}{read}"


@dataclass(frozen=True)
class Diagnosis:
    """What was found, the likeliest cause first; prints as a list, and is false if it is empty."""

    findings: tuple[Finding, ...]
    looked_at: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the findings."""
        return tuple(finding.name for finding in self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __getitem__(self, i: int) -> Finding:
        return self.findings[i]

    def __repr__(self) -> str:
        if not self:
            return f"nothing found. Looked at: {self.looked_at}"
        first, *more = (f"{i}. {finding}" for i, finding in enumerate(self, 1))
        besides = ["Found besides, often consequences:", *more] if more else []
        return "\n".join(["The likeliest cause:", first, *besides, f"Looked at: {self.looked_at}"])


class Words(NamedTuple):
    """The sentence of a finding, with its numbers in braces; the remedy, as code or in words."""

    text: str
    remedy: str
    lesson: str | None = None


FORWARD = "notebooks/01_forward_pass.ipynb"
ACTIVATIONS = "notebooks/02_activations.ipynb"
LOSS = "notebooks/03_softmax_cross_entropy.ipynb"
CHECKING = "notebooks/05_gradient_checking.ipynb"
OPTIMIZERS = "notebooks/06_optimizers.ipynb"
INITIALIZATION = "notebooks/07_initialization.ipynb"
TRAINING = "notebooks/08_training_loop.ipynb"
REGULARIZATION = "notebooks/09_regularization.ipynb"
SCALING = "notebooks/10_normalization.ipynb"

TRIAL = (
    "in {steps} steps from first values a copy comes to {skill:.2f} as it is "
    "(0 is a guess, 1 the truth), and to {then:.2f} "
)
"""What two trials have come to."""

WORDS = {
    "wrong gradient": Words(
        "backward disagrees with the measured slope, by a relative error of {error:.1g}, in {part}",
        "compare its lines with the derivation, then nnlib.check_gradients on 8 examples",
        CHECKING,
    ),
    "inputs all equal": Words(
        "all {examples:,} rows of X that were looked at are the same, so no answer can differ",
        "look at X[:3], and where it is read and prepared",
        FORWARD,
    ),
    "targets all equal": Words(
        "all {examples:,} targets that were looked at are the same: there is nothing to tell apart",
        "look at y[:3], and where it is read",
        LOSS,
    ),
    "inputs not scaled": Words(
        "X goes from {low:.4g} to {high:.4g}, and ranges of features differ {apart:.3g} times; "
        "first values and steps are made for numbers of about 1: the first loss is {first:.3g}, "
        "where a guess costs {guess:.3g}",
        "Model(…, prepare=nnlib.{prepare}) with a new network",
        SCALING,
    ),
    "targets not scaled": Words(
        "y goes from {low:.4g} to {high:.4g}, with a standard deviation of {spread:.3g}; outputs "
        "begin at about 1 and move in small steps, and R² has come to {skill:.2g}",
        "learn (y - y.mean()) / y.std(), and undo that in the predictions",
        INITIALIZATION,
    ),
    "conflicting labels": Words(
        "rows of X that are equal have different y: no function of X explains more than "
        "{possible:.0%} of how y varies",
        "look at such rows (numpy.unique(X, axis=0, return_inverse=True)): a feature is missing, "
        "or labels are wrong",
        LOSS,
    ),
    "imbalanced classes": Words(
        "every example is predicted to be of class {predicted}, which {share:.1%} of them are: "
        "that alone makes a small loss",
        "SoftmaxCrossEntropy(class_weight=nnlib.balanced_class_weight(y)), and look at recall",
        LOSS,
    ),
    "shuffled labels": Words(
        "neither the nearest neighbour nor a straight line foretells y from X: the better of them "
        "is {beyond:.1f} standard deviations beyond chance, and 4 would tell. Rows of X and y do "
        "not belong together",
        "look at some examples and their labels; shuffle both by one permutation, X[p] and y[p]",
        TRAINING,
    ),
    "class without weight": Words(
        "class_weight is 0 for class {classes}, {share:.0%} of the examples: nothing is learned of "
        "them",
        "class_weight=nnlib.balanced_class_weight(y), or none",
        LOSS,
    ),
    "weight decay": Words(
        TRIAL + "without weight decay: λ = {decay:g} pulls with λ‖θ‖ = {pull:.3g} where the "
        "gradient is {gradient:.3g}",
        "weight_decay=1e-4, or up to 0.01 with AdamW",
        REGULARIZATION,
    ),
    "units all alike": Words(
        "all {units} units of {layer} have the same weights, so they get the same gradient and "
        "stay one unit",
        "begin with random weights: init=nnlib.initializers.he_normal, the default",
        INITIALIZATION,
    ),
    "softmax in the middle": Words(
        "the outputs of {layer} sum to 1, {mean:.2g} each, and hardly differ between examples: "
        "gradients vanish",
        "nnlib.ReLU() between layers",
        LOSS,
    ),
    "no bend between layers": Words(
        "{pairs} times two layers follow each other with no activation between, first at {layer}: "
        "two products in a row are one product",
        "nnlib.ReLU() after it",
        FORWARD,
    ),
    "nothing is trained": Words(
        "the learning rate is {rate:g}, and {frozen} of {layers} layers with parameters are frozen",
        "nnlib.Adam(lr=0.001), and layer.frozen = False where a layer shall learn",
        OPTIMIZERS,
    ),
    "first values too large": Words(
        "with first values the loss is {first:.3g}, where outputs of 0 cost {blank:.3g}, and "
        "{flat:.0%} of a layer's outputs lie on the flat ends of its activation",
        "init=nnlib.initializers.he_normal; before tanh and sigmoid xavier_normal",
        INITIALIZATION,
    ),
    "learning rate collapsed": Words(
        "the learning rate has fallen from {highest:.3g} to {last:.3g}: for {share:.0%} of the "
        "epochs it was below a thousandth of the first, and nothing moved",
        "a schedule counts steps, one for each batch: epochs * ceil(n / batch_size) of them",
        OPTIMIZERS,
    ),
    "clipping": Words(
        TRIAL + "without clipping: a gradient of {gradient:.3g} is cut to {limit:g}",
        "a limit that only outliers reach, such as clip_norm=1",
        OPTIMIZERS,
    ),
    "dropout": Words(
        TRIAL + "without dropout: {p:.0%} of the units are dropped",
        "Dropout(0.5) or less, and none until the network fits its training data",
        REGULARIZATION,
    ),
    "vanishing gradient": Words(
        "with first values ‖dW‖/‖W‖ of the first layer is {ratio:.1g} of the last one's: slopes "
        "below 1 multiply from layer to layer, and the first ones never move",
        "ReLU() with he_normal; or BatchNorm(d) before activations; or fewer layers",
        ACTIVATIONS,
    ),
    "exploding gradient": Words(
        "with first values ‖dW‖/‖W‖ of the first layer is {ratio:.1g} times the last one's",
        "smaller first values, init=nnlib.initializers.xavier_normal; or BatchNorm(d)",
        INITIALIZATION,
    ),
    "learning rate too large": Words(
        TRIAL + "with lr={other:.2g} in place of {rate:.2g}",
        "lr={other:.2g}, with a new network",
        OPTIMIZERS,
    ),
    "learning rate too small": Words(
        TRIAL + "with lr={other:.2g} in place of {rate:.2g}; one step changes weights by "
        "{change:.1g} of their size",
        "lr={other:.2g}",
        OPTIMIZERS,
    ),
    "dead units": Words(
        "{share:.0%} of the units of {layer} are 0 for every example: no gradient comes through, "
        "and they stay so",
        "a new network, a tenth of the learning rate, biases that begin at 0; or LeakyReLU()",
        ACTIVATIONS,
    ),
    "cannot overfit ten examples": Words(
        "in 300 steps of Adam a copy comes to {skill:.2f} on ten examples (0 is a guess, 1 the "
        "truth), which a network that fits learns by heart",
        "more units, an activation between layers; then nnlib.check_gradients",
        TRAINING,
    ),
    "stopped too early": Words(
        "training ended after {taken} steps at {skill:.2f} (0 is a guess, 1 the truth); a copy "
        "comes to {then:.2f} in {steps}",
        "more epochs: fit goes on where it stopped; or a smaller batch_size, for more steps",
        TRAINING,
    ),
    "overfitting": Words(
        "the {score} is {here:.2f} on training data and {there:.2f} on validation data: examples "
        "were learned by heart",
        "more data, a smaller network, weight_decay=1e-3, Dropout(0.5), EarlyStopping()",
        REGULARIZATION,
    ),
    "saturated units": Words(
        "{share:.0%} of the outputs of {layer} lie on the flat ends: hardly a gradient comes "
        "through",
        "scaled inputs, smaller first values, a smaller learning rate",
        ACTIVATIONS,
    ),
    "no better than guessing": Words(
        "the loss is {loss:.4g}, and an answer that knows nothing of X costs {guess:.4g}",
        "what stands above; else train on ten examples, which a network learns by heart",
        LOSS,
    ),
    "one class predicted": Words(
        "every example is predicted to be of class {predicted}; the largest class is {share:.0%}",
        "what stands above",
        LOSS,
    ),
}
"""By name, as the looks in `nnlib.diagnosis` are called."""


def finding(name: str, numbers: dict[str, Any]) -> Finding:
    """Put numbers into words."""
    text, remedy, lesson = WORDS[name]
    return Finding(name, numbers, text.format(**numbers), remedy.format(**numbers), lesson)
