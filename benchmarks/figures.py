"""What was measured, as a table for people and as a list for programs. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a figure should be: its `ratio`, or its `value` where there is no baseline."""

    least: float | None = None
    most: float | None = None

    def is_met(self, measured: float) -> bool:
        return (self.least is None or measured >= self.least) and (
            self.most is None or measured <= self.most
        )

    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. None stands for what there is not, or what is void."""

    name: str
    value: float | None
    unit: str
    baseline: float | None = None
    ratio: float | None = None
    target: Target | None = None
    note: str = ""

    @property
    def verdict(self) -> str:
        measured = self.value if self.baseline is None else self.ratio
        if self.target is None:
            return ""
        if measured is None:
            return f"void, wanted {self.target}"
        return f"{'ok' if self.target.is_met(measured) else 'MISSED'} {self.target}"


HEADINGS = ("name", "value", "unit", "baseline", "ratio", "target", "")
NUMBERS = (1, 3, 4)  # Columns that line up at their right.


def to_list(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    """As latest.json has it."""
    return [
        {
            "name": figure.name,
            "value": figure.value,
            "unit": figure.unit,
            "baseline": figure.baseline,
            "ratio": figure.ratio,
        }
        for figure in figures
    ]


def to_table(figures: Sequence[Figure]) -> str:
    rows = [HEADINGS, *(row_of(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    return "\n".join(line_of(row, widths) for row in rows)


def row_of(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        shown(figure.value),
        figure.unit,
        shown(figure.baseline),
        shown(figure.ratio, digits=2),
        figure.verdict,
        figure.note,
    )


def line_of(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [
        cell.rjust(width) if column in NUMBERS else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def shown(number: float | None, *, digits: int | None = None) -> str:
    if number is None:
        return "-"
    if digits is None:
        digits = 0 if abs(number) >= 100 else 1 if abs(number) >= 10 else 2
    return f"{number:,.{digits}f}"
