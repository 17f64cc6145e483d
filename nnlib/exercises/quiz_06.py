"""Questions on lesson 06: optimizers."""

from nnlib.exercises._quiz import Question

QUESTIONS = (
    Question(
        "Gradient descent with η = 0.15 on a ravine with curvatures 1 and 20. What do you see?",
        {
            "The walk comes to rest, only more slowly than with a smaller η.": (
                "along the flat direction, yes: 1 − 0.15 · 1 = 0.85. But there are two directions, "
                "and each has a factor of its own: work out 1 − 0.15 · 20 as well"
            ),
            "The walk jumps from side to side across the valley, for ever equally wide.": (
                "that is what happens at η = 2/20 exactly, where the factor is −1. Here η is larger"
            ),
            "Nothing moves along the floor, as all steps go across.": (
                "the directions do not know of each other: along the floor each step multiplies "
                "the distance by 1 − 0.15 · 1, whatever happens across"
            ),
            "Along the floor it comes closer; across, each step doubles the distance.": (
                "the factors are 1 − 0.15 · 1 = 0.85 and 1 − 0.15 · 20 = −2. The steepest "
                "direction sets the limit, 2/20 = 0.1"
            ),
        },
        right="Along the floor it comes closer; across, each step doubles the distance.",
    ),
    Question(
        "Adam with bias correction, its usual β and a tiny ε; the first gradient of a weight is "
        "0.0001. You now make this gradient, and all later ones, ten times as large. What happens "
        "to the first step?",
        {
            "It becomes ten times as long: steps follow the gradient.": (
                "that is gradient descent. Adam divides by the root of v̂, and it grows as well"
            ),
            "It stays as long as it was, about η.": (
                "at t = 1 the correction gives m̂ = g and v̂ = g², so the step is η g/|g|: the size "
                "of g is divided out, and its sign is left"
            ),
            "It becomes ten times as short: large gradients mean small steps.": (
                "that looks only at what is below the fraction line. m̂ stands above it and grows "
                "by the same factor, ten"
            ),
            "It becomes √10 times as long, as there is a root in the rule.": (
                "the root is taken of a mean of squares: v̂ grows by 100, its root by 10, and so "
                "does m̂ above it"
            ),
        },
        right="It stays as long as it was, about η.",
    ),
    Question(
        "Two weights of the same size, one with large gradients, one with small ones. You want "
        "both to be shrunk by the same share in each step. Which of these does that?",
        {
            "SGD or Adam with L2: the penalty adds the same λθ to both gradients.": (
                "in SGD that is so. In Adam the λθ is divided by √v̂ together with the gradient, "
                "and √v̂ differs between the two"
            ),
            "Adam with L2, as dividing by √v̂ makes all steps equally long.": (
                "it evens out the sum of gradient and λθ, not the part that belongs to λθ: where "
                "√v̂ is large, little of it is left"
            ),
            "AdamW, and SGD with L2.": (
                "both multiply θ by 1 − ηλ: AdamW because the decay never meets √v̂, SGD because "
                "there is no √v̂"
            ),
            "AdamW only: L2 and decay differ.": (
                "they differ in Adam. For SGD, θ − η(g + λθ) = (1 − ηλ)θ − ηg: the same thing"
            ),
        },
        right="AdamW, and SGD with L2.",
    ),
)
