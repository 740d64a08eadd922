"""Compares what is written of limits and of buyers with the second account."""

from collections.abc import Sequence

from services.inventory.limit.domain import Limit, Register
from services.inventory.limit.taken import Taken
from tests.simulation.broken import BrokenError
from tests.simulation.buyers import Buyer, Buyers
from tests.simulation.operations import Operation


def check_limited(records: Sequence[object], buyers: Buyers, *, after: Operation) -> None:
    """Exactly those that the write must have changed, each as it must be. Raises BrokenError."""
    if not (records or buyers.written or buyers.put):
        return
    written, put, counted = set[Buyer](), set[str](), False
    for record in records:
        match record:
            case Taken():
                written.add(Buyer(*record.key))
                check_taken(record, buyers, after)
            case Limit():
                put.add(record.sku)
                check_limit(record, buyers, after)
            case Register():
                counted = True
                if record.limits_count != buyers.rules_count():
                    raise BrokenError("I4", f"{record}, not {buyers.rules_count()}: {after}")
    if (written, put, counted) != (buyers.written, set(buyers.put), bool(buyers.put)):
        words = f"counted {written}, put {put}, not {buyers.written}, {buyers.put}: {after}"
        raise BrokenError("I4", words)


def check_taken(found: Taken, buyers: Buyers, after: Operation) -> None:
    who = Buyer(*found.key)
    bought = dict[int, int]()
    for day, n in buyers.of(who).bought:
        bought[day] = bought.get(day, 0) + n
    has = buyers.standing(who), bought, buyers.of(who).revision
    # Not its time, as of a row.
    if (found.held, found.bought, found.revision) != has:
        raise BrokenError("I4", f"{found}: it must have {has}, after {after}")


def check_limit(found: Limit, buyers: Buyers, after: Operation) -> None:
    rule = buyers.rules.get(found.sku)
    if rule != (found.quantity_max, found.period_s, found.revision):
        raise BrokenError("I4", f"{found}: it must be {rule}, after {after}")
