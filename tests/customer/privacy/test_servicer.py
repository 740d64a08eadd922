"""Whoever is erased is known nowhere any more, however often it was begun and cut off."""

from collections.abc import Awaitable
from uuid import uuid4

import pytest
from comptoir.customer.v1 import profile_service_pb2 as profile_pb

from chassis.acts import ACTS
from chassis.mongo import Database
from chassis.mongo_records import MongoRecords
from services.customer.history.store import PURCHASES
from services.customer.kinds import KINDS
from services.customer.privacy.store import ERASURES
from tests.customer.history.test_servicer import purchase, taken_in
from tests.customer.house import (
    ASSOCIATE,
    GATEWAY,
    House,
    as_customer,
    events_of,
    opened_house,
    refresh,
    refused,
    sign_in,
)
from tests.customer.privacy.asking import ALL, erase, found, traces_of
from tests.customer.profile.test_import import ANNA, imported, reasons


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
