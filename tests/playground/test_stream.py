"""The order in which a run sees its examples."""

import numpy as np

from nnlib.course.playground.stream import Stream


def epoch(stream):
    """The indices of what is left of the epoch."""
    return np.concatenate([stream.take() for _ in range(stream.length - stream.place)]).tolist()


def test_an_epoch_has_every_example_once_and_the_next_another_order():
    stream = Stream(0)
    orders = []
    for _ in range(2):
        stream.begin(25, 10)
        assert (stream.length, stream.place) == (3, 0)
        orders.append(epoch(stream))
        assert stream.place == 3
    assert [sorted(order) for order in orders] == [[*range(25)]] * 2
    assert orders[0] != orders[1]


def test_it_goes_back_to_a_place_in_an_epoch():
    stream, other = Stream(0), Stream(1)
    stream.begin(25, 10)
    stream.take()
    shuffling, place = stream.shuffling, stream.place
    rest = epoch(stream)
    other.begin(25, 10, shuffling, place)
    assert epoch(other) == rest
    for s in (stream, other):
        s.begin(25, 10)
    assert epoch(other) == epoch(stream)


def test_a_batch_is_never_larger_than_the_data_and_0_is_all_of_them():
    for batch_size in (0, 25, 100):
        stream = Stream(0)
        stream.begin(25, batch_size)
        assert (stream.batch_size, stream.length) == (25, 1)
