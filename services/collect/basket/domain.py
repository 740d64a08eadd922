"""What a basket is: what its customer means to order. It promises and holds nothing. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from chassis.changes import Changed
from chassis.errors import AppError, Kind, Violation
from services.collect.point.lines import (
    LINES_MAX,
    QUANTITY_MAX,
    InvalidLinesError,
    Line,
    is_sku,
    sku_wanted,
)


class UnknownSkuError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_SKU"


class BasketFullError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "BASKET_FULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """One for each customer. `lines` are in the order they were put in, each of another sku."""

    customer_id: str
    lines: tuple[Line, ...] = ()
    revision: int = 0


def set_line(basket: Basket, line: Line) -> Changed[Basket]:
    """With so much of one sku, in its place if it is there; none takes it out.

    Raises BasketFullError.
    """
    if line.quantity == 0:
        return changed(basket, without(basket, [line.sku]))
    if any(there.sku == line.sku for there in basket.lines):
        lines = tuple(line if there.sku == line.sku else there for there in basket.lines)
    else:
        lines = (*basket.lines, line)
    if len(lines) > LINES_MAX:
        raise BasketFullError(
            f"a basket has at most {LINES_MAX} lines: take one out", lines_max=LINES_MAX
        )
    return changed(basket, with_lines(basket, lines))


def cleared(basket: Basket) -> Changed[Basket]:
    return changed(basket, with_lines(basket, ()))


def without(basket: Basket, skus: Collection[str]) -> Basket:
    """As it is once `skus` are ordered, or no longer wanted."""
    return with_lines(basket, tuple(line for line in basket.lines if line.sku not in skus))


def with_lines(basket: Basket, lines: tuple[Line, ...]) -> Basket:
    if lines == basket.lines:
        return basket
    return replace(basket, lines=lines, revision=basket.revision + 1)


def changed(before: Basket, after: Basket) -> Changed[Basket]:
    return Changed(answer=after, records=() if after == before else (after,))


def check_line(line: Line) -> None:
    """Raises InvalidLinesError. None of a sku is a line too: it takes it out."""
    if not is_sku(line.sku):
        raise invalid("sku", sku_wanted())
    if not 0 <= line.quantity <= QUANTITY_MAX:
        raise invalid("quantity", f"send 0 to {QUANTITY_MAX}")


def check_step(line: Line, step: int) -> None:
    """Raises InvalidLinesError unless the sku is sold in such amounts."""
    if line.quantity % max(step, 1):
        raise invalid("quantity", f"send a multiple of {step}")


def invalid(field: str, description: str) -> InvalidLinesError:
    violation = Violation(field, description)
    return InvalidLinesError("the line cannot be taken as it is", violations=(violation,))
