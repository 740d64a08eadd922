"""Movements that are told, in the second account: what is missed leaves the book once."""

from collections.abc import Mapping

from services.inventory.stock.domain import Place
from tests.simulation.operations import Operation
from tests.simulation.shelves import SELLABLE, Fact, Shelf


def moves_of(asked: Operation, its: Mapping[Place, Shelf], t_ms: int) -> list[tuple[Place, Fact]]:
    """As they are told, save what is missed of what others took or counts did: once is enough."""
    looked = dict(asked.looked)
    gone = {
        place: max(shelf.over(t_ms), shelf.fewer_since(looked.get(place, 0)))
        for place, shelf in its.items()
    }
    told = list[tuple[Place, Fact]]()
    for m in asked.moved:
        is_missed = (m.source.value, m.cause.value) == (SELLABLE, "not_found")
        known = min(gone[m.place], m.quantity) if is_missed else 0
        gone[m.place] -= known
        told.append(
            (m.place, Fact(m.source.value, m.target.value, m.quantity - known, m.cause.value))
        )
    return told
