"""What somebody may ask for."""

import pytest

from services.collect.point.lines import LINES_MAX, InvalidLinesError, Line, check_lines


def test_lines_within_their_limits_pass() -> None:
    check_lines([Line(f"SKU-{number}", 1_000_000) for number in range(LINES_MAX)])


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ([], "lines"),
        ([Line(f"SKU-{number}", 1) for number in range(LINES_MAX + 1)], "lines"),
        ([Line("LAMP", 1), Line("LAMP", 2)], "lines"),
        ([Line("LAMP", 1), Line("", 1)], "lines[1].sku"),
        ([Line("A LAMP", 1)], "lines[0].sku"),
        ([Line("LAMP\t", 1)], "lines[0].sku"),
        ([Line("L" * 65, 1)], "lines[0].sku"),
        ([Line("LAMP", 0)], "lines[0].quantity"),
        ([Line("LAMP", 1_000_001)], "lines[0].quantity"),
    ],
)
def test_lines_beyond_them_are_refused_by_their_field(lines: list[Line], field: str) -> None:
    with pytest.raises(InvalidLinesError) as raised:
        check_lines(lines)

    assert [violation.field for violation in raised.value.violations] == [field]
