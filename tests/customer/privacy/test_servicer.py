"""Whoever is erased is known nowhere any more, however often it was begun and cut off."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any
from uuid import uuid4

import pytest
from comptoir.customer.v1 import privacy_service_pb2 as pb
from comptoir.customer.v1 import profile_service_pb2 as profile_pb

from chassis.acts import ACTS
from chassis.changes import Changed
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from chassis.records import Records, Ref, Where
from services.customer.history.store import PURCHASES
from services.customer.identity.store import CREDENTIALS, SESSIONS
from services.customer.kinds import KINDS
from services.customer.privacy.domain import Erasure
from services.customer.privacy.store import ERASURES
from services.customer.profile.domain import ImportedCustomer
from services.customer.profile.store import IMPORTED_CUSTOMERS, PROFILES
from tests.conftest import MakeRecords
from tests.customer.history.test_servicer import purchase, taken_in
from tests.customer.house import (
    ASSOCIATE,
    GATEWAY,
    Clock,
    House,
    as_customer,
    events_of,
    opened_house,
    refresh,
    refused,
    sign_in,
)
from tests.customer.profile.test_import import ANNA, imported, reasons
from tests.serving import calling_as

OFFICER = calling_as("officer", "client:customer.erase")
ALL = Where(limit=100)


@pytest.fixture
async def kept_house(records: MakeRecords) -> AsyncIterator[House]:
    """On both stores, for what depends on how records are kept."""
    clock = Clock()
    async with opened_house(await records((*KINDS, ACTS), clock=clock), clock) as opened:
        yield opened


async def erase(
    house: House, customer_id: str, *, request_id: str = "", cause: str = "letter 7"
) -> pb.EraseCustomerResponse:
    request = pb.EraseCustomerRequest(
        request_id=request_id or str(uuid4()), customer_id=customer_id, cause=cause
    )
    return await house.privacy.EraseCustomer(request, metadata=OFFICER)


async def found(house: House, **asked: str) -> list[tuple[str, bool]]:
    request = pb.FindCustomersRequest(**asked)
    answer = await house.privacy.FindCustomers(request, metadata=OFFICER)
    return [(each.customer_id, each.has_account) for each in answer.customers]


async def traces_of(house: House, customer_id: str) -> list[Any]:
    """All by which somebody could still be told, found or let in."""
    records, by_customer = house.records, Where(equal={"customer_id": customer_id}, limit=100)
    imported = await records.find(IMPORTED_CUSTOMERS, customer_id)
    live = Where(equal={"subject": customer_id, "ended": False}, limit=100)
    return [
        *await records.select(PROFILES, by_customer),
        *await records.select(CREDENTIALS, by_customer),
        *await records.select(SESSIONS, live),
        *([imported.address_hash] if imported and imported.address_hash else []),
        *await house.vault.readable([customer_id]),
    ]


async def test_an_erased_customer_is_known_by_no_way_that_led_to_them(kept_house: House) -> None:
    house = kept_house
    anna = await house.sign_up()
    customer_id = anna.profile.customer_id
    assert await found(house, email="Anna@example.com ") == [(customer_id, True)]

    await erase(house, customer_id)

    assert await traces_of(house, customer_id) == []
    assert await found(house, email="anna@example.com") == []
    profile = profile_pb.GetProfileRequest(customer_id=customer_id)
    calls: dict[str, list[Awaitable[object]]] = {
        "UNKNOWN_CUSTOMER": [
            house.profile.GetProfile(profile, metadata=as_customer(anna)),
            house.profile.GetProfile(profile, metadata=ASSOCIATE),
        ],
        "WRONG_CREDENTIALS": [house.identity.SignIn(sign_in(), metadata=GATEWAY)],
        "SESSION_ENDED": [
            house.identity.Refresh(refresh(anna.tokens.refresh_token), metadata=GATEWAY)
        ],
    }
    for reason, made in calls.items():
        assert [await refused(call) for call in made] == [reason] * len(made)


async def test_nothing_readable_is_left_in_what_lies_there_until_it_is_swept(
    database: Database,
) -> None:
    """The rows go within the hour, and into backups before that."""
    records = MongoRecords(database, (*KINDS, ACTS))
    await records.ensure_indexes()
    async with opened_house(records) as house:
        anna = await house.sign_up()
        update = profile_pb.UpdateProfileRequest(
            request_id=str(uuid4()), given_name="Anna", locale="fr", home_location_id="lyon"
        )
        await house.profile.UpdateProfile(update, metadata=as_customer(anna))
        await erase(house, anna.profile.customer_id)

    profile = await database.collection("profiles").find_one({})
    credentials = await database.collection("credentials").find_one({})
    assert profile is not None and credentials is not None
    assert (profile["email"], *profile["names"].values()) == (b"", b"", b"")
    assert (profile["home_location_id"], credentials["password_hash"]) == ("", "")
    await records.tend()
    for name in ("profiles", "credentials"):
        assert await database.collection(name).find_one({}) is None


async def test_their_address_is_free_and_who_takes_it_is_another(house: House) -> None:
    first = await house.sign_up()
    await erase(house, first.profile.customer_id)
    second = await house.sign_up()

    assert second.profile.customer_id != first.profile.customer_id
    # Nor does erasing the first again touch who has it now.
    await erase(house, first.profile.customer_id)
    assert await house.eraser.erase_listed() == 0
    await house.identity.SignIn(sign_in(), metadata=GATEWAY)


async def test_what_they_bought_stays_in_the_books(house: House) -> None:
    anna = await house.sign_up()
    await taken_in(house, [purchase("p-1", anna.profile.customer_id)])
    before = await house.records.select(PURCHASES, ALL)
    await erase(house, anna.profile.customer_id)
    assert await house.records.select(PURCHASES, ALL) == before != []


async def test_one_who_was_imported_is_found_by_address_and_source_and_stays_away(
    house: House,
) -> None:
    await imported(house, ANNA, ANNA | {"source_id": "crm-2"})
    anna = await house.sign_up()
    account_id = anna.profile.customer_id
    ((first_id, _),) = await found(house, source_id="crm-1")
    ((second_id, _),) = await found(house, source_id="crm-2")
    expected = [(account_id, True), (first_id, False), (second_id, False)]
    assert await found(house, email="anna@example.com") == sorted(expected)

    await erase(house, first_id)

    assert await found(house, source_id="crm-1") == []
    assert await found(house, email="anna@example.com") == sorted(set(expected) - {expected[1]})
    again = await imported(house, ANNA, ANNA | {"source_id": "crm-2"})
    assert reasons(again) == [(1, "CUSTOMER_ERASED")]


async def test_others_hear_that_they_were_erased_and_that_their_session_ended(
    house: House,
) -> None:
    anna = await house.sign_up()
    await erase(house, anna.profile.customer_id)
    told = await events_of(house.records)
    assert told[1:] == [
        ("customer_erased", anna.profile.customer_id),
        ("session_revoked", told[-1][1]),
    ]


@pytest.mark.parametrize(
    ("customer_id", "cause", "reason"),
    [
        ("nobody", "letter", "UNKNOWN_CUSTOMER"),
        ("", "letter", "UNKNOWN_CUSTOMER"),
        ("anna", " ", "INVALID_CAUSE"),
    ],
)
async def test_who_was_never_there_is_not_listed(
    house: House, customer_id: str, cause: str, reason: str
) -> None:
    assert await refused(erase(house, customer_id, cause=cause)) == reason
    assert await house.erasures.select(ERASURES, ALL) == []


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, "INVALID_PROFILE"),
        ({"email": "anna@example.com", "source_id": "crm-1"}, "INVALID_PROFILE"),
        ({"email": "anna"}, "INVALID_ADDRESS"),
        ({"source_id": "a\nb"}, "INVALID_PROFILE"),
    ],
)
async def test_one_of_the_two_is_asked_for(
    house: House, asked: dict[str, str], reason: str
) -> None:
    assert await refused(found(house, **asked)) == reason


async def test_it_is_done_once_however_often_it_is_asked_for_and_each_request_is_an_act(
    house: House,
) -> None:
    anna = await house.sign_up()
    customer_id, request_id = anna.profile.customer_id, str(uuid4())
    first = await erase(house, customer_id, request_id=request_id)
    house.clock.now = house.clock.now.replace(hour=18)
    again = [await erase(house, customer_id, request_id=request_id) for _ in range(2)]
    other = await erase(house, customer_id)

    assert {each.erase_time.seconds for each in (first, *again, other)} == {
        first.erase_time.seconds
    }
    acts = await house.records.select(ACTS, ALL)
    assert [(a.name, a.target, a.actor, a.cause) for a in acts] == [
        ("erase_customer", customer_id, "officer", "letter 7")
    ] * 2
    reused = erase(house, customer_id, request_id=request_id, cause="another")
    assert await refused(reused) == "REQUEST_ID_REUSED"


async def test_who_stands_on_the_list_is_erased_by_whoever_looks_next(kept_house: House) -> None:
    """As after an erasure that was cut off behind its first step, or a restore."""
    anna = await kept_house.sign_up()
    ben = await kept_house.sign_up("ben@example.com")
    await listed(kept_house.erasures, anna.profile.customer_id, "long gone")

    assert await kept_house.eraser.erase_listed() == 1
    assert await traces_of(kept_house, anna.profile.customer_id) == []
    assert await traces_of(kept_house, ben.profile.customer_id) != []
    assert await kept_house.eraser.erase_listed() == 0


@pytest.mark.parametrize("kind", [PROFILES, CREDENTIALS, SESSIONS, IMPORTED_CUSTOMERS])
async def test_each_thing_that_comes_back_alone_is_seen(house: House, kind: Any) -> None:
    """Of restored stores one may be older than the other."""
    customer_id = await anna_everywhere(house)
    before = await house.records.select(kind, ALL)
    await erase(house, customer_id)
    mine = [r for r in before if customer_id in (getattr(r, "subject", ""), id_of(r))]
    assert mine
    await put(house.records, kind, *mine)

    assert await traces_of(house, customer_id) != []
    assert await house.eraser.erase_listed() == 1
    assert await traces_of(house, customer_id) == []


async def test_a_list_of_many_pages_is_read_to_its_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.customer.privacy.workflow.PAGE", 2)
    people = [await house.sign_up(f"p{n}@example.com") for n in range(5)]
    await listed(house.erasures, *(person.profile.customer_id for person in people))
    assert await house.eraser.erase_listed() == 5


async def test_who_signs_in_while_they_are_erased_is_out_in_the_end(kept_house: House) -> None:
    anna = await kept_house.sign_up()

    async def signs_in() -> str:
        return await refused(kept_house.identity.SignIn(sign_in(), metadata=GATEWAY))

    results = await asyncio.gather(
        *(signs_in() for _ in range(4)), erase(kept_house, anna.profile.customer_id)
    )
    assert {r for r in results if isinstance(r, str)} <= {"", "WRONG_CREDENTIALS"}
    assert await traces_of(kept_house, anna.profile.customer_id) == []


async def anna_everywhere(house: House) -> str:
    """One with an account, who is also known under an imported address."""
    customer_id = (await house.sign_up()).profile.customer_id
    (credentials,) = await house.records.select(CREDENTIALS, ALL)
    row = ImportedCustomer(customer_id=customer_id, address_hash=credentials.address_hash)
    await put(house.records, IMPORTED_CUSTOMERS, row)
    return customer_id


def id_of(record: Any) -> str:
    return str(getattr(record, "customer_id", ""))


async def put(records: Records, kind: Any, *found: Any) -> None:
    await records.update(
        [Ref(kind, kind.key(record)) for record in found],
        lambda _: Changed(answer=None, records=found),
        answer=type(None),
        timeout_s=5,
    )


async def listed(erasures: Records, *customer_ids: str) -> None:
    now = Clock().now
    await put(
        erasures, ERASURES, *(Erasure(customer_id=each, erase_time=now) for each in customer_ids)
    )
