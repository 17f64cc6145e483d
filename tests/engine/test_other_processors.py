"""A checkpoint goes to another processor: the same bits there, and the same training to 10⁻¹⁰.

Other kernels of OpenBLAS stand in for the other processor.
"""

import pytest

from benchmarks import other_processors as bench

pytest.importorskip("safetensors")


@pytest.fixture(scope="module")
def moves():
    kernels = bench.runnable(["Nehalem", "Haswell"])
    if len(kernels) < 2:
        pytest.skip(reason="NumPy's BLAS has one kind of kernels here: OpenBLAS on x86 has several")
    return bench.measure(kernels)


def test_a_run_goes_on_under_other_kernels_as_at_home(moves):
    assert len(moves) == 8
    assert bench.faults(moves) == []


def test_kernels_round_otherwise_and_that_is_seen(moves):
    away = [move for move in moves if move.home != move.away]
    assert bench.faults(moves, tolerance=0) == away


def test_other_bits_than_those_of_the_file_are_a_fault(moves):
    changed = moves[0]._replace(same=False)
    lost = moves[1]._replace(difference=float("nan"))
    assert bench.faults([changed, *moves[2:], lost]) == [changed, lost]


def test_the_command_tells_each_move(moves, monkeypatch, capsys):
    monkeypatch.setattr(bench, "measure", lambda kernels, steps: moves)
    monkeypatch.setattr(bench, "runnable", lambda kernels: ["Nehalem", "Haswell"])
    assert bench.main(["--kernels", "Nehalem", "Haswell", "Vax"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("not on this processor: Vax\n")
    assert said.count("same bits") == 8
    monkeypatch.setattr(bench, "measure", lambda kernels, steps: [moves[0]._replace(same=False)])
    assert bench.main(["--kernels", "Nehalem", "Haswell"]) == 1
    assert "wrong: 1 of 1" in capsys.readouterr().out
