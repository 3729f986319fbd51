"""The benchmark suite runs: two tiny cases, and every case is well-formed."""

import json

import pytest

from benchmarks import registry, report
from benchmarks.__main__ import main


def test_two_tiny_cases_side_by_side(tmp_path, capsys):
    only = r"^gemm/8 x 8 x 8$|^overhead/tensor of a list$"
    assert main(["--quick", "--only", only, "--against", "numpy", "--rounds", "2", "--seconds", "0.005",
                 "--threads", "1", "--out", str(tmp_path)]) == 0
    result = json.loads((tmp_path / "results.json").read_text())
    assert [row["case"] for row in result["rows"]] == ["gemm/8 x 8 x 8", "overhead/tensor of a list"]
    for row in result["rows"]:
        assert {len(times["rounds"]) for times in row["times"].values()} == {2}
        assert report.ratio(row, "numpy") > 0
    assert 0 < report.share(result["rows"][0], result["limits"])[1] < 1
    assert (tmp_path / "results.png").stat().st_size > 1000
    assert "in the geometric mean of 2 cases" in capsys.readouterr().out


@pytest.mark.parametrize("call", ["--only nothing-like-it", "--rounds 0", "--against fortran", "--only ("])
def test_wrong_calls_end_with_status_2(call, capsys):
    try:
        status = main(call.split())
    except SystemExit as stop:
        status = stop.code
    assert status == 2
    assert capsys.readouterr().err


def test_cases_state_what_bounds_them():
    cases = registry.load()
    assert len(cases) > 100
    for case in cases.values():
        assert not (case.flops and case.bytes), case.name
