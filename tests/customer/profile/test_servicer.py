"""Profiles through a real server and stub."""

from uuid import uuid4

import pytest
from comptoir.customer.v1 import profile_service_pb2 as pb

from chassis.records import Where
from services.customer.profile.store import STAFF_READS
from tests.customer.house import ASSOCIATE, House, as_customer, events_of, refused


def update(
    revision: int = 0, request_id: str = "", given_name: str = "Anne", locale: str = "en"
) -> pb.UpdateProfileRequest:
    return pb.UpdateProfileRequest(
        request_id=request_id or str(uuid4()),
        given_name=given_name,
        family_name="Martin",
        locale=locale,
        home_location_id="lyon",
        revision=revision,
    )


def get(customer_id: str = "") -> pb.GetProfileRequest:
    return pb.GetProfileRequest(customer_id=customer_id)


async def test_customers_read_their_own_profile(house: House) -> None:
    made = await house.sign_up()
    own, named = as_customer(made), get(made.profile.customer_id)

    assert (await house.profile.GetProfile(get(), metadata=own)).profile == made.profile
    assert (await house.profile.GetProfile(named, metadata=own)).profile == made.profile


async def test_another_customers_profile_does_not_exist(house: House) -> None:
    annas, bens = await house.sign_up(), await house.sign_up("ben@example.com")

    for customer_id in (bens.profile.customer_id, str(uuid4())):
        call = house.profile.GetProfile(get(customer_id), metadata=as_customer(annas))
        assert await refused(call) == "UNKNOWN_CUSTOMER"


async def test_staff_see_who_it_is_but_not_their_address(house: House) -> None:
    made = (await house.sign_up()).profile
    shown = (await house.profile.GetProfile(get(made.customer_id), metadata=ASSOCIATE)).profile

    assert (shown.given_name, shown.family_name) == ("Anna", "Martin")
    assert shown.email == ""


async def test_a_staff_read_is_logged(house: House) -> None:
    made = (await house.sign_up()).profile
    await house.profile.GetProfile(get(made.customer_id), metadata=ASSOCIATE)

    (read,) = await house.records.select(STAFF_READS, Where(limit=10))
    assert (read.staff_id, read.customer_id, read.method, read.read_time) == (
        "carl",
        made.customer_id,
        "GetProfile",
        house.clock.now,
    )


async def test_ones_own_read_is_not_logged(house: House) -> None:
    made = await house.sign_up()
    await house.profile.GetProfile(get(), metadata=as_customer(made))

    assert await house.records.select(STAFF_READS, Where(limit=10)) == []


@pytest.mark.parametrize("customer_id", ["", "nobody", "x" * 100_000])
async def test_staff_must_say_whose_profile(house: House, customer_id: str) -> None:
    call = house.profile.GetProfile(get(customer_id), metadata=ASSOCIATE)
    assert await refused(call) == "UNKNOWN_CUSTOMER"


async def test_customers_correct_their_profile(house: House) -> None:
    own = as_customer(await house.sign_up())
    after = (await house.profile.UpdateProfile(update(revision=1), metadata=own)).profile

    assert (after.given_name, after.locale, after.home_location_id) == ("Anne", "en", "lyon")
    assert (after.email, after.revision) == ("anna@example.com", 2)
    assert (await house.profile.GetProfile(get(), metadata=own)).profile == after
    told = [name for name, _ in await events_of(house.records)]
    assert told == ["profile_changed", "profile_changed"]


async def test_a_repeated_correction_is_one(house: House) -> None:
    own, request = as_customer(await house.sign_up()), update()
    first = await house.profile.UpdateProfile(request, metadata=own)

    assert await house.profile.UpdateProfile(request, metadata=own) == first


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (update(revision=2), "REVISION_CHANGED"),
        (update(given_name=" "), "INVALID_PROFILE"),
        (update(locale=""), "INVALID_PROFILE"),
        (update(request_id="1"), "INVALID_REQUEST_ID"),
    ],
)
async def test_a_refused_correction_says_why(
    house: House, request_: pb.UpdateProfileRequest, reason: str
) -> None:
    own = as_customer(await house.sign_up())

    assert await refused(house.profile.UpdateProfile(request_, metadata=own)) == reason


async def test_the_same_request_id_with_another_name_is_refused(house: House) -> None:
    own, request_id = as_customer(await house.sign_up()), str(uuid4())
    await house.profile.UpdateProfile(update(request_id=request_id), metadata=own)

    other = update(request_id=request_id, given_name="Annie")
    assert await refused(house.profile.UpdateProfile(other, metadata=own)) == "REQUEST_ID_REUSED"


async def test_without_its_key_a_profile_is_nobodys(house: House) -> None:
    made = await house.sign_up()
    await house.vault.destroy(made.profile.customer_id)

    own = as_customer(made)
    named = get(made.profile.customer_id)
    assert await refused(house.profile.GetProfile(get(), metadata=own)) == "UNKNOWN_CUSTOMER"
    assert await refused(house.profile.GetProfile(named, metadata=ASSOCIATE)) == "UNKNOWN_CUSTOMER"
    assert await refused(house.profile.UpdateProfile(update(), metadata=own)) == "UNKNOWN_CUSTOMER"
