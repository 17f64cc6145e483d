"""Questions on lesson 05: gradient checking."""

from nnlib.exercises._quiz import Question

QUESTIONS = (
    Question(
        "You measure a slope by central differences, in float64, of a function of size 1. With "
        "ε = 10⁻³ it is off by 10⁻⁷, with ε = 10⁻⁹ it is off by 10⁻⁷ again. Which nudge is better?",
        {
            "None: 10⁻⁷ is all that a machine with 16 digits can give.": (
                "the two errors only happen to be equal, they have different causes. The first is "
                "f‴ε²/6, the second u|f|/ε: what does each do when you move towards the other?"
            ),
            "A smaller one, such as 10⁻¹²: a derivative is a limit.": (
                "the limit is taken on paper, where nothing is rounded. Here the rounding of f is "
                "divided by ever less: at 10⁻¹² the error is some 10⁻⁴"
            ),
            "One in between, such as 10⁻⁵.": (
                "going down from 10⁻³ the error of Taylor's formula falls with ε², going up from "
                "10⁻⁹ the rounding error falls with 1/ε: the bottom of the V lies between"
            ),
            "A larger one, such as 10⁻¹: then rounding does no harm.": (
                "rounding is not what spoils the slope at 10⁻³. There the curve does, by f‴ε²/6, "
                "and a nudge a hundred times larger makes that ten thousand times larger"
            ),
        },
        right="One in between, such as 10⁻⁵.",
    ),
    Question(
        "A check says WRONG for every array of a network, each with relative error 0.33. With a "
        "tenth of the nudge it says the same. Where do you look first?",
        {
            "At the loss: its gradient is off by a factor of 2.": (
                "1/3 is what a factor of 2 or ½ gives, and every gradient is made from the loss's "
                "dZ. One factor there reaches all of them"
            ),
            "At the first layer: all errors add up there.": (
                "gradients flow from the last layer to the first. A mistake in the first layer "
                "could not reach the arrays of the last one, and these are wrong too"
            ),
            "At every layer: each of them has a mistake of its own.": (
                "that so many separate mistakes all give the same 1/3 is hardly possible. What do "
                "all arrays have in common? Each is computed from the dZ of the loss"
            ),
            "At the kinks: a nudge has crossed the corner of a ReLU.": (
                "with a tenth of the nudge most of these would be gone, and the last layer's own "
                "gradients do not pass through any ReLU. What stays the same is a bug"
            ),
        },
        right="At the loss: its gradient is off by a factor of 2.",
    ),
    Question(
        "A network does not learn: its loss stays or grows. The check of all gradients, on a small "
        "copy, is green. Which mistake can still be there?",
        {
            "The loss forgets its 1/n in the gradient, but not in the value.": (
                "the value is measured, the gradient is claimed, and the two differ by the factor "
                "n: every array would have the relative error (n − 1)/(n + 1)"
            ),
            "A square layer multiplies by W where it should be Wᵀ.": (
                "no shape protests, but the check compares numbers: everything before that layer "
                "would be WRONG, as with the gate"
            ),
            "None: the gradients are right, so it needs more steps.": (
                "right gradients say that backward belongs to forward. They may be used wrongly "
                "afterwards, or belong to a forward, or to data, that nobody wanted"
            ),
            "The step goes along the gradient, not against it.": (
                "the check ends where the gradient is handed over. What is done with it, and with "
                "which sign, it never sees; one step and two losses show it"
            ),
        },
        right="The step goes along the gradient, not against it.",
    ),
)
