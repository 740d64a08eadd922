"""Rules for how much of an article one buyer may have. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from chassis.changes import Changed, Event
from chassis.errors import AppError, Kind, Violation
from services.inventory.stock.domain import QUANTITY_MAX, SKU_LENGTH_MAX, is_sku

PUT_MAX = 200
LIMITS_MAX = 10_000
PERIOD_MAX = timedelta(days=90)
BUYER_ID_LENGTH_MAX = 64


class InvalidLimitError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_LIMIT"


class InvalidBuyerError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_BUYER"


class TooManyLimitsError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "TOO_MANY_LIMITS"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many units of an article one buyer may have; no limit if `quantity_max` is zero.

    Attributes:
        period_s: For how long what was committed counts.
    """

    sku: str
    quantity_max: int
    period_s: int = 0
    revision: int = 0

    @property
    def stands(self) -> bool:
        return self.quantity_max > 0


Limits = Mapping[str, Limit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """How many articles have a limit: each process holds all of them in memory."""

    register_id: str
    limits_count: int = 0


def put(before: Limits, register: Register, limits: Sequence[Limit]) -> Changed[tuple[Limit, ...]]:
    """Put each whole under its sku; the answer is every one named, as it stands then.

    One that is so already writes nothing. Raises TooManyLimitsError.
    """
    after = {each.sku: standing(before.get(each.sku), each) for each in limits}
    changed = [each for sku, each in after.items() if each != before.get(sku) and each.revision]
    if not changed:
        return Changed(answer=tuple(after.values()))
    more = sum(each.stands - stands_in(before, each.sku) for each in changed)
    counted = replace(register, limits_count=register.limits_count + more)
    if more > 0 and counted.limits_count > LIMITS_MAX:
        raise TooManyLimitsError(
            f"{counted.limits_count} articles would have a limit, at most {LIMITS_MAX} can:"
            " take some away",
            limits_max=LIMITS_MAX,
        )
    return Changed(
        answer=tuple(after.values()),
        records=(*changed, counted),
        events=tuple(map(limit_changed, changed)),
    )


def standing(before: Limit | None, limit: Limit) -> Limit:
    """As it comes to stand: without a revision if there never was one and is none."""
    if before is None:
        return replace(limit, revision=int(limit.stands))
    same = replace(limit, revision=before.revision) == before
    return before if same else replace(limit, revision=before.revision + 1)


def stands_in(limits: Limits, sku: str) -> bool:
    return sku in limits and limits[sku].stands


def limit_changed(limit: Limit) -> Event:
    detail = {"sku": limit.sku, "quantity_max": limit.quantity_max}
    return Event("limit_changed", limit.sku, limit.revision, detail, kind="limit")


def check_limits(limits: Sequence[Limit]) -> None:
    """Raises InvalidLimitError, naming every field at fault."""
    if not 1 <= len(limits) <= PUT_MAX:
        raise invalid_limits(Violation("limits", f"1 to {PUT_MAX} limits"))
    violations: list[Violation] = []
    seen: set[str] = set()
    for number, limit in enumerate(limits):
        path = f"limits[{number}]"
        if limit.sku in seen:
            violations.append(Violation(path, "another sku than the limits before"))
        seen.add(limit.sku)
        violations += limit_violations(limit, path)
    if violations:
        raise invalid_limits(*violations)


def limit_violations(limit: Limit, path: str) -> Iterable[Violation]:
    if not is_sku(limit.sku):
        yield Violation(f"{path}.sku", f"1 to {SKU_LENGTH_MAX} printable characters")
    if not 0 <= limit.quantity_max <= QUANTITY_MAX:
        yield Violation(f"{path}.quantity_max", f"0 to {QUANTITY_MAX} units")
    if not 0 <= limit.period_s <= PERIOD_MAX.total_seconds():
        words = f"zero to {PERIOD_MAX.days} days, whole seconds"
        yield Violation(f"{path}.period_duration", words)


def invalid_limits(*violations: Violation) -> InvalidLimitError:
    return InvalidLimitError("the limits are not as they must be", violations=violations)


def check_buyer(buyer_id: str) -> None:
    """Raises InvalidBuyerError."""
    fits = len(buyer_id) <= BUYER_ID_LENGTH_MAX
    if not (fits and buyer_id.isprintable() and " " not in buyer_id):
        words = f"at most {BUYER_ID_LENGTH_MAX} printable characters without a space"
        violation = Violation("buyer_id", words)
        raise InvalidBuyerError("the buyer is not as it must be", violations=(violation,))
