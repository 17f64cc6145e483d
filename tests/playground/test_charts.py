"""The curves of a run, and under them those of a kept one."""

from nnlib.course.playground.charts import round_up
from tests.helpers.shaking import control


def test_a_kept_curve_stays_under_the_next_run_with_its_settings(drawn):
    kept = drawn.drawing.curves.artists[0]
    drawn.one_epoch()
    control(drawn, "Keep curve").click()
    control(drawn, "optimizer").value = "SGD"
    drawn.reset_button.click()
    assert "In grey, the kept run, with Adam η = 0.01; else as now." in drawn.words()
    assert kept.get_xdata().tolist() == [0, 1]
    control(drawn, "data set").value = "hills"  # has another loss
    assert len(kept.get_xdata()) == 0
    assert "The kept run is not drawn: its loss is a cross-entropy, and this one" in drawn.words()
    control(drawn, "data set").value = "XOR"
    assert len(kept.get_xdata()) == 2
    assert "In grey, the kept run, with circle; Adam η = 0.01; else as now." in drawn.words()
    control(drawn, "Drop curve").click()
    assert "kept" not in drawn.words()
    assert len(kept.get_xdata()) == 0


def test_a_kept_run_is_told_by_what_differs(playground):
    playground.one_epoch()
    playground.change(lr=0.02)
    playground.keep()
    same = "In grey, the kept run, with the same settings as now, which it did not have from the "
    assert playground.words().endswith(f" {same}start.")
    control(playground, "New data").click()
    playground.change(noise=0.3, l1=0.01, n=200)
    playground.reset()
    assert (
        "kept run, with 150 of 300 points for training; noise 0.1; data seed 0; no L1; else as now"
    ) in playground.words()


def test_the_curves_show_the_loss_or_where_there_are_classes_the_accuracy(drawn):
    curves, history = drawn.drawing.curves, drawn.experiment.history
    for _ in range(3):
        drawn.one_epoch()
    control(drawn, "Keep curve").click()
    control(drawn, "Epoch").click()
    measures = control(drawn, "curves")
    for measure, scale in (("loss", "log"), ("accuracy", "linear")):
        measures.value = measure
        lines = [line.get_ydata().tolist() for line in curves.artists]
        train, test = (history.column(f"{part}{measure}").tolist() for part in ("", "test_"))
        assert lines == [train[:4], test[:4], train, test]
        assert train[-1] == drawn.scores[measure]
        assert (curves.ax.get_yscale(), curves.ax.get_title("left")) == (scale, measure)
    assert curves.ax.get_ylim() == (0, 1.03)
    for data, measure in (("plane", "loss"), ("circle", "accuracy")):
        control(drawn, "data set").value = data
        assert measures.disabled == (data == "plane")
        assert curves.ax.get_title("left") == measure


def test_the_curves_axis_ends_at_a_round_number():
    assert [round_up(v) for v in (10, 11, 20, 21, 99, 101)] == [10, 20, 20, 50, 100, 200]
