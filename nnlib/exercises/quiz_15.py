"""Questions on lesson 15: how fast, and why."""

from nnlib.exercises._quiz import Question

QUESTIONS = (
    Question(
        "A layer 4096 to 4096 gets 8 images at once in place of 4. Its W comes from main memory, "
        "and fetching it is what takes the time. How long does the product take now?",
        {
            "Twice as long: there are twice as many operations.": (
                "there are, but the operations are not what holds it up. Under the slanted part "
                "of the roof the bytes count, and nearly all of them are those of W"
            ),
            "Hardly longer: W is fetched once, as before.": (
                "the bytes stay nearly the same, so the time does, and the speed in operations a "
                "second doubles. That goes on until the flat part of the roof is reached"
            ),
            "Half as long: larger batches are faster.": (
                "they are faster for each image. The whole batch is no less work than before: "
                "all of W must still come from memory"
            ),
        },
        right="Hardly longer: W is fetched once, as before.",
    ),
    Question(
        "θ, M and u are vectors of a million numbers, η and c plain numbers. How many passes is "
        "the line θ -= η * (c * M) / u, and with how many could you do?",
        {
            "1, because it is a single line.": (
                "NumPy sees one operation at a time: c * M is finished, as a vector of a million "
                "numbers, before η is looked at"
            ),
            "4, and no fewer: each sign is needed.": (
                "each sign that meets a vector is a pass. But η and c can be multiplied with each "
                "other first, as two plain numbers"
            ),
            "2, as η and c cost nothing.": (
                "a plain number alone costs nothing. But c * M is a vector, and then η * (c * M) "
                "goes over a million numbers again"
            ),
            "4, or 3 with η * c taken first.": (
                "c * M, η times that, the division, the subtraction. With η * c as one number the "
                "second of them is gone"
            ),
        },
        right="4, or 3 with η * c taken first.",
    ),
    Question(
        "In a step, 90 percent of the time goes into the products and 5 percent into Adam. You "
        "make Adam twice as fast. How much of the step's time have you saved?",
        {
            "50 percent": (
                "that is what Adam saves of its own time. The step as a whole has 95 percent in "
                "other places, and there nothing has changed"
            ),
            "5 percent": (
                "that would take an Adam that costs nothing at all. Yours still takes half of its "
                "time"
            ),
            "2.5 percent": (
                "half of 5 percent. However clever the update, no more than 5 percent can be won "
                "there; so measure first, and work where the time is"
            ),
            "45 percent": (
                "that would be half of the time of the products, and those you have not touched"
            ),
        },
        right="2.5 percent",
    ),
)
