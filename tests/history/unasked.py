"""Rows that nobody asked to be written, taken by the replay as what they must be. Pure."""

from copy import deepcopy

from services.inventory.stock.domain import Place
from tests.history.progress import Replay
from tests.history.told import Breaking, Told
from tests.history.trying import differs


def take_unasked(replay: Replay, place: Place) -> bool:
    """Rows that nobody asked to be written: see `stamps` and `mends`."""
    has_taken = False
    while (told := replay.next_row(place)) is not None:
        if not (stamps(replay, place, told) or mends(replay, place, told)):
            break
        replay.moved.append(place)
        has_taken = True
    return has_taken


def stamps(replay: Replay, place: Place, told: Told) -> bool:
    """Whether nothing changed but time: what an undo leaves that finds a hold lapsed.

    And what one leaves that holds the same in the place of another: that has a name, and goes
    first.
    """
    if any(place in write.places for write in replay.superseding.get(told.occur_s, ())):
        return False
    before = deepcopy(replay.shelf(place))
    replay.shelf(place).written(told.row.at * 1000)
    is_so = differs(told.row, replay.shelf(place)) is None
    if not is_so:
        replay.account.shelves[place] = before
    return is_so


def mends(replay: Replay, place: Place, told: Told) -> bool:
    """Whether claims were broken, for a fact has taken what was held."""
    shelf, holds = deepcopy(replay.shelf(place)), replay.account.holds
    before = {name: deepcopy(holds[name]) for name in shelf.claims}
    broken = replay.account.mend(place, told.row.at * 1000)
    is_so = all(is_told_broken(replay, name, told) for name in broken)
    if not broken or not is_so or differs(told.row, replay.shelf(place)) is not None:
        replay.account.shelves[place] = shelf
        holds.update(before)
        return False
    for name in broken:
        replay.stood[name, holds[name].revision] = deepcopy(holds[name])
    replay.moved += broken
    return True


def is_told_broken(replay: Replay, name: str, told: Told) -> bool:
    """By the same write. Of claims on two rows that were broken one is so first: which, only
    what its owner was told says."""
    hold = replay.account.holds[name]
    owed = Breaking(hold.lines, hold.broken, told.occur_s)
    return replay.breakings.get((name, hold.revision)) == owed
