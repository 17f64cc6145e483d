"""Questions on lesson 01: the forward pass."""

from nnlib.exercises._quiz import Question

QUESTIONS = (
    Question(
        "A layer was fed 10 examples at a time. Now 20 examples come at once. Which of W, b and Z "
        "need another shape?",
        {
            "W and Z: there are twice as many numbers to multiply.": (
                "each example is multiplied by the same weights, so W serves any number of rows. "
                "Look at W's shape, (d_in, d_out): there is no n in it"
            ),
            "b and Z: each row of the result needs a bias.": (
                "each row does get a bias, but the same one: b has a number for each neuron, and "
                "broadcasting uses it again in every row"
            ),
            "Z only.": (
                "Z has a row for each example, (n, d_out). The parameters W and b belong to the "
                "layer, whoever comes along"
            ),
            "None of the three: only X grows.": (
                "W and b stay, but every row of X gives a row of Z: 20 rows in, 20 rows out"
            ),
        },
        right="Z only.",
    ),
    Question(
        "Somebody puts A = 2Z + 1 between two layers, in place of the ReLU: every Z is changed, "
        "so the two layers should no longer merge. What is true?",
        {
            "They cannot merge: something stands between them now.": (
                "not whether something stands there counts, but whether it bends. Put the formula "
                "in and open the brackets: (2(X W₁ + b₁) + 1) W₂ + b₂ is X times a matrix plus a "
                "row"
            ),
            "They merge into one layer, just as without it.": (
                "2Z + 1 keeps to straight lines, it is a layer itself: W = 2 W₁ W₂, and all that "
                "has no X goes into one bias"
            ),
            "The 2 merges into the weights, but the 1 is in the way.": (
                "the 1 has no X, so it becomes a part of the new bias: as a row of ones it is "
                "multiplied by W₂, like b₁"
            ),
        },
        right="They merge into one layer, just as without it.",
    ),
    Question(
        "A hidden layer sends two examples of different classes to exactly the same point of the "
        "hidden plane. What can the layers behind it do?",
        {
            "Nothing: they answer both alike.": (
                "the same numbers go in, so the same numbers come out, whatever is behind. In XOR "
                "both dark points fell on one spot, but those two want the same answer"
            ),
            "Part them again, if they have enough neurons.": (
                "more neurons can do more with what they get, but they get the same numbers for "
                "both examples: a function gives one answer to one input"
            ),
            "Part them, if there is another ReLU on the way.": (
                "a bend makes a function less straight, and it still gives one answer to one "
                "input. What the first layer has thrown away stays away"
            ),
            "Part them, as each example has weights of its own.": (
                "all examples share W and b: that is why a batch is one matrix product"
            ),
        },
        right="Nothing: they answer both alike.",
    ),
)
