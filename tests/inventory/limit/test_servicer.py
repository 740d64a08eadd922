"""Limits as they are put and listed, through a real gRPC server and stub."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

import grpc
import pytest
from comptoir.inventory.v1 import events_pb2
from comptoir.inventory.v1 import limit_service_pb2 as pb
from google.protobuf.duration_pb2 import Duration

from chassis.events import Batch, CursorTooOldError, EventLog
from chassis.remote import app_error_from
from services.inventory.events import DETAILS
from services.inventory.limit import domain
from services.inventory.limit.store import KnownLimits
from tests.background import background
from tests.inventory.house import ERP, MARKET, House, refused
from tests.inventory.limit.buyers import limit, limiting, put
from tests.waiting import until


async def listed(house: House) -> list[pb.Limit]:
    request = pb.ListLimitsRequest(page_size=2)
    found: list[pb.Limit] = []
    while True:
        page = await house.limits.ListLimits(request, metadata=MARKET)
        found += page.limits
        request.page_token = page.next_page_token
        if not request.page_token:
            return found


async def test_limits_are_put_whole_and_listed_by_sku(any_house: House) -> None:
    given = [limit(2, sku="C"), limit(1, days=30, sku="A"), limit(9, sku="B")]
    answered = await put(any_house, *given)
    assert [each.revision for each in answered] == [1, 1, 1]
    assert await listed(any_house) == sorted(answered, key=lambda each: each.sku)

    again = await put(any_house, limit(2, sku="C"), limit(3, sku="A"), limit(0, sku="B"))
    assert [each.revision for each in again] == [1, 2, 2]
    assert await listed(any_house) == [again[1], again[0]]


async def test_a_repeat_gets_the_first_answer_though_the_limit_is_another_now(
    any_house: House,
) -> None:
    asked = limiting(limit(2))
    first = await any_house.limits.PutLimits(asked, metadata=ERP)
    await put(any_house, limit(5))
    assert await any_house.limits.PutLimits(asked, metadata=ERP) == first
    assert [each.quantity_max for each in await listed(any_house)] == [5]
    other = pb.PutLimitsRequest(request_id=asked.request_id, limits=[limit(7)])
    reused = await refused(any_house.limits.PutLimits(other, metadata=ERP))
    assert reused == "ALREADY_EXISTS REQUEST_ID_REUSED"


async def test_each_change_is_told_and_what_changes_nothing_is_not(any_house: House) -> None:
    for most in (2, 2, 5, 0, 0):
        await put(any_house, limit(most))
    await put(any_house, limit(0, sku="NEVER"), limit(1, sku="LAST"))
    told: list[tuple[str, int, object]] = []

    async def is_all_told() -> bool:
        batch = await any_house.log.read(0, 500, ("limit_changed",))
        told[:] = [(e.key, e.revision, DETAILS[e.name](e.detail)) for e in batch.events]
        return bool(told) and told[-1][0] == "LAST"

    await until(is_all_told)
    assert told == [
        *(
            ("LAMP", revision, events_pb2.LimitChanged(sku="LAMP", quantity_max=most))
            for revision, most in ((1, 2), (2, 5), (3, 0))
        ),
        ("LAST", 1, events_pb2.LimitChanged(sku="LAST", quantity_max=1)),
    ]


async def test_what_is_no_limit_is_refused_by_its_fields(house: House) -> None:
    odd = limit(1, sku="HALF")
    odd.period_duration.CopyFrom(Duration(seconds=1, nanos=500))
    wrong = [limit(-1), limit(1, days=91), limit(1), limit(1, sku="A B"), odd, limit(10**9 + 1)]
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await put(house, *wrong)
    error = app_error_from(caught.value)
    assert error.reason == "INVALID_LIMIT"
    assert [violation.field for violation in error.violations] == [
        "limits[0].quantity_max",
        "limits[1]",
        "limits[1].period_duration",
        "limits[2]",
        "limits[3].sku",
        "limits[4].period_duration",
        "limits[5]",
        "limits[5].quantity_max",
    ]
    for count in (0, 201):
        asked = limiting(*(limit(1, sku=f"SKU-{n}") for n in range(count)))
        refusal = await refused(house.limits.PutLimits(asked, metadata=ERP))
        assert refusal == "INVALID_ARGUMENT INVALID_LIMIT"
    assert await listed(house) == []


async def test_there_are_so_many_limits_and_no_more(
    any_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "LIMITS_MAX", 2)
    await put(any_house, limit(1, sku="A"), limit(1, sku="B"))
    more = limiting(limit(1, sku="C"))
    too_many = "FAILED_PRECONDITION TOO_MANY_LIMITS"
    assert await refused(any_house.limits.PutLimits(more, metadata=ERP)) == too_many
    await put(any_house, limit(0, sku="A"), limit(3, sku="B"))
    await any_house.limits.PutLimits(more, metadata=ERP)
    assert [each.sku for each in await listed(any_house)] == ["B", "C"]


async def test_another_replica_follows_what_is_put_and_knows_what_was(any_house: House) -> None:
    await put(any_house, limit(2), limit(4, sku="CORD"))
    known = KnownLimits(any_house.records)
    await known.load()
    assert set(known.of(["LAMP", "CORD", "BULB"])) == {"LAMP", "CORD"}

    await put(any_house, limit(0, sku="CORD"))
    async with background(known.follow(any_house.log)):
        await until(lambda: knows(known, {"LAMP": 2}))
        await put(any_house, limit(3), limit(1, sku="CORD"))
        await until(lambda: knows(known, {"LAMP": 3, "CORD": 1}))


async def test_what_is_told_late_does_not_bring_an_older_limit_back(house: House) -> None:
    known = KnownLimits(house.records)
    first = domain.Limit(sku="LAMP", quantity_max=2, revision=1)
    removed = replace(first, quantity_max=0, revision=2)
    known.take([removed])
    known.take([first])
    assert known.of(["LAMP"]) == {}


class Trimmed:
    """A log that once no longer has what follows."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.failures_left = 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    async def read(self, position: int, limit: int, names: Collection[str] = ()) -> Batch:
        if self.failures_left:
            self.failures_left -= 1
            raise CursorTooOldError("what follows is no longer kept")
        return await self._log.read(position, limit, names)


async def test_who_lost_the_log_reads_all_limits_anew(house: House) -> None:
    await put(house, limit(2), limit(4, sku="CORD"))
    known = KnownLimits(house.records)
    await known.load()
    await put(house, limit(0, sku="CORD"), limit(1, sku="BULB"))
    async with background(known.follow(cast(EventLog, Trimmed(house.log)))):
        await until(lambda: knows(known, {"LAMP": 2, "BULB": 1}))
        await put(house, limit(1, sku="CORD"))
        await until(lambda: knows(known, {"LAMP": 2, "BULB": 1, "CORD": 1}))


async def knows(known: KnownLimits, most: dict[str, int]) -> bool:
    """What a buyer may have of each that is limited."""
    found = known.of(["LAMP", "CORD", "BULB"])
    return {sku: each.quantity_max for sku, each in found.items()} == most
