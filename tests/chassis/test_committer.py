"""Group commit: order, limits and deadlines, on memory and MongoDB. A gate holds batches up."""

import asyncio
from functools import partial

import pytest
from prometheus_client import CollectorRegistry

from chassis.changes import Changed
from chassis.committer import (
    BATCH_REFS_MAX,
    RETRY_S,
    Committer,
    NotBegunError,
    TooManyWritesError,
    WriteUnderWayError,
)
from chassis.errors import Kind
from chassis.records import Records, Ref, State
from tests.chassis.gated import (
    LONG_S,
    Gate,
    begin,
    results,
    take,
    waiting,
    writing,
)
from tests.chassis.kept import (
    KINDS,
    LAMP,
    ROWS,
    RUG,
    Doctor,
    Place,
    Row,
    changing,
    count,
    put,
    request_by,
)
from tests.conftest import MakeRecords


@pytest.fixture
async def store(records: MakeRecords) -> Records:
    made = await records(KINDS)
    await put(made, Row(place=LAMP, count=9), Row(place=RUG, count=9))
    return made


@pytest.fixture
def gate(store: Records) -> Gate:
    return Gate(store)


async def test_who_is_alone_is_written_at_once(gate: Gate) -> None:
    gate.open.set()
    async with writing(gate) as writes:
        assert [await take(writes, LAMP), await take(writes, LAMP)] == [8, 7]
    assert list(map(len, gate.batches)) == [1, 1]


async def test_those_who_come_meanwhile_go_together_in_the_order_in_which_they_came(
    gate: Gate,
) -> None:
    async with writing(gate) as writes:
        first = await begin(gate, writes)
        tasks = await waiting(writes, *(take(writes, LAMP) for _ in range(5)))
        gate.open.set()
        assert await results([first, *tasks]) == [8, 8, 7, 6, 5, 4]
    assert list(map(len, gate.batches)) == [1, 5]


async def test_one_that_fails_does_not_fail_its_batch(gate: Gate, store: Records) -> None:
    def broken(state: State) -> Changed[int]:
        raise StopIteration  # What no future takes for an error.

    async with writing(gate) as writes:
        first = await begin(gate, writes)
        tasks = await waiting(
            writes,
            take(writes, LAMP),
            take(writes, LAMP, change=changing(Doctor)),  # type: ignore[arg-type]
            take(writes, LAMP, change=broken),
            take(writes, LAMP),
        )
        gate.open.set()
        assert await results([first, *tasks]) == [8, 8, TypeError, RuntimeError, 7]
    assert await count(store, LAMP) == 7


async def test_what_can_never_be_written_does_not_fail_its_batch(
    mongo_records: MakeRecords,
) -> None:
    store = await mongo_records(KINDS)
    await store.ensure_indexes()
    await put(store, Row(place=LAMP, count=9), Row(place=RUG, count=9))
    gate, large = Gate(store), Doctor(name="large", on_call=True, badge="x" * (17 << 20))

    async with writing(gate) as writes:
        first = await begin(gate, writes)
        too_large = writes.update([], changing(large), answer=str, timeout_s=LONG_S)
        tasks = await waiting(writes, take(writes, LAMP), too_large, take(writes, LAMP))
        gate.open.set()
        left, error, then = await asyncio.gather(*tasks, return_exceptions=True)
        assert (await first, left, then) == (8, 8, 7)
    assert isinstance(error, Exception)


async def test_a_batch_reads_so_many_records_and_the_rest_comes_next(gate: Gate) -> None:
    places = [Place("lyon", str(n)) for n in range(BATCH_REFS_MAX // 2)]
    refs = [Ref(ROWS, place) for place in places]

    async with writing(gate) as writes:
        first = await begin(gate, writes)
        half = partial(writes.update, refs, changing(), answer=str, timeout_s=LONG_S)
        tasks = await waiting(writes, *(half() for _ in range(3)), take(writes, LAMP))
        gate.open.set()
        assert await results([first, *tasks]) == [8, "done", "done", "done", 8]
    assert list(map(len, gate.batches)) == [1, 2, 2]


async def test_one_that_reads_more_than_that_goes_alone(gate: Gate) -> None:
    refs = [Ref(ROWS, Place("lyon", str(n))) for n in range(BATCH_REFS_MAX + 1)]

    async with writing(gate) as writes:
        first = await begin(gate, writes)
        large = writes.update(refs, changing(), answer=str, timeout_s=LONG_S)
        tasks = await waiting(writes, large, take(writes, LAMP))
        gate.open.set()
        assert await results([first, *tasks]) == [8, "done", 8]
    assert list(map(len, gate.batches)) == [1, 1, 1]


async def test_of_those_who_wait_there_are_so_many_and_the_next_is_told_when_to_come(
    gate: Gate, store: Records
) -> None:
    async with writing(gate, waiting_max=2) as writes:
        first = await begin(gate, writes)
        tasks = await waiting(writes, take(writes, LAMP), take(writes, LAMP))
        with pytest.raises(TooManyWritesError) as caught:
            await take(writes, LAMP)
        gate.open.set()
        assert await results([first, *tasks]) == [8, 8, 7]
        assert await take(writes, LAMP) == 6
    assert (caught.value.kind, caught.value.retry_after_s) == (Kind.RESOURCE_EXHAUSTED, RETRY_S)


async def test_whose_time_is_up_before_its_turn_is_not_begun_and_makes_room(
    gate: Gate, store: Records
) -> None:
    async with writing(gate, waiting_max=1) as writes:
        first = await begin(gate, writes)
        with pytest.raises(NotBegunError):
            await take(writes, LAMP, timeout_s=0.01)
        [second] = await waiting(writes, take(writes, LAMP))
        gate.open.set()
        assert await results([first, second]) == [8, 8]
    assert await count(store, LAMP) == 8


async def test_whose_time_is_up_when_it_comes_is_not_begun(gate: Gate) -> None:
    async with writing(gate) as writes:
        with pytest.raises(NotBegunError):
            await take(writes, LAMP, timeout_s=0)
    assert gate.batches == []


async def test_who_went_before_its_time_was_up_is_not_begun_after_it(
    gate: Gate, store: Records
) -> None:
    """Nobody waits for the clock of one who was cancelled: its turn looks at it."""
    async with writing(gate) as writes:
        first = await begin(gate, writes)
        [gone] = await waiting(writes, take(writes, LAMP, timeout_s=0.01))
        gone.cancel()
        await asyncio.wait([gone])
        with pytest.raises(NotBegunError):
            await take(writes, LAMP, timeout_s=0.02)
        gate.open.set()
        await first
    assert await count(store, LAMP) == 9


async def test_whose_time_is_up_while_it_is_written_is_told_and_it_goes_on(
    gate: Gate, store: Records
) -> None:
    request = request_by()
    async with writing(gate) as writes:
        with pytest.raises(WriteUnderWayError) as caught:
            await take(writes, LAMP, request=request, timeout_s=0.01)
        gate.open.set()
        assert await take(writes, LAMP, request=request) == 8
    assert caught.value.kind is Kind.DEADLINE_EXCEEDED
    assert await count(store, LAMP) == 8


@pytest.mark.parametrize("is_under_way", [True, False])
async def test_what_a_caller_who_has_gone_asked_for_is_kept_under_its_key(
    gate: Gate, store: Records, is_under_way: bool
) -> None:
    request = request_by()
    async with writing(gate) as writes:
        if is_under_way:
            gone = asyncio.create_task(take(writes, LAMP, request=request))
            await gate.come.wait()
        else:
            first = await begin(gate, writes)
            [gone] = await waiting(writes, take(writes, LAMP, request=request))
        gone.cancel()
        await asyncio.wait([gone])
        gate.open.set()
        assert await take(writes, LAMP, request=request) == 8
        if not is_under_way:
            await first
    assert gone.cancelled()
    assert await count(store, LAMP) == 8


async def test_a_repeat_in_the_same_batch_gets_the_first_answer(gate: Gate) -> None:
    request = request_by()
    async with writing(gate) as writes:
        first = await begin(gate, writes)
        same = partial(take, writes, LAMP, request=request)
        tasks = await waiting(writes, same(), take(writes, LAMP), same())
        gate.open.set()
        assert await results([first, *tasks]) == [8, 8, 7, 8]


async def test_operators_see_how_many_wait_and_how_many_go_together(gate: Gate) -> None:
    registry = CollectorRegistry()
    writes = Committer(gate, registry=registry)
    first = await begin(gate, writes)
    tasks = await waiting(writes, take(writes, LAMP), take(writes, LAMP))
    assert registry.get_sample_value("committer_waiting") == 2
    gate.open.set()
    await results([first, *tasks])
    await writes.close()

    assert registry.get_sample_value("committer_waiting") == 0
    assert registry.get_sample_value("committer_batch_updates_count") == 2
    assert registry.get_sample_value("committer_batch_updates_sum") == 3
