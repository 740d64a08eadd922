"""The table and the list that a benchmark ends with."""

import json

import pytest

from benchmarks.figures import Figure, Target, to_list, to_table

COMPARED = Figure(
    name="view", value=5200.4, unit="1/s", baseline=10_000.0, ratio=0.52, target=Target(least=0.5)
)
ALONE = Figure(name="start", value=16.2, unit="s", target=Target(most=15.0))
VOID = Figure(name="order", value=None, unit="1/s", target=Target(least=0.5), note="1 void")


def test_the_list_holds_name_value_unit_baseline_and_ratio_of_each() -> None:
    assert to_list([COMPARED, ALONE]) == [
        {"name": "view", "value": 5200.4, "unit": "1/s", "baseline": 10_000.0, "ratio": 0.52},
        {"name": "start", "value": 16.2, "unit": "s", "baseline": None, "ratio": None},
    ]


def test_what_is_void_is_null_in_the_list_and_no_number() -> None:
    assert json.loads(json.dumps(to_list([VOID])))[0]["value"] is None


def test_the_table_has_a_row_for_each_under_its_headings() -> None:
    heading, *rows = to_table([COMPARED, ALONE]).splitlines()
    assert heading.split() == ["name", "value", "unit", "baseline", "ratio", "target"]
    assert [row.split()[:2] for row in rows] == [["view", "5,200"], ["start", "16.2"]]


def test_numbers_line_up_at_their_right() -> None:
    small = Figure(name="x", value=1.5, unit="1/s", baseline=2.0, ratio=0.75)
    ends = {row.index("1/s") for row in to_table([COMPARED, small]).splitlines()[1:]}
    assert len(ends) == 1


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (COMPARED, "ok ≥ 0.5"),
        (Figure(name="v", value=1, unit="", baseline=4, ratio=0.25, target=Target(least=0.5)),
         "MISSED ≥ 0.5"),
        (ALONE, "MISSED ≤ 15"),
        (Figure(name="v", value=3, unit="s"), ""),
        (VOID, "void, wanted ≥ 0.5"),
    ],
)  # fmt: skip
def test_a_target_is_of_the_ratio_or_of_the_value_where_there_is_no_baseline(
    figure: Figure, verdict: str
) -> None:
    assert figure.verdict == verdict


def test_a_void_comparison_is_never_ok() -> None:
    void = Figure(name="v", value=None, unit="1/s", baseline=None, target=Target(most=9.0))
    assert void.verdict.startswith("void")
