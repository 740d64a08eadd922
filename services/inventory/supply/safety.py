"""Rules for what is kept back from promises, by channel. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.changes import Changed
from chassis.errors import AppError, Kind, Violation
from services.inventory.stock.channel import WORDS, is_channel
from services.inventory.stock.domain import (
    QUANTITY_MAX,
    Place,
    StockRow,
    latest,
    place_violations,
    row_changed,
)
from services.inventory.supply.domain import RECEIPTS_MAX as SAFETIES_MAX

CHANNELS_MAX = 16


class InvalidSafetyStockError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_SAFETY_STOCK"


class TooManyChannelsError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "TOO_MANY_CHANNELS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """How much is kept back in a channel; in none for all that have none of their own.

    Without `quantity` the channel has none of its own.
    """

    place: Place
    channel: str
    quantity: int | None


def keep_back(
    rows: Mapping[Place, StockRow], safeties: Sequence[Safety], *, now: datetime
) -> Changed[tuple[StockRow, ...]]:
    """Set what is kept back; the answer is every row named, as it stands then.

    A row that is so already writes nothing. Raises TooManyChannelsError.
    """
    after = dict(rows)
    for safety in safeties:
        after[safety.place] = keeping(after[safety.place], safety)
    at = int(latest(rows.values(), now).timestamp())
    changed = {
        place: row.stamped(row.units(), at=at) for place, row in after.items() if row != rows[place]
    }
    return Changed(
        answer=tuple({**after, **changed}.values()),
        records=tuple(changed.values()),
        events=tuple(row_changed(row) for row in changed.values()),
    )


def keeping(row: StockRow, safety: Safety) -> StockRow:
    """Yet to be `stamped`. Raises TooManyChannelsError."""
    if not safety.channel:
        return row.keeping(safety.quantity or 0)
    others = {name: n for name, n in row.safety_by_channel.items() if name != safety.channel}
    own = {} if safety.quantity is None else {safety.channel: safety.quantity}
    by_channel = dict(sorted({**others, **own}.items()))
    if len(by_channel) > CHANNELS_MAX:
        raise TooManyChannelsError(
            f"{row.sku} at {row.location_id} has {CHANNELS_MAX} channels: take one away first",
            location_id=row.location_id,
            sku=row.sku,
            channels_max=CHANNELS_MAX,
        )
    return replace(row, safety_by_channel=by_channel)


def check_safeties(safeties: Sequence[Safety]) -> None:
    """Raises InvalidSafetyStockError, naming every field at fault."""
    if not 1 <= len(safeties) <= SAFETIES_MAX:
        raise invalid_safeties(Violation("safety_stocks", f"1 to {SAFETIES_MAX} of them"))
    violations: list[Violation] = []
    seen: set[tuple[Place, str]] = set()
    for number, safety in enumerate(safeties):
        path, key = f"safety_stocks[{number}]", (safety.place, safety.channel)
        if key in seen:
            words = "another location, sku or channel than those before"
            violations.append(Violation(path, words))
        seen.add(key)
        violations += place_violations(safety.place, path) + safety_violations(safety, path)
    if violations:
        raise invalid_safeties(*violations)


def safety_violations(safety: Safety, path: str) -> list[Violation]:
    violations = []
    if safety.channel and not is_channel(safety.channel):
        violations.append(Violation(f"{path}.channel", WORDS))
    if not is_quantity(safety):
        violations.append(Violation(f"{path}.quantity", f"0 to {QUANTITY_MAX} units"))
    return violations


def is_quantity(safety: Safety) -> bool:
    """Or none, where there is a channel: without one there is nothing to fall back on."""
    if safety.quantity is None:
        return bool(safety.channel)
    return 0 <= safety.quantity <= QUANTITY_MAX


def invalid_safeties(*violations: Violation) -> InvalidSafetyStockError:
    message = "the safety stocks are not as they must be"
    return InvalidSafetyStockError(message, violations=violations)
