"""All of it by keyboard: what is reached, where one is put, and the journey in both languages."""

from uuid import uuid4

import pytest
from playwright.async_api import Browser

from tests.browser.buying import CLAMP, PASSWORD, TESTER, choose_shop, choose_slot, put_in, sign_up
from tests.browser.conftest import PHONE, TABLET
from tests.browser.keyboard import Hands
from tests.browser.screens import Screen, opened
from tests.browser.spoken import foreign_words
from tests.machines import enrolment_code
from tests.people import Person
from tests.shopping import COUNTER, SHOP, ordered, picked_and_staged
from tests.suite import Stack

FRENCH = {"locale": "fr-FR", "found": "trouvé", "over": "Remise", "collected": "Retirée"}
ENGLISH = {"locale": "en-GB", "found": "found", "over": "Handed over", "collected": "Collected"}


@pytest.mark.parametrize("words", [FRENCH, ENGLISH], ids=["fr", "en"])
async def test_an_order_goes_from_phone_to_hand_by_keyboard_alone(
    browser: Browser, stack: Stack, words: dict[str, str]
) -> None:
    locale = words["locale"]
    async with (
        opened(browser, f"{stack.url}/app", size=PHONE, locale=locale) as phone,
        opened(browser, f"{stack.url}/terminal", size=TABLET, locale=locale) as tablet,
    ):
        buyer, seller = Hands(phone), Hands(tablet)
        await choose(buyer)
        await pay(buyer)
        await phone.sees(".steps")
        label = await phone.text(".order-label strong")
        await sign_in(seller, stack)
        await pick(seller, label)
        await phone.sees(".digits")
        await hand_over(seller, (await phone.text(".digits")).replace("\n", "").replace(" ", ""))
        await seller.lands(".settled h2")
        await tablet.sees(".settled h2", words["over"])
        await phone.sees("h1", words["collected"])
        assert await foreign_words(phone.page) + await foreign_words(tablet.page) == []


async def choose(buyer: Hands) -> None:
    """A shop, a product in it, and one of that into the basket."""
    await buyer.screen.sees(".tile")
    await buyer.press("Tab")
    assert await buyer.is_at(".skip")
    await buyer.press("Enter")
    await buyer.lands("main")
    await buyer.do(".notice")
    await buyer.lands("h1")
    await buyer.do(".option:has(strong:text-is('Paris Bastille'))")
    await buyer.screen.sees(".shop-link", "Paris Bastille")
    await buyer.fill(".search-input", TESTER)
    await buyer.press("Enter")
    await buyer.do(".card")
    await buyer.lands("h1")
    await buyer.do(".buy .primary")
    await buyer.do(".toast a")
    await buyer.lands("h1")


async def pay(buyer: Hands) -> None:
    """From the basket to an order, with an account that is made on the way."""
    await buyer.do(".sum-bar .primary")
    await buyer.reach("[role=radio][aria-checked=true]")
    await buyer.do(f"[data-point={COUNTER}] .slot", key="Space")
    await buyer.lands(".slot[aria-pressed=true]")
    await buyer.do(".sum-bar .primary")
    await buyer.do(".sign-other a")
    await buyer.lands("h1")
    await buyer.fill("input[name=given_name]", "Jeanne")
    await buyer.fill("input[name=email]", f"{uuid4().hex}@example.org")
    await buyer.fill("input[name=password]", PASSWORD)
    await buyer.press("Enter")
    await buyer.do("#pay-at_counter", key="Space")
    await buyer.do(".sum-bar .primary")


async def sign_in(seller: Hands, stack: Stack) -> None:
    member = stack.accounts["staff"][0]
    await seller.fill("input[name=code]", await enrolment_code(stack, SHOP))
    await seller.press("Enter")
    await seller.fill("input[name=badge]", member["badge"])
    await seller.fill("input[name=pin]", member["pin"])
    await seller.press("Enter")
    await seller.lands("main h1")


async def pick(seller: Hands, label: str) -> None:
    await seller.fill(".find", label)
    await seller.do(f".ticket:has(.ticket-label:text-is('{label}'))")
    await seller.lands("h1")
    await seller.do(".job-actions [data-key=all]")
    await seller.lands(".stage-title")
    await seller.fill(".bin-input", "B-7")
    await seller.press("Enter")


async def hand_over(seller: Hands, code: str) -> None:
    await seller.lands(".counter h2")
    await seller.do(".due-toggle", key="Space")
    await seller.fill(".code-input", code)


async def test_one_line_after_the_other_is_found_with_one_key(floor: Screen, buyer: Person) -> None:
    lines = [{"sku": TESTER, "quantity": 1}, {"sku": CLAMP, "quantity": 2}]
    order = await ordered(buyer, lines, point_id=COUNTER)
    hands = Hands(floor)
    await floor.open(f"#/orders/{order['order_id']}")
    await hands.do(".job-actions [data-key=all]")
    await floor.sees(".pick-progress", "1 ligne")
    await floor.sees(".job-actions [data-key=all]", "2")
    assert await hands.is_at(".job-actions [data-key=all]")
    await hands.press("Enter")
    await hands.lands(".stage-title")


async def test_places_and_payments_are_chosen_with_the_arrows(phone: Screen) -> None:
    await choose_shop(phone)
    await put_in(phone, CLAMP)
    await choose_slot(phone, COUNTER)
    await sign_up(phone)
    await phone.sees("#pay-at_counter[aria-checked=true]")
    hands = Hands(phone)
    await hands.reach("[role=radio]")
    await hands.press("ArrowDown")
    await hands.lands("#pay-card[aria-checked=true]")
    await hands.press("ArrowDown")
    await hands.lands("#pay-at_counter[aria-checked=true]")
    await hands.press("Tab")
    assert await hands.is_at(".sum-bar .primary")


async def test_a_question_holds_the_keyboard_and_gives_it_back(
    floor: Screen, buyer: Person
) -> None:
    order = await ordered(buyer, [{"sku": TESTER, "quantity": 2}], point_id=COUNTER)
    hands = Hands(floor)
    await floor.open(f"#/orders/{order['order_id']}")
    await hands.do(".job-actions [data-key=other]")
    await hands.lands(".dialog *")
    for _ in range(6):
        await hands.press("Tab")
        assert await hands.is_at(".dialog *, body")  # The browser's own bar comes in between.
    await hands.press("Escape")
    await floor.sees_no(".dialog")
    assert await hands.is_at(".job-actions [data-key=other]")


async def test_what_the_shop_does_meanwhile_does_not_take_the_keyboard_away(
    phone: Screen, seller: Person, buyer: Person, floor: Screen
) -> None:
    order = await ordered(buyer, [{"sku": TESTER, "quantity": 1}], point_id=COUNTER)
    hands = Hands(floor)
    await hands.reach(".filters [data-key=ready]")
    await picked_and_staged(seller, order)
    await floor.sees(".choice-count")
    await floor.page.wait_for_function(
        "label => document.querySelector('.queue').textContent.includes(label) === false",
        arg=order["label"],
    )
    assert await hands.is_at(".filters [data-key=ready]")


async def test_the_language_is_changed_without_losing_ones_place(phone: Screen) -> None:
    await phone.open("#/account")
    hands = Hands(phone)
    await hands.do(".choice[lang=en]")
    await phone.sees("h1", "Account")
    assert await hands.is_at(".choice[lang=en]")


async def test_whoever_types_into_the_search_field_types_on(phone: Screen) -> None:
    await phone.open("#/search?q=")
    await phone.sees(".card")
    hands = Hands(phone)
    await phone.locator(".search-input").focus()
    await hands.write("perceuse")
    await phone.sees("h1", "perceuse")
    await hands.write(" 18")
    await phone.sees("h1", "perceuse 18")


async def test_a_list_that_grows_lets_the_keyboard_through_and_goes_on_where_it_grew(
    phone: Screen,
) -> None:
    await phone.open("#/search?q=")
    await phone.sees(".card")
    hands = Hands(phone)
    await phone.locator(".card").first.focus()
    await hands.do(".list-foot .button")
    await hands.lands("li:nth-child(25) > .card")
    await phone.open("#/c/drills")
    await phone.sees("h1", "Perceuses")
    await hands.reach(".tab")


async def test_a_line_that_is_taken_out_leaves_the_keyboard_at_the_heading(phone: Screen) -> None:
    for sku in (TESTER, CLAMP):
        await put_in(phone, sku)
    await phone.open("#/basket")
    hands = Hands(phone)
    await hands.do(".line-tools > .icon-button")
    await hands.lands("h1")
    await hands.do(".toast .button")
    await phone.sees(".line:nth-child(2)")
    await hands.lands("h1")


async def test_a_message_is_put_away_with_escape(phone: Screen) -> None:
    await put_in(phone, TESTER)
    await phone.page.keyboard.press("Escape")
    await phone.sees_no(".toast")


async def test_nothing_comes_before_its_turn(phone: Screen, floor: Screen) -> None:
    for screen in (phone, floor):
        assert (
            await screen.locator("[tabindex]:not([tabindex='0']):not([tabindex='-1'])").count() == 0
        )
    hands = Hands(floor)
    await floor.page.evaluate("document.activeElement.blur()")
    await hands.press("Tab")
    await hands.reach(".skip")
    await hands.press("Enter")
    await hands.lands("main h1")
