"""Stock written by committers of several replicas, on a database that fails, in virtual time.

Callers go, are cut off, repeat, and ask two replicas at once; replicas die, stand still and go
on, and have their clocks set; transactions conflict, fail before they happen and behind that.
Each decision is held to the second account, and what callers are told to what was decided.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest

from chassis.batches import Batch
from chassis.committer import Asked, Committer, NotBegunError
from chassis.records import Update
from tests.simulation.engine import Engine
from tests.simulation.replicas import NEVER, UNKNOWN, Shop
from tests.simulation.virtual_time import run

DAYS_COUNT, FLAW_DAYS_MAX = 10, 40
# Most are alone; of those that were not, so many at least.
GATHERED_MIN = 50


def days(count: int) -> Iterator[Shop]:
    """By their seeds, until something is broken."""
    for seed in range(count):
        shop = run(day(seed))
        yield shop
        if shop.engine.broken is not None:
            return


async def day(seed: int) -> Shop:
    return await Shop(random.Random(seed)).day()


def test_what_is_written_together_breaks_nothing() -> None:
    told, gathered, conflicts, held_up = Counter[str](), 0, 0, 0
    for seed, shop in enumerate(days(DAYS_COUNT)):
        assert shop.engine.broken is None, f"seed {seed}: {shop.engine.broken}"
        told.update(shop.told)
        gathered += sum(1 for size in shop.engine.batch_sizes if size > 1)
        conflicts += shop.engine.conflicts_count
        held_up += shop.engine.held_up_count
    assert {"done", "INSUFFICIENT_STOCK", "REQUEST_CANCELLED", *UNKNOWN} <= told.keys()
    assert NEVER - {"WRITES_ENDED"} <= told.keys()
    assert gathered >= GATHERED_MIN and conflicts and held_up


def test_the_same_seed_is_the_same_day() -> None:
    first, again = (run(day(3)) for _ in range(2))
    assert first.told == again.told
    assert first.engine.batch_sizes == again.engine.batch_sizes


def last_come_first_written(patch: pytest.MonkeyPatch) -> None:
    right = Committer._next
    patch.setattr(Committer, "_next", lambda self: right(self)[::-1])


def nobody_sees_what_those_before_left(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Batch, "_left", lambda self, ref, record: self.found[ref])


def decided_anew_in_its_batch(patch: pytest.MonkeyPatch) -> None:
    def decide(self: Batch, update: Update[Any]) -> Any:
        if update.request is not None:
            self.answered.pop(update.request.key, None)
        return right(self, update)

    right = Batch.decide
    patch.setattr(Batch, "decide", decide)


def written_though_not_begun(patch: pytest.MonkeyPatch) -> None:
    """Whose time is up while it is written is told that nothing has happened."""

    def time_is_up(self: Committer, asked: Asked) -> None:
        self._waiting.pop(asked, None)
        asked.tell(NotBegunError("its time was up"))

    patch.setattr(Committer, "_time_is_up", time_is_up)


def told_what_another_came_to(patch: pytest.MonkeyPatch) -> None:
    async def written(self: Committer, batch: Sequence[Asked], *args: Any) -> list[Any]:
        return (await right(self, batch, *args))[::-1]

    right = Committer._written
    patch.setattr(Committer, "_written", written)


def told_of_a_bug(patch: pytest.MonkeyPatch) -> None:
    """It is written, and whoever came first is told what no caller can make anything of."""

    async def written(self: Committer, batch: Sequence[Asked], *args: Any) -> list[Any]:
        return [KeyError("lost"), *(await right(self, batch, *args))[1:]]

    right = Committer._written
    patch.setattr(Committer, "_written", written)


def overwrites_what_another_wrote(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Engine, "_may_commit", lambda *_: True)


FLAWS: Mapping[str, tuple[Callable[[pytest.MonkeyPatch], None], set[str]]] = {
    "last-come-first-written": (last_come_first_written, {"order"}),
    "unseen-in-a-batch": (nobody_sees_what_those_before_left, {"I1", "I4"}),
    "decided-anew-in-its-batch": (decided_anew_in_its_batch, {"I2"}),
    "written-though-not-begun": (written_though_not_begun, {"I2"}),
    "told-what-another-came-to": (told_what_another_came_to, {"I2"}),
    "told-of-a-bug": (told_of_a_bug, {"I2"}),
    "overwrites": (overwrites_what_another_wrote, {"I4"}),
}


@pytest.mark.parametrize("name", FLAWS)
def test_a_flaw_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, invariants = FLAWS[name]
    make(monkeypatch)

    *_, last = days(FLAW_DAYS_MAX)
    assert last.engine.broken is not None
    assert last.engine.broken.invariant in invariants, last.engine.broken
