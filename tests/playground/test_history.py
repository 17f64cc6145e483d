"""The curves of a run."""

from nnlib.course.playground.history import MOST_ROWS, History, Record


def test_curves_are_thinned_out_and_keep_their_first_and_best():
    history, record = History(), Record()
    for epoch in range(5 * MOST_ROWS):
        scores = {"loss": 1 + abs(epoch - 777), "test_loss": 1 + abs(epoch - 3001)}
        history.append(epoch, scores)
        record = record.after(epoch, scores)
    assert len(history.rows) < MOST_ROWS
    assert history.rows[0][0] == 0
    assert history.stride == 8
    assert record == Record(train=1, test=1, epoch=3001)
