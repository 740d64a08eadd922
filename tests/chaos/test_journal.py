"""What is written down of each try, and what it comes to in numbers."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chaos.figures import longest_gap_s, quantile
from tests.chaos.given import BEGIN_S, entry
from tests.chaos.journal import Journal, Outcome, Reply, Send
from tests.chaos.nemesis import round_of


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = Journal(tmp_path / "journal.jsonl")
    yield opened
    opened.close()


def saying(*replies: Reply) -> Send:
    """Each in turn."""
    left = list(replies)

    async def send() -> Reply:
        return left.pop(0)

    return send


UNKNOWN, OK = Reply(Outcome.UNKNOWN, "TimeoutError"), Reply(Outcome.OK)


async def test_what_nobody_answered_is_in_doubt_until_a_repeat_is_answered(
    journal: Journal,
) -> None:
    first = await journal.tried("place", saying(UNKNOWN, OK), key="one")
    assert journal.unknown() == [first]

    again = await journal.repeated(first)

    assert (again.key, again.outcome) == ("one", Outcome.OK)
    assert journal.unknown() == []


async def test_what_was_answered_once_is_in_doubt_no_more(journal: Journal) -> None:
    send = saying(OK, UNKNOWN)
    for _ in range(2):
        await journal.tried("place", send, key="one")

    assert journal.unknown() == []


async def test_a_read_is_never_in_doubt(journal: Journal) -> None:
    await journal.tried("look", saying(UNKNOWN), key="one")

    assert journal.unknown() == []


async def test_a_try_that_is_cut_is_written_down_as_unknown(
    journal: Journal, tmp_path: Path
) -> None:
    async def never() -> Reply:
        await asyncio.Event().wait()
        return OK

    task = asyncio.create_task(journal.tried("cancel", never, key="one"))
    await asyncio.sleep(0)
    assert journal.aimed_at_count == 1
    task.cancel()
    await asyncio.wait([task])

    assert journal.aimed_at_count == 0
    [line] = (tmp_path / "journal.jsonl").read_text().splitlines()
    assert json.loads(line)["outcome"] == "unknown"


def test_a_gap_is_the_longest_time_without_a_success() -> None:
    entries = [
        entry("place", "one", 1.9),
        entry("place", "two", 4.9, outcome=Outcome.UNKNOWN),
        entry("sell", "three", 5.9),
        entry("pick", "four", 6.9),
    ]
    assert longest_gap_s(entries, BEGIN_S, BEGIN_S + 8) == pytest.approx(5.0)


@pytest.mark.parametrize(("q", "expected"), [(0.5, 2), (0.75, 3), (0.99, 4), (0.999, 4)])
def test_a_quantile_is_not_exceeded_by_that_part(q: float, expected: int) -> None:
    assert quantile([1, 2, 3, 4], q) == expected


def test_a_seed_gives_the_same_faults_in_the_same_order() -> None:
    assert round_of(7, members_count=3) == round_of(7, members_count=3)
    assert round_of(7, members_count=3) != round_of(8, members_count=3)
    assert len(round_of(7, members_count=1)) == len(round_of(7, members_count=3)) - 2
