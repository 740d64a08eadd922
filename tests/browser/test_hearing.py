"""What somebody hears who does not see the pages: what changes, what is wrong, how it is said."""

import json

import pytest
from playwright.async_api import Browser, Route

from tests.browser.buying import CLAMP, RULE, order
from tests.browser.conftest import TABLET, enter
from tests.browser.hearing import heard
from tests.browser.screens import Screen, opened
from tests.people import Person
from tests.shopping import COUNTER, ordered, picked_and_staged
from tests.suite import Stack
from tests.waiting import until

TITLES = {
    "#/": "Fargue",
    "#/c/drills": "Perceuses et visseuses · Fargue",
    f"#/p/{RULE}": "Mètre pliant en hêtre 2 m · Fargue",
    "#/shop": "Votre magasin · Fargue",
    "#/basket": "Panier · Fargue",
    "#/sign-in": "Se connecter · Fargue",
    "#/nowhere": "Rien ici · Fargue",
}
LANG = "selector => document.querySelector(selector).closest('[lang]').lang"


async def says(screen: Screen, words: str) -> None:
    """Wait until it is told to whoever listens, wherever the focus is."""

    async def told() -> bool:
        parts = await heard(screen.page)
        live = [at for at, part in enumerate(parts) if part.role in ("status", "alert")]
        return any(words in part.name for at in live for part in parts[at : at + 6])

    await until(told)


async def test_a_customer_hears_that_the_order_is_ready(phone: Screen, seller: Person) -> None:
    order_id = await order(phone, CLAMP, COUNTER)
    placed = (await seller.get(f"/v1/terminal/orders/{order_id}")).ok()
    await picked_and_staged(seller, placed)
    await says(phone, f"Commande {placed['label']}\u00a0: Prête")


async def test_an_associate_hears_of_a_new_order(floor: Screen, buyer: Person) -> None:
    await floor.sees(".side .state, .ticket")
    placed = await ordered(buyer, [{"sku": CLAMP, "quantity": 1}], point_id=COUNTER)
    await says(floor, f"Nouvelle commande : {placed['label']}")


async def test_what_is_wrong_with_a_form_is_heard_and_belongs_to_its_field(phone: Screen) -> None:
    await phone.open("#/sign-in")
    await phone.fill("input[name=email]", "nobody")
    await phone.press("Se connecter", within=".form")
    await says(phone, "Une adresse ressemble")
    described = await phone.locator("input[name=email]").evaluate(
        "one => one.getAttribute('aria-describedby').split(' ')"
        ".map(id => document.getElementById(id)?.textContent ?? '').join('')"
    )
    assert "Une adresse ressemble" in described


async def test_each_view_has_a_title_of_its_own(phone: Screen) -> None:
    for hash_, title in TITLES.items():
        await phone.open(hash_)
        await phone.page.wait_for_function("title => document.title === title", arg=title)


async def test_each_view_of_the_terminal_has_a_title_of_its_own(
    browser: Browser, stack: Stack, buyer: Person
) -> None:
    placed = await ordered(buyer, [{"sku": CLAMP, "quantity": 1}], point_id=COUNTER)
    async with opened(browser, f"{stack.url}/terminal", size=TABLET, locale="en-GB") as tablet:
        await tablet.sees("h1")
        assert await tablet.page.title() == "Enrol this terminal · Comptoir"
        await enter(tablet, stack)
        await tablet.open(f"#/orders/{placed['order_id']}")
        await tablet.sees(".job-head h1", placed["label"])
        assert await tablet.page.title() == f"{placed['label']} · Comptoir"


@pytest.mark.parametrize("selector", [".product h1", ".product-text .prose"])
async def test_what_is_written_in_one_language_only_says_which(
    english_phone: Screen, selector: str
) -> None:
    async def only_french(route: Route) -> None:
        answer = await route.fetch()
        product = {**await answer.json(), "title": "Mètre pliant", "locale": "fr"}
        await route.fulfill(response=answer, body=json.dumps(product))

    await english_phone.page.route(f"**/v1/products/{RULE}?*", only_french)
    await english_phone.open(f"#/p/{RULE}")
    await english_phone.sees(selector)
    assert await english_phone.page.evaluate(LANG, selector) == "fr"
    assert await english_phone.page.evaluate(LANG, ".buy .primary") == "en"
