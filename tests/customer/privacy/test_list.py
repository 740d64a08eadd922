"""Whoever stands on the list is erased, whatever came back or was cut off."""

import asyncio
from typing import Any

import pytest

from services.customer.identity.store import CREDENTIALS, SESSIONS
from services.customer.profile.store import IMPORTED_CUSTOMERS, PROFILES
from tests.customer.house import (
    GATEWAY,
    House,
    opened_house,
    refused,
    sign_in,
)
from tests.customer.privacy.asking import (
    ALL,
    anna_everywhere,
    erase,
    found,
    id_of,
    listed,
    put,
    traces_of,
)
from tests.customer.profile.test_import import ANNA, imported, reasons


async def test_who_stands_on_the_list_is_erased_by_whoever_looks_next(kept_house: House) -> None:
    """As after an erasure that was cut off behind its first step, or a restore."""
    anna = await kept_house.sign_up()
    ben = await kept_house.sign_up("ben@example.com")
    await listed(kept_house.erasures, anna.profile.customer_id)

    assert await kept_house.eraser.erase_listed() == 1
    assert await traces_of(kept_house, anna.profile.customer_id) == []
    assert await traces_of(kept_house, ben.profile.customer_id) != []
    assert await kept_house.eraser.erase_listed() == 0


async def test_one_whose_key_was_lost_with_its_end_is_given_no_other(house: House) -> None:
    """As after a restore of the keys to before they came: the next import would bring them."""
    await imported(house, ANNA)
    ((customer_id, _),) = await found(house, source_id="crm-1")
    async with opened_house() as restored:
        await listed(restored.erasures, customer_id)
        assert await restored.eraser.erase_listed() == 1
        assert reasons(await imported(restored, ANNA)) == [(1, "CUSTOMER_ERASED")]
        assert await restored.eraser.erase_listed() == 0


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
