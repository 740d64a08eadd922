"""Customers of another system come in by their id there: sealed, once, and without an account."""

from collections.abc import AsyncIterator

import pytest
from comptoir.customer.v1 import profile_service_pb2 as pb
from comptoir.type.v1.rejection_pb2 import ImportProgress, Rejection

from chassis.memory_records import MemoryRecords
from chassis.records import Records, Where
from services.customer.identity.domain import address_hash
from services.customer.identity.store import CREDENTIALS
from services.customer.kinds import KINDS
from services.customer.profile.domain import Profile
from services.customer.profile.intake import imported_id
from services.customer.profile.store import IMPORTED_CUSTOMERS, PROFILES
from tests.conftest import MakeRecords
from tests.customer.house import (
    ADDRESS_KEY,
    GATEWAY,
    House,
    as_customer,
    events_of,
    opened_house,
    refused,
    sign_in,
    sign_up,
)
from tests.serving import calling_as

CRM = calling_as("crm", "client:customer.write")
ANNA = {"source_id": "crm-1", "email": "anna@example.com", "given_name": "Anna"}


async def imported(house: House, *customers: dict[str, str]) -> ImportProgress:
    """The last answer, with the rejections of all."""

    async def items() -> AsyncIterator[pb.ImportCustomersRequest]:
        for number, fields in enumerate(customers, 1):
            customer = pb.ImportedCustomer(**fields)
            yield pb.ImportCustomersRequest(number=number, customer=customer)

    last, rejections = ImportProgress(), list[Rejection]()
    async for answer in house.profile.ImportCustomers(items(), metadata=CRM):
        last, rejections = answer.progress, [*rejections, *answer.progress.rejections]
    return ImportProgress(
        written_count=last.written_count,
        unchanged_count=last.unchanged_count,
        rejections=rejections,
    )


def reasons(progress: ImportProgress) -> list[tuple[int, str]]:
    return [(rejection.number, rejection.reason) for rejection in progress.rejections]


async def kept(records: Records) -> list[Profile]:
    return await records.select(PROFILES, Where(limit=100))


async def test_one_comes_in_sealed_and_is_read_by_staff(house: House) -> None:
    await imported(house, {**ANNA, "family_name": "Martin", "locale": "en"})
    (profile,) = await kept(house.records)

    key = await house.vault.find(profile.customer_id)
    assert key is not None
    assert key.open("email", profile.email) == "anna@example.com"
    assert key.open("given_name", profile.names.given_name) == "Anna"
    assert b"nna" not in profile.email + profile.names.given_name
    assert (profile.locale, profile.revision) == ("en", 1)
    assert await events_of(house.records) == [("profile_changed", profile.customer_id)]


async def test_the_same_again_writes_nothing(records: MakeRecords) -> None:
    many = [{**ANNA, "source_id": f"crm-{n}"} for n in range(600)]
    async with opened_house(await records(KINDS)) as house:
        first, again = await imported(house, *many), await imported(house, *many)
        found = await kept(house.records)

    assert (first.written_count, first.unchanged_count) == (600, 0)
    assert (again.written_count, again.unchanged_count) == (0, 600)
    assert {profile.revision for profile in found} == {1}


async def test_what_changed_there_changes_here(house: House) -> None:
    await imported(house, ANNA)
    progress = await imported(house, {**ANNA, "email": "anna.martin@example.com"})
    (profile,) = await kept(house.records)
    (row,) = await house.records.select(IMPORTED_CUSTOMERS, Where(limit=9))

    assert (progress.written_count, profile.revision) == (1, 2)
    assert row.address_hash == address_hash(ADDRESS_KEY, "anna.martin@example.com")


async def test_two_with_one_address_both_come_in_and_are_found_by_it(house: House) -> None:
    await imported(house, ANNA, {**ANNA, "source_id": "crm-2", "email": "ANNA@example.com"})
    same = {"address_hash": address_hash(ADDRESS_KEY, "anna@example.com")}
    rows = await house.records.select(IMPORTED_CUSTOMERS, Where(equal=same, limit=9))

    assert {row.customer_id for row in rows} == {
        imported_id(ADDRESS_KEY, "crm-1"),
        imported_id(ADDRESS_KEY, "crm-2"),
    }


async def test_who_signs_up_with_an_imported_address_is_somebody_else(house: House) -> None:
    await imported(house, {**ANNA, "family_name": "Secret"})
    opened = await house.identity.SignUp(sign_up(), metadata=GATEWAY)
    imported_customer = imported_id(ADDRESS_KEY, "crm-1")

    assert opened.profile.customer_id != imported_customer
    assert opened.profile.family_name == "Martin"
    theirs = pb.GetProfileRequest(customer_id=imported_customer)
    call = house.profile.GetProfile(theirs, metadata=as_customer(opened))
    assert await refused(call) == "UNKNOWN_CUSTOMER"


async def test_an_imported_customer_cannot_sign_in(house: House) -> None:
    await imported(house, ANNA)

    assert await house.records.select(CREDENTIALS, Where(limit=1)) == []
    call = house.identity.SignIn(sign_in(), metadata=GATEWAY)
    assert await refused(call) == "WRONG_CREDENTIALS"


async def test_an_account_with_the_address_is_left_alone(house: House) -> None:
    opened = await house.sign_up()
    await imported(house, {**ANNA, "given_name": "Other"})

    own = await house.profile.GetProfile(pb.GetProfileRequest(), metadata=as_customer(opened))
    assert own.profile == opened.profile


async def test_one_that_was_erased_stays_so(house: House) -> None:
    await imported(house, ANNA)
    await house.vault.destroy(imported_id(ADDRESS_KEY, "crm-1"))
    progress = await imported(house, ANNA, {**ANNA, "source_id": "crm-2"})

    assert reasons(progress) == [(1, "CUSTOMER_ERASED")]
    assert progress.written_count == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"source_id": " "}, "INVALID_PROFILE"),
        ({"source_id": "x" * 129}, "INVALID_PROFILE"),
        ({"source_id": "a\nb"}, "INVALID_PROFILE"),
        ({"given_name": ""}, "INVALID_PROFILE"),
        ({"locale": "xx"}, "INVALID_PROFILE"),
        ({"email": "nobody"}, "INVALID_ADDRESS"),
    ],
)
async def test_a_bad_one_is_told_and_the_others_come_in(
    house: House, fields: dict[str, str], reason: str
) -> None:
    zoe = {**ANNA, "email": "zoe@example.com", "family_name": "Zola"}
    progress = await imported(house, {**zoe, **fields}, {**zoe, "source_id": "crm-2"})

    assert (reasons(progress), progress.written_count) == ([(1, reason)], 1)
    told = progress.rejections[0].message.lower()
    assert not any(text in told for text in ("zoe", "zola", "nobody"))


async def test_an_address_is_not_needed(house: House) -> None:
    await imported(house, {**ANNA, "email": ""}, {**ANNA, "source_id": "crm-2", "email": ""})
    rows = await house.records.select(IMPORTED_CUSTOMERS, Where(limit=9))

    assert [row.address_hash for row in rows] == [None, None]


async def test_nothing_that_is_kept_or_told_names_the_person_or_their_source(
    house: House,
) -> None:
    assert isinstance(house.records, MemoryRecords)
    await imported(house, {**ANNA, "source_id": "anna@example.com"})
    (row,) = await house.records.select(IMPORTED_CUSTOMERS, Where(limit=9))
    log = await house.records.log.read(0, 10)

    said = repr([await kept(house.records), row, log.events]).lower()
    assert "anna" not in said and "example" not in said
