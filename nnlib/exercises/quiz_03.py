"""Questions on lesson 03: softmax and cross-entropy."""

from nnlib.exercises._quiz import Question

QUESTIONS = (
    Question(
        "Somebody multiplies all logits of a row by 2; no two of them are equal. What happens to "
        "the row's probabilities?",
        {
            "Nothing: only differences of logits count.": (
                "differences do count, and they double: a lead of log 3 becomes 2 log 3, which is "
                "log 9. What changes no difference is adding the same number to all"
            ),
            "Each of them doubles, as far as the sum allows.": (
                "the exponential stands between: e^(2z) is the square of e^z, not its double, and "
                "the row is divided by its sum again"
            ),
            "The largest one grows; the order stays.": (
                "all odds are squared. Odds above 1 grow, so the leader gains on every other class"
            ),
            "Classes with a positive logit gain, those with a negative one lose.": (
                "the sign of a logit says nothing, only differences do: (−1, −2) becomes (−2, −4), "
                "and the first class gains, negative as its logit is"
            ),
        },
        right="The largest one grows; the order stays.",
    ),
    Question(
        "One example (n = 1) got the probabilities P = (0.7, 0.2, 0.1). The true class is the "
        "last one. What is dZ?",
        {
            "(0.7, 0.2, −0.9)": (
                "that is P − Y. A step against it lowers the two wrong logits, each by what it "
                "wrongly holds, and raises the true one"
            ),
            "(0, 0, −10)": (
                "that is dP = −Y/P, the answer to the probabilities. It still has to go through "
                "the Jacobian of softmax, because all three logits move the last probability"
            ),
            "(0, 0, −0.9)": (
                "the loss names only the true class, but its probability depends on all logits "
                "through the sum. Each row of dZ sums to zero"
            ),
            "(−0.7, −0.2, +0.9)": (
                "that is Y − P, the forces: which way the logits should go. The gradient points "
                "to where the loss grows, the other way"
            ),
        },
        right="(0.7, 0.2, −0.9)",
    ),
    Question(
        "A network ends in a softmax layer, and by mistake its output P goes into a loss that "
        "expects logits. What happens?",
        {
            "Nothing: probabilities that go through softmax stay as they are.": (
                "softmax takes its input for logits. It makes about (0.58, 0.21, 0.21) of "
                "(1, 0, 0): a lead of 1 means odds of e to 1, and no more"
            ),
            "It runs, but even sure and right answers stay expensive.": (
                "entries of P differ by 1 at the most, so the odds never pass e to 1. With k "
                "classes the price stays above log(1 + (k − 1)/e), and nothing looks broken"
            ),
            "The loss becomes NaN, since exponentials of exponentials overflow.": (
                "P lies between 0 and 1, and so small a number overflows nowhere. That is the "
                "trouble: no error tells you"
            ),
            "It learns faster: the gradient passes through softmax twice.": (
                "each passage multiplies by a Jacobian, whose entries are at most 1/4 in size. "
                "So the gradient gets smaller, and near 0 where the first softmax is sure"
            ),
        },
        right="It runs, but even sure and right answers stay expensive.",
    ),
)
