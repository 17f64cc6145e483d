"""Questions on lesson 02: activations."""

from nnlib.exercises._quiz import Question

QUESTIONS = (
    Question(
        "Somebody invents the activation a = z². Its slope is 2z. Can a layer throw z away and "
        "find the slope from a alone?",
        {
            "Yes: z is √a, so the slope is 2√a.": (
                "that is right for z > 0 only. From z = −3 comes a = 9 as well, and there the "
                "slope is −6, not 6"
            ),
            "Yes: it has a slope everywhere, without a corner.": (
                "smoothness is not what counts. GELU is smooth as well, and takes the same output "
                "twice, with two different slopes"
            ),
            "No: that works only where an exponential cancels.": (
                "ReLU has no exponential, and its slope comes from its output. What counts is "
                "whether one output can belong to two slopes"
            ),
            "No: one a belongs to two slopes.": (
                "z = 3 and z = −3 give the same 9, with slopes 6 and −6. The function falls and "
                "then rises, as GELU does"
            ),
        },
        right="No: one a belongs to two slopes.",
    ),
    Question(
        "Ten sigmoids in a chain. Their slopes are at most ¼, so somebody makes every weight 4, "
        "as 4 · ¼ = 1. How much of a nudge arrives at the end?",
        {
            "All of it, whatever goes in: each factor is 1.": (
                "¼ is the slope at z = 0 only. Everywhere else it is smaller, and 4 times that is "
                "below 1, ten times over"
            ),
            "All of it if every z is 0, and less in all other cases.": (
                "every factor is 4 a (1 − a), which is 1 at z = 0 and below 1 elsewhere; and with "
                "a weight of 4, z soon leaves the middle"
            ),
            "About a million times as much: the weights multiply.": (
                "the weights do multiply to 4¹⁰, about a million, but the ten slopes multiply too, "
                "to a millionth at best"
            ),
            "A millionth, as before: only slopes multiply.": (
                "the chain's formula is slope times weight times slope times weight. With weights "
                "of 1 one does not see them"
            ),
        },
        right="All of it if every z is 0, and less in all other cases.",
    ),
    Question(
        "A ReLU of the first layer is off for 95 of 100 examples, and on for 5. It is trained on, "
        "on all 100. Is it dead?",
        {
            "No: the 5 can move its weights and its bias.": (
                "the loss has a slope there, through these 5. And all examples share the weights: "
                "once they move, z moves for the other 95, too"
            ),
            "Yes, as good as: it is off nearly always.": (
                "an example for which it is off adds nothing to its slopes, one for which it is on "
                "adds its full share. ReLUs that are on for few examples are common and useful"
            ),
            "Yes: where it is off, its weights cannot change.": (
                "a unit has one set of weights for all examples. It is not switched off by an "
                "example, it only hears nothing from that one"
            ),
            "No: its slope is small where it is off, not zero.": (
                "it is exactly zero where it is off, and exactly one where it is on. The small "
                "slope is that of the leaky ReLU"
            ),
        },
        right="No: the 5 can move its weights and its bias.",
    ),
)
