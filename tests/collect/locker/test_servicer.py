"""Enrolment, tokens and the list of cabinets, through a real server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import grpc
import pytest
from comptoir.collect.v1 import locker_service_pb2 as pb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.auth import Verifier, trusted
from chassis.clock import utc_now
from chassis.events import MemoryLog
from chassis.mongo import Database
from services.collect.locker.cabinet import Use, UseState
from services.collect.locker.domain import called_off, kept
from services.collect.locker.enrolment import statement
from services.collect.point.domain import Size
from tests.collect.locker.cabinets import KEY, OTHER_KEY, PUBLIC_KEY, cabinet, found, put
from tests.collect.locker.house import KINDS, OPERATOR, House, open_house
from tests.conftest import MakeRecords
from tests.serving import Metadata, calling_as, reason_of

ASSOCIATE = calling_as("anna", "staff:associate", locations=("paris",))


@pytest.fixture
async def houses(records: MakeRecords) -> AsyncIterator[House]:
    """On memory, and on MongoDB."""
    made = await records(KINDS)
    await put(made, cabinet())
    async with open_house(made, MemoryLog()) as opened:
        yield opened


async def code_made(
    house: House,
    *,
    request_id: str = "",
    metadata: Metadata = OPERATOR,
    cabinet_id: str = "c-paris",
) -> pb.CreateCabinetCodeResponse:
    request = pb.CreateCabinetCodeRequest(
        request_id=request_id or str(uuid4()), cabinet_id=cabinet_id
    )
    return await house.stub.CreateCabinetCode(request, metadata=metadata)


async def enrolled(house: House, code: str, **fields: Any) -> pb.EnrolCabinetResponse:
    given = {"request_id": str(uuid4()), "cabinet_id": "c-paris", "public_key": PUBLIC_KEY}
    return await house.stub.EnrolCabinet(pb.EnrolCabinetRequest(code=code, **given | fields))


def stated(
    *,
    key: Ed25519PrivateKey = KEY,
    nonce: bytes = b"n" * 16,
    at: datetime | None = None,
    cabinet_id: str = "c-paris",
) -> pb.IssueCabinetTokenRequest:
    signed_at = at or utc_now()
    request = pb.IssueCabinetTokenRequest(
        cabinet_id=cabinet_id,
        nonce=nonce,
        signature=key.sign(statement(cabinet_id, signed_at, nonce)),
    )
    request.sign_time.FromSeconds(int(signed_at.timestamp()))
    return request


async def refusal(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return reason_of(caught.value)


async def let_in(house: House) -> House:
    await enrolled(house, (await code_made(house)).code)
    return house


async def test_a_code_of_twelve_letters_is_good_for_a_day(house: House) -> None:
    made = await code_made(house)

    assert len(made.code) == 12
    left = made.expire_time.ToDatetime(utc_now().tzinfo) - utc_now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)


async def test_a_repeat_gets_the_same_code(houses: House) -> None:
    request_id = str(uuid4())

    assert await code_made(houses, request_id=request_id) == await code_made(
        houses, request_id=request_id
    )


@pytest.mark.parametrize(
    ("metadata", "cabinet_id"),
    [
        (OPERATOR, "c-nowhere"),
        (calling_as("olga", "staff:operator", locations=("lyon",)), "c-paris"),
    ],
    ids=["not there", "not theirs"],
)
async def test_a_code_is_made_for_a_cabinet_of_ones_shops(
    house: House, metadata: Metadata, cabinet_id: str
) -> None:
    made = code_made(house, metadata=metadata, cabinet_id=cabinet_id)

    assert await refusal(made) == "UNKNOWN_CABINET"


async def test_machine_clients_enrol_any_cabinet(house: House) -> None:
    assert (await code_made(house, metadata=calling_as("it", "client:locker.enrol"))).code


async def test_the_code_enrols_a_key(houses: House) -> None:
    made = await code_made(houses)

    assert (await enrolled(houses, made.code)).cabinet_id == "c-paris"
    assert (await found(houses.records)).public_key == PUBLIC_KEY


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"code": "AAAAAAAAAAAA"}, "WRONG_CODE"),
        ({"cabinet_id": "c-nowhere"}, "WRONG_CODE"),
        ({"public_key": b"short"}, "INVALID_KEY"),
        ({"request_id": "1"}, "INVALID_REQUEST_ID"),
    ],
)
async def test_what_does_not_fit_enrols_nothing(
    house: House, fields: dict[str, Any], reason: str
) -> None:
    made = await code_made(house)

    assert await refusal(enrolled(house, **{"code": made.code} | fields)) == reason


async def test_a_lost_answer_may_be_asked_for_again(houses: House) -> None:
    made, request_id = await code_made(houses), str(uuid4())
    await enrolled(houses, made.code, request_id=request_id)

    assert (await enrolled(houses, made.code, request_id=request_id)).cabinet_id == "c-paris"
    assert (await enrolled(houses, made.code)).cabinet_id == "c-paris"


async def test_of_ten_keys_with_one_code_one_gets_in(houses: House) -> None:
    made = await code_made(houses)
    keys = [Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(10)]
    outcomes = await asyncio.gather(
        *(enrolled(houses, made.code, public_key=key) for key in keys), return_exceptions=True
    )

    let_in = [key for key, outcome in zip(keys, outcomes, strict=True) if not is_error(outcome)]
    assert [(await found(houses.records)).public_key] == let_in
    reasons = {reason_of(o) for o in outcomes if isinstance(o, Exception)}
    assert reasons <= {"WRONG_CODE", "TOO_MANY_ATTEMPTS"}


async def test_neither_codes_nor_digits_lie_in_the_database(
    database: Database, mongo_records: MakeRecords
) -> None:
    records = await mongo_records(KINDS)
    await records.ensure_indexes()
    await put(records, cabinet())
    async with open_house(records, MemoryLog()) as house:
        made = await code_made(house)
        await enrolled(house, made.code)
    documents = [
        str(document)
        for name in await database.collection_names()
        async for document in database.collection(name).find({})
    ]

    assert any("c-paris" in document for document in documents)
    assert not any(made.code in document for document in documents)


async def test_a_statement_gets_a_token_of_a_locker_bound_to_its_key(houses: House) -> None:
    await let_in(houses)
    issued = await houses.stub.IssueCabinetToken(stated())
    table = trusted({"collect": houses.issuer.keyring.public_keys})
    who = await Verifier("collect", table).verify(issued.access_token)

    assert (who.subject, who.grants) == ("c-paris", frozenset({"locker"}))
    assert who.session_id == PUBLIC_KEY.hex()
    left = issued.access_expire_time.ToDatetime(utc_now().tzinfo) - utc_now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)


async def test_of_a_statement_sent_ten_times_at_once_one_gets_a_token(houses: House) -> None:
    await let_in(houses)
    request = stated()
    outcomes = await asyncio.gather(
        *(houses.stub.IssueCabinetToken(request) for _ in range(10)), return_exceptions=True
    )

    refused = [reason_of(outcome) for outcome in outcomes if isinstance(outcome, Exception)]
    assert refused == ["UNKNOWN_CABINET_KEY"] * 9


@pytest.mark.parametrize(
    "request_",
    [
        stated(key=OTHER_KEY),
        stated(cabinet_id="c-nowhere"),
        stated(nonce=b"short"),
        stated(at=utc_now() - timedelta(minutes=30)),
        pb.IssueCabinetTokenRequest(cabinet_id="c-paris"),
    ],
    ids=["another key", "not there", "short nonce", "old", "empty"],
)
async def test_no_other_statement_gets_a_token(
    house: House, request_: pb.IssueCabinetTokenRequest
) -> None:
    await let_in(house)

    assert await refusal(house.stub.IssueCabinetToken(request_)) == "UNKNOWN_CABINET_KEY"


async def test_a_replaced_key_gets_no_token(house: House) -> None:
    await let_in(house)
    await code_made(house)

    assert await refusal(house.stub.IssueCabinetToken(stated())) == "UNKNOWN_CABINET_KEY"


async def listed(house: House, location_id: str = "paris", **fields: Any) -> Any:
    request = pb.ListCabinetsRequest(location_id=location_id, **fields)
    return await house.stub.ListCabinets(request, metadata=ASSOCIATE)


async def test_staff_see_what_is_free_and_what_is_to_be_taken_out(house: House) -> None:
    now = utc_now()
    full = replace(cabinet(A1=Size.S, A2=Size.S, A3=Size.S), seen_time=now)
    for order_id in ("o1", "o2"):
        full = kept(full, order_id=order_id, size=Size.S, now=now)
    use = replace(full.uses[0], asked=True, loaded=True)
    off = called_off(replace(full, uses=(use, *full.uses[1:])), "o1")
    await put(house.records, replace(off, uses=(to_empty(off.uses[0]), *off.uses[1:])))

    (shown,) = (await listed(house)).cabinets
    assert (shown.cabinet_id, shown.point_id, shown.online) == ("c-paris", "paris-locker", True)
    assert (shown.free_count, shown.total_count) == (1, 3)
    assert [(each.compartment_id, each.order_id) for each in shown.to_empty] == [("A1", "o1")]


@pytest.mark.parametrize("silent_s", [60, 3600])
async def test_a_cabinet_that_was_not_heard_for_a_minute_is_not_there(
    house: House, silent_s: int
) -> None:
    silent = replace(cabinet(), seen_time=utc_now() - timedelta(seconds=silent_s))
    await put(house.records, silent)

    assert not (await listed(house)).cabinets[0].online


@pytest.mark.parametrize("location_id", ["lyon", "", "nowhere"])
async def test_another_shop_has_no_cabinets(house: House, location_id: str) -> None:
    await put(house.records, replace(cabinet(), cabinet_id="c-lyon", location_id="lyon"))

    assert not (await listed(house, location_id)).cabinets


async def test_cabinets_come_page_by_page(houses: House) -> None:
    for number in range(4):
        await put(houses.records, replace(cabinet(), cabinet_id=f"d-{number}"))
    first = await listed(houses, page_size=3)
    second = await listed(houses, page_size=3, page_token=first.next_page_token)

    pages = [[each.cabinet_id for each in page.cabinets] for page in (first, second)]
    assert pages == [["c-paris", "d-0", "d-1"], ["d-2", "d-3"]]
    assert second.next_page_token == ""


async def test_a_page_token_of_another_list_is_refused(house: House) -> None:
    await put(house.records, replace(cabinet(), cabinet_id="d-1"))
    token = (await listed(house, page_size=1)).next_page_token

    assert await refusal(listed(house, "lyon", page_token=token)) == "INVALID_PAGE"


def to_empty(use: Use) -> Use:
    return replace(use, state=UseState.TO_EMPTY)


def is_error(outcome: object) -> bool:
    return isinstance(outcome, BaseException)
