"""What waits for a watcher: whatever changes and whenever it reads, it is told enough."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.inventory.stock.domain import Place
from services.inventory.stock.inbox import Inbox, Told, WatchTooSlowError
from services.inventory.stock.selection import Selection

EVERYTHING = Selection()
SKUS = "ABCDE"
# A change of a sku, by how many revisions a read of the row is ahead of it; or so many are taken.
steps = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(SKUS), st.sampled_from([0, 0, 0, 1, 3])),
        st.integers(min_value=1, max_value=4),
    ),
    max_size=60,
)


def told(sku: str, revision: int) -> Told:
    return Told(Place("lyon", sku), revision, f"{sku} {revision}".encode())


class Watcher:
    """Knows the revision of each row by what it is told alone."""

    def __init__(self) -> None:
        self.told: dict[str, list[int]] = defaultdict(list)
        self.position = 0

    def take(self, inbox: Inbox, limit: int, head: int) -> None:
        rows, self.position = inbox.take(limit, head=head)
        for row in rows:
            sku, revision = row.decode().split()
            self.told[sku].append(int(revision))


@given(steps)
def test_at_each_cursor_every_row_is_as_it_was_there_or_newer(
    made: list[tuple[str, int] | int],
) -> None:
    inbox, watcher, log = Inbox(EVERYTHING), Watcher(), list[str]()
    for step in [*made, len(SKUS)]:
        if isinstance(step, int):
            before = watcher.position
            watcher.take(inbox, step, head=len(log))
            assert watcher.position >= before
            known = {sku: max(revisions) for sku, revisions in watcher.told.items()}
            for sku in SKUS:
                assert known.get(sku, 0) >= log[: watcher.position].count(sku)
        else:
            sku, ahead = step
            log.append(sku)
            inbox.put(len(log), told(sku, log.count(sku) + ahead))

    assert watcher.position == len(log)
    assert not inbox.has_news


@given(steps)
def test_a_row_that_is_read_as_its_changes_left_it_never_goes_back(
    made: list[tuple[str, int] | int],
) -> None:
    inbox, watcher, log = Inbox(EVERYTHING), Watcher(), list[str]()
    for step in made:
        if isinstance(step, int):
            watcher.take(inbox, step, head=len(log))
        else:
            log.append(step[0])
            inbox.put(len(log), told(step[0], log.count(step[0])))

    for revisions in watcher.told.values():
        assert revisions == sorted(set(revisions))


def test_a_row_that_changes_while_nobody_reads_waits_once() -> None:
    inbox = Inbox(EVERYTHING)
    for position, (sku, revision) in enumerate([("A", 1), ("B", 1), ("A", 2), ("A", 3)], 1):
        inbox.put(position, told(sku, revision))

    assert inbox.take(10, head=4) == ((b"A 3", b"B 1"), 4)


def test_what_is_not_taken_yet_holds_the_cursor_back() -> None:
    inbox = Inbox(EVERYTHING)
    for position, (sku, revision) in enumerate([("A", 1), ("B", 1), ("A", 2)], 1):
        inbox.put(position, told(sku, revision))

    assert inbox.take(1, head=3) == ((b"A 2",), 1)
    assert inbox.take(1, head=3) == ((b"B 1",), 3)


def test_of_an_import_that_was_read_ahead_no_older_state_comes_behind() -> None:
    inbox = Inbox(EVERYTHING)
    inbox.put(1, told("A", 3))
    inbox.put(2, told("A", 2))

    assert inbox.take(10, head=2).rows == (b"A 3",)


def test_what_was_before_it_began_does_not_wait() -> None:
    inbox = Inbox(EVERYTHING, 7)
    inbox.put(7, told("A", 1))

    assert inbox.take(10, head=5) == ((), 7)


def test_beyond_its_bound_it_holds_nothing_and_says_so() -> None:
    inbox = Inbox(EVERYTHING, rows_max=2)
    for position, sku in enumerate("ABBC", 1):
        inbox.put(position, told(sku, position))
    inbox.put(5, told("D", 5))

    assert inbox.waiting_count == 0
    assert inbox.has_news
    with pytest.raises(WatchTooSlowError):
        inbox.take(10, head=5)
