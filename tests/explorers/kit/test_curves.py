"""Long curves: which points are drawn, and how long the axis is."""

import numpy as np

from nnlib.course.kit.curves import longer, thinned


def test_thinned_curves_keep_every_peak():
    y = list(np.random.default_rng(0).random(10_007))
    x = [i / 100 for i in range(len(y))]
    X, Y = thinned(x, y)
    assert len(X) == len(Y) < 1100
    assert Y.max() == max(y)
    assert Y.min() == min(y)
    assert np.all(np.diff(X) >= 0)
    assert thinned([1.0], [2.0])[1].tolist() == [2.0]


def test_the_axis_grows_by_doubling():
    assert [longer(5, epoch) for epoch in (0, 5, 5.1, 21)] == [5, 5, 10, 40]
