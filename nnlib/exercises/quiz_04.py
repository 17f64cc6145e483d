"""Questions on lesson 04: backprop."""

from nnlib.exercises._quiz import Question

QUESTIONS = (
    Question(
        "You repeat every example of a batch, so that n doubles. The loss is a mean. What happens "
        "to dW = XᵀdZ?",
        {
            "It doubles: the sum over examples has twice as many terms.": (
                "the sum does have twice as many terms, but the loss owns a 1/n, and n has doubled "
                "too: every term is half as large"
            ),
            "It halves: the loss divides by twice as many examples.": (
                "each term is half as large, but there are twice as many of them, and Xᵀ dZ adds "
                "them all up"
            ),
            "It stays as it is.": (
                "dZ carries the 1/n of the loss, so its rows halve, and Xᵀ dZ sums twice as many"
            ),
        },
        right="It stays as it is.",
    ),
    Question(
        "Somebody writes the ReLU's backward as dZ = dA * (dA > 0). What goes wrong?",
        {
            "Nothing: where nothing comes through, dA is 0 anyway.": (
                "dA is what the layers above ask for; it knows nothing of whether this unit was "
                "on. Only Z, or A, tells that"
            ),
            "Units that are on lose their negative gradients.": (
                "the mask must ask whether the unit was on, A > 0. This one asks whether the loss "
                "wants the unit lower, so no unit is ever raised"
            ),
            "Only the entries with dA = 0 are wrong.": (
                "where dA is 0, dZ is 0 under any mask. The harm is done where dA is negative and "
                "the unit was on, or dA is positive and it was off"
            ),
        },
        right="Units that are on lose their negative gradients.",
    ),
    Question(
        "The shapes of dZ Wᵀ fit together: (n, d_out)(d_out, d_in). Does that prove the formula?",
        {
            "Yes: no other product of these two has the shape of X.": (
                "if d_in = d_out, dZ W has that shape as well; and no shape tells a lost factor, "
                "sign or mask"
            ),
            "No: a shape rules out some wrong formulas only.": (
                "shapes catch a missing transpose where the sizes differ, and nothing else. That "
                "is why every gradient in this lesson is measured too"
            ),
            "Yes, as long as the code runs without an error.": (
                "the ReLU with the wrong mask runs, and so does a gradient with the wrong sign"
            ),
        },
        right="No: a shape rules out some wrong formulas only.",
    ),
)
