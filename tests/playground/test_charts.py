"""The curves of a run, and under them those of a kept one."""

from nnlib.course.playground.charts import round_up
from tests.helpers.shaking import control


def test_a_kept_curve_stays_under_the_next_run_with_its_settings(drawn):
    drawn.one_epoch()
    control(drawn, "Keep curve").click()
    control(drawn, "optimizer").value = "SGD"
    drawn.reset()
    assert "In grey, the kept run, with Adam η = 0.01; else as now." in drawn.words()
    drawn.picture()
    assert drawn.drawing.curves.artists[0].get_xdata().tolist() == [0, 1]
    control(drawn, "Drop curve").click()
    assert "kept" not in drawn.words()
    drawn.picture()
    assert len(drawn.drawing.curves.artists[0].get_xdata()) == 0


def test_a_kept_run_is_told_by_what_differs(playground):
    playground.one_epoch()
    playground.change(lr=0.02)
    playground.keep()
    assert playground.words().endswith(
        " In grey, the kept run, with the same settings as now, which it did not have from the "
        "start."
    )
    control(playground, "New data").click()
    playground.change(noise=0.3, l1=0.01, n=200)
    playground.reset()
    assert (
        "kept run, with 150 of 300 points for training; noise 0.1; data seed 0; no L1; else as now"
    ) in playground.words()


def test_a_kept_run_with_another_loss_is_not_drawn(drawn):
    drawn.one_epoch()
    control(drawn, "Keep curve").click()
    control(drawn, "data set").value = "hills"
    line = drawn.drawing.curves.artists[0]
    assert len(line.get_xdata()) == 0
    assert "The kept run is not drawn: its loss is a cross-entropy, and this one" in drawn.words()
    control(drawn, "data set").value = "XOR"
    assert len(line.get_xdata()) == 2
    assert "In grey, the kept run, with circle" in drawn.words()


def test_the_curves_show_the_loss_or_the_accuracy_also_of_the_kept_run(drawn):
    curves, experiment = drawn.drawing.curves, drawn.experiment
    for _ in range(3):
        drawn.one_epoch()
    control(drawn, "Keep curve").click()
    control(drawn, "Epoch").click()
    lines = [line.get_ydata().tolist() for line in curves.artists]
    losses = [experiment.history.column(name).tolist() for name in ("loss", "test_loss")]
    assert lines == [losses[0][:4], losses[1][:4], *losses]
    assert curves.ax.get_yscale() == "log"
    control(drawn, "curves").value = "accuracy"
    lines = [line.get_ydata().tolist() for line in curves.artists]
    parts = [experiment.history.column(name).tolist() for name in ("accuracy", "test_accuracy")]
    assert lines == [parts[0][:4], parts[1][:4], *parts]
    assert parts[0][-1] == drawn.scores["accuracy"]
    assert (curves.ax.get_yscale(), curves.ax.get_ylim()) == ("linear", (0, 1.03))
    assert curves.ax.get_title("left") == "accuracy"


def test_where_there_are_values_no_accuracy_is_offered(drawn):
    control(drawn, "curves").value = "accuracy"
    control(drawn, "data set").value = "plane"
    assert control(drawn, "curves").disabled
    assert drawn.drawing.curves.ax.get_title("left") == "loss"
    control(drawn, "data set").value = "circle"
    assert not control(drawn, "curves").disabled
    assert drawn.drawing.curves.ax.get_title("left") == "accuracy"


def test_the_curves_axis_ends_at_a_round_number():
    assert [round_up(v) for v in (10, 11, 20, 21, 99, 101)] == [10, 20, 20, 50, 100, 200]
