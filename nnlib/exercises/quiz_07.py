"""Questions on lesson 07: initialization."""

from nnlib.exercises._quiz import Question

QUESTIONS = (
    Question(
        "Twenty layers, with a ReLU between each two. By mistake the weights have the variance "
        "1/d_in, which was made for slope 1. How large is the mean square of the last Z, next to "
        "that of the input?",
        {
            "About one half: a ReLU takes one half, and nothing makes up for it.": (
                "that is what the first ReLU does. The second takes half of what the first one "
                "left, and there are nineteen"
            ),
            "About a fortieth: the halves of twenty layers.": (
                "that adds the layers up. Each one multiplies what reaches it: a half of a half "
                "is a quarter, not nothing"
            ),
            "About two millionths.": (
                "nineteen ReLUs, nineteen factors of one half, and 2 to the power of 19 is about "
                "half a million. A mistake too small to see in one layer"
            ),
            "Much the same, as long as all layers have one width.": (
                "the width is in 1/d_in already, and cancels. What is left of each layer is the "
                "half that its ReLU takes"
            ),
        },
        right="About two millionths.",
    ),
    Question(
        "A network of two layers: all weights of W₁ start at 0.1, and W₂ is random. The biases "
        "are 0. Do its hidden units stay the same for ever?",
        {
            "Yes: the columns of W₁ are equal, and equal columns stay equal.": (
                "they stay equal if their gradients are equal, and column j of dA₁ = dZ₂W₂ᵀ is "
                "made with row j of W₂. Go through the proof again: where does it use those rows?"
            ),
            "No: the rows of W₂ differ, so each unit gets a gradient of its own.": (
                "equal units, but each is asked for something else, and the first step parts "
                "them. The proof for twins needs equal columns of W₁ and equal rows of W₂"
            ),
            "No: the mini-batches are drawn at random, and that tells the units apart.": (
                "every unit sees the same mini-batch. The lesson's twins were trained on random "
                "mini-batches too, and are twins still"
            ),
            "Yes, unless Adam trains it: it has a step size for each weight.": (
                "Adam makes its step sizes from the gradients: where those are equal, so are its "
                "steps. Ask first whether the gradients are equal here"
            ),
        },
        right="No: the rows of W₂ differ, so each unit gets a gradient of its own.",
    ),
    Question(
        "Before its first step of training, a network for ten classes has a loss of 15. What is "
        "the first thing to suspect?",
        {
            "The learning rate: it is too large.": (
                "no step has been taken, so the learning rate has not touched anything yet"
            ),
            "The labels: some of them are wrong.": (
                "a network that knows nothing yet can't be surprised by a wrong label: with small "
                "logits every label costs about log 10, which is about 2.3"
            ),
            "The biases: they should not all start at 0.": (
                "a bias of 0 adds nothing to Z and takes nothing away. Z is as large as the "
                "inputs and the weights make it"
            ),
            "The logits: they are too large.": (
                "logits near 0 cost about log 10, which is about 2.3. More is paid only for being "
                "sure and wrong: look at the last layer's input, and at its weights"
            ),
        },
        right="The logits: they are too large.",
    ),
)
