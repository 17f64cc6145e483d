"""What every unit says over the plane, as pictures."""

import numpy as np

from nnlib.course.playground import maps
from nnlib.course.playground.experiment import Experiment
from nnlib.course.playground.settings import Settings


def test_every_unit_has_a_map_of_what_it_says():
    experiment = Experiment(Settings(features=("x₁", "x₂²")))
    answers = maps.answers_of(experiment)
    assert [A.shape[1] for A in answers.columns] == [7, 4, 2, 2]
    inputs = answers.columns[0][:, [0, 3]]
    np.testing.assert_allclose(inputs, maps.PLANE ** [1, 2])
    np.testing.assert_allclose(answers.columns[-1].sum(axis=1), 1)
    W, b = experiment.net.layers[0].W, experiment.net.layers[0].b
    np.testing.assert_allclose(answers.columns[1], np.tanh(inputs @ W + b))
    tiles = maps.tiles(inputs, 21)
    assert tiles.shape == (2, 21, 21, 4)
    left, middle, right = tiles[0, 10, [1, 10, 19], :3]
    assert right[2] > right[0]
    assert left[0] > left[2]
    assert middle.min() > 200


def test_the_surface_has_the_colour_of_the_class_that_the_network_sees():
    answers = maps.Answers(
        [maps.PLANE, np.stack([maps.PLANE[:, 0] < 0, maps.PLANE[:, 0] > 0], 1) * 1.0], 2
    )
    image = maps.surface(answers, 100, None, False)
    assert image.shape == (100, 100, 4)
    assert image[50, 5, 2] > image[50, 5, 0]  # class 0 is blue
    assert image[50, 95, 0] > image[50, 95, 2]


def test_the_surface_is_white_where_two_classes_are_as_likely_and_strong_where_one_leads():
    first = np.linspace(0, 1, maps.GRID**2)
    P = np.column_stack([first, 1 - first, np.zeros(maps.GRID**2)])
    image = maps.surface(maps.Answers([P], 3), maps.GRID, None, False)
    colors = image.reshape(-1, 4)[:, :3].astype(int)
    middle = len(first) // 2
    assert colors[middle].min() >= 254
    halves = np.split(colors.sum(axis=1), 2)
    assert (np.diff(halves[0]) >= 0).all()
    assert (np.diff(halves[1]) <= 0).all()
    decided = maps.surface(maps.Answers([P], 3), maps.GRID, None, True)
    assert len(np.unique(decided.reshape(-1, 4), axis=0)) == 2
