"""The locker on both pages: a parcel goes in and is collected, or comes out again."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser

from tests.browser.buying import choose_shop, choose_slot, put_in
from tests.browser.conftest import PHONE, TABLET, enter
from tests.browser.looking import Looker, Scheme, looking_at
from tests.browser.screens import Screen, opened
from tests.cabinet import Cabinet
from tests.people import Person
from tests.shopping import DRILL, LOCKER, SAW, followed, ordered, picked_and_staged
from tests.suite import Stack
from tests.waiting import until

FRENCH = {"locale": "fr-FR", "scheme": "light", "behind": "porte", "collected": "Retirée"}
ENGLISH = {"locale": "en-GB", "scheme": "dark", "behind": "compartment", "collected": "Collected"}


async def closed(cabinet: Cabinet, order: Any, purpose: str) -> str:
    """The order's door, closed once it has been opened for this."""

    async def is_open() -> bool:
        return (await cabinet.of(order))[1].get("door") == purpose

    await until(is_open)
    name, _ = await cabinet.of(order)
    await cabinet.act("close", compartment=name)
    return name


@pytest.mark.parametrize("words", [FRENCH, ENGLISH], ids=["fr", "en"])
async def test_an_order_goes_from_phone_to_locker_and_is_collected_there(
    browser: Browser, stack: Stack, cabinet: Cabinet, seller: Person, words: Any
) -> None:
    scheme: Scheme = words["scheme"]
    wears = {"locale": words["locale"], "scheme": scheme}
    async with (
        opened(browser, f"{stack.url}/app", size=PHONE, **wears) as phone,
        opened(browser, f"{stack.url}/terminal", size=TABLET, **wears) as tablet,
    ):
        seen = looking_at(phone, scheme, PHONE)
        order = await bought(seen, seller)
        await picked_and_staged(seller, order)
        await enter(tablet, stack)
        at_work = looking_at(tablet, scheme, TABLET)
        door = await loaded(at_work, cabinet, order)
        await phone.sees(".order .lead", f"{words['behind']} {door}")
        await seen.look("a code for a door", ".qr path")

        async def is_offered() -> bool:
            return await cabinet.wants(order, "ready")

        await until(is_offered)
        code = (await phone.text(".digits")).replace("\n", "").replace(" ", "")
        opens = await cabinet.act("type", code=code)
        assert opens["answer"] == "OPEN", opens
        await phone.sees("h1", words["collected"])
        await seen.look("collected", "h1")
        await cabinet.act("close", compartment=door)
        seen.done()
        at_work.done()


async def bought(seen: Looker, seller: Person) -> Any:
    phone = seen.screen
    await choose_shop(phone)
    await put_in(phone, SAW)
    await phone.open("#/sign-up?next=%23%2Fbasket")
    await phone.fill("input[name=given_name]", "Jeanne")
    await phone.fill("input[name=email]", f"{uuid4().hex}@example.org")
    await phone.fill("input[name=password]", "quatre mots bien choisis")
    await seen.click(".form .primary")
    await phone.sees(".sum-bar .money")
    await choose_slot(phone, LOCKER)
    await seen.look("a review with a locker", "#pay-card[aria-checked=true]")
    await seen.click(".sum-bar .primary")
    await phone.sees(".steps")
    order_id = phone.page.url.rsplit("/", 1)[1]
    return (await seller.get(f"/v1/terminal/orders/{order_id}")).ok()


async def loaded(at_work: Looker, cabinet: Cabinet, order: Any) -> str:
    """The door behind which it lies."""
    tablet = at_work.screen
    await tablet.open(f"#/orders/{order['order_id']}")
    await at_work.look("loading", ".job-actions .primary")
    await at_work.click(".job-actions .primary")
    await at_work.look("an open door", ".waits")
    door = await closed(cabinet, order, "loading")
    await tablet.sees(".settled", door)
    await at_work.look("in the locker", ".settled")
    return door


async def test_a_parcel_is_taken_out_when_it_is_called_off(
    floor: Screen, cabinet: Cabinet, buyer: Person, seller: Person
) -> None:
    card = {"method": "reference", "reference": f"sim_card_{uuid4()}"}
    lines = [{"sku": DRILL, "quantity": 1}]
    order = await ordered(buyer, lines, point_id=LOCKER, payment=card)
    await picked_and_staged(seller, order)
    await floor.open(f"#/orders/{order['order_id']}")
    await floor.press("Ouvrir la porte")
    door = await closed(cabinet, order, "loading")
    await floor.sees(".settled", f"porte {door}")

    path = f"/v1/orders/{order['order_id']}/cancel"
    (await buyer.post(path, {"cause": "changed my mind"})).ok()
    await followed(buyer, order, "cancelled")
    await floor.sees(".job-total", "rien à payer")
    await floor.follow("Casier")
    row = f".empty-row:has-text('{door}')"
    looker = looking_at(floor, "light", TABLET)
    await looker.look("a parcel to take out", row)
    await floor.press("Ouvrir et retirer", within=row)
    await closed(cabinet, order, "taking_back")
    await floor.sees_no(row)
    looker.done()
