"""What somebody wants to collect: articles and how much of each. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.errors import AppError, Kind, Violation

LINES_MAX = 50
QUANTITY_MAX = 1_000_000
SKU_LENGTH_MAX = 64


class InvalidLinesError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_LINES"


@dataclass(frozen=True, slots=True)
class Line:
    """`quantity` is in the smallest stock unit of the sku."""

    sku: str
    quantity: int


def check_lines(lines: Sequence[Line]) -> None:
    """Raises InvalidLinesError unless they are 1 to LINES_MAX, each of another sku."""
    violations = [v for number, line in enumerate(lines) for v in problems(number, line)]
    if not 1 <= len(lines) <= LINES_MAX:
        violations.append(Violation("lines", f"send 1 to {LINES_MAX}"))
    if len({line.sku for line in lines}) < len(lines):
        violations.append(Violation("lines", "send one line for each sku, with all of it"))
    if violations:
        raise InvalidLinesError("the lines cannot be taken as they are", violations=(*violations,))


def problems(number: int, line: Line) -> list[Violation]:
    at, found = f"lines[{number}]", []
    if not is_sku(line.sku):
        found.append(Violation(f"{at}.sku", sku_wanted()))
    if not 1 <= line.quantity <= QUANTITY_MAX:
        found.append(Violation(f"{at}.quantity", f"ask for 1 to {QUANTITY_MAX}"))
    return found


def is_sku(text: str) -> bool:
    return 1 <= len(text) <= SKU_LENGTH_MAX and text.isprintable() and " " not in text


def sku_wanted() -> str:
    return f"send 1 to {SKU_LENGTH_MAX} printable characters without spaces"
