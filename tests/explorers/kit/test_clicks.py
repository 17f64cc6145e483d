"""Clicks into the picture of an explorer."""

from nnlib.course.kit.clicks import Clicks


def test_clicks_reports_fractions():
    heard = []
    clicks = Clicks(lambda x, y: heard.append((x, y)))
    clicks.click = [0.25, 0.5, 1.0]
    clicks.click = [0.25, 0.5, 2.0]  # the same place again
    assert heard == [(0.25, 0.5), (0.25, 0.5)]
