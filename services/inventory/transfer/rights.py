"""Whose transfer it is: staff of its source ship it, staff of its target receive it."""

from collections.abc import Sequence

from chassis.access import Caller
from services.inventory.location.store import unknown_location
from services.inventory.transfer.domain import Transfer, known


def seen(who: Caller, found: Transfer | None) -> Transfer:
    """Raises UnknownTransferError, also to staff of neither end. Clients pass by their scope."""
    transfer = known(found)
    theirs = not who.is_staff or who.location_ids & transfer.location_ids
    return known(transfer if theirs else None)


def check_ships(who: Caller, transfer: Transfer) -> None:
    """Raises AccessDeniedError for staff of the target, who see it."""
    who.check_location(transfer.source_location_id)


def check_receives(who: Caller, transfer: Transfer) -> None:
    """Raises AccessDeniedError for staff of the source, who see it."""
    who.check_location(transfer.target_location_id)


def check_may_list(who: Caller, ends: Sequence[str]) -> None:
    """Raises UnknownLocationError for staff of none of the locations named."""
    if who.is_staff and not who.location_ids & set(ends):
        raise unknown_location(ends[0])
