"""How it is kept what each buyer has of what is limited."""

from collections.abc import Iterable

from chassis.records import Kind, Ref, State
from services.inventory.limit.taken import Taken, TakenKey, nothing_taken

TAKEN = Kind(
    type=Taken,
    collection="taken",
    key=lambda taken: taken.key,
    forget_time=lambda taken: taken.forget_time,
)


def taken_refs(keys: Iterable[TakenKey]) -> list[Ref[Taken]]:
    return [Ref(TAKEN, key) for key in keys]


def takens_in(state: State, keys: Iterable[TakenKey]) -> dict[TakenKey, Taken]:
    """Those an update read; empty ones where nothing was ever counted."""
    return {key: state.find(TAKEN, key) or nothing_taken(key) for key in keys}
