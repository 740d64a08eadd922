"""Every view of both pages in both languages, looks and sizes: as axe-core sees it, as a screen
reader hears it, and whether it says a word of the other language."""

from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser

from tests.browser.buying import METER, PASSWORD, RULE
from tests.browser.conftest import PHONE, TABLET
from tests.browser.looking import SCHEMES, Looker, Scheme, looking_at
from tests.browser.screens import opened
from tests.machines import enrolment_code
from tests.people import PASSWORD as ANYBODYS_PASSWORD
from tests.people import Person
from tests.shopping import COUNTER, SHOP, ordered, picked_and_staged, slot_at
from tests.suite import Stack
from tests.waiting import until

LOOKS = pytest.mark.parametrize(("locale", "scheme"), [("fr-FR", "light"), ("en-GB", "dark")])
# It is long, and each article is made as the others of its method are.
LIKE_OTHERS = """() => document
  .querySelectorAll('article:nth-of-type(n+4):nth-last-of-type(n+4):not(:has(.put, .delete))')
  .forEach(article => article.remove())"""
# What no view needs more than a hash for, and what shows that it is there.
VISITORS_VIEWS = {
    "#/": ".tile",
    "#/search?q=": ".card",
    "#/search?q=zzzzzz": ".state",
    "#/c/drills": ".card",
    f"#/p/{RULE}": ".facts",
    "#/shop": ".option",
    "#/basket": ".state",
    "#/orders": ".state",
    "#/account": ".choices",
    "#/sign-in": ".form",
    "#/nowhere": ".state",
}
CUSTOMERS_VIEWS = {"#/orders": ".row", "#/purchases": ".state", "#/account": ".account-mail"}
FLOOR_VIEWS = {
    "#/": ".ticket",
    "#/scan": ".state",
    "#/cabinets": ".doors",
    "#/device": ".device",
}


@LOOKS
async def test_no_view_of_the_app_shuts_anybody_out(
    browser: Browser, stack: Stack, buyer: Person, seller: Person, locale: str, scheme: Scheme
) -> None:
    url = f"{stack.url}/app"
    async with opened(browser, url, size=PHONE, locale=locale, scheme=scheme) as phone:
        looker = looking_at(phone, scheme, PHONE)
        await looker.walk(VISITORS_VIEWS)
        await who_came_before(looker, buyer, seller)
        await phone.open("#/shop")
        await looker.click(".option:has-text('Paris Bastille')")
        await signed_up(looker)
        order_id = await bought(looker)
        order = (await seller.get(f"/v1/terminal/orders/{order_id}")).ok()
        await picked_and_staged(seller, order)
        await looker.look("a code", ".qr path")
        await looker.click(".order-foot .button")
        await looker.look("a question", ".dialog")
        await phone.page.keyboard.press("Escape")
        await looker.walk(CUSTOMERS_VIEWS)
        await phone.offline(True)
        await phone.open("#/c/saws")
        await looker.look("no line", ".note.is-down")
        await phone.offline(False)
        await phone.page.context.clear_cookies()
        await phone.reload()
        await looker.look("a session that is over", ".toast-alert")
        looker.done()


async def who_came_before(looker: Looker, buyer: Person, seller: Person) -> None:
    """Signing in, at first wrongly, to what was bought, called off and declined before."""
    phone = looker.screen
    language = await phone.page.evaluate("document.documentElement.lang")
    (await buyer.put("/v1/me", {"given_name": "Jeanne", "locale": language})).ok()
    called_off, declined = await past_of(buyer, seller)
    await phone.open("#/sign-in")
    await phone.fill("input[name=email]", (await buyer.get("/v1/me")).ok()["email"])
    await phone.fill("input[name=password]", "not the one")
    await looker.click(".form .primary")
    await looker.look("a wrong password", ".form > .field-error svg")
    await phone.fill("input[name=password]", ANYBODYS_PASSWORD)
    await looker.click(".form .primary")
    await phone.sees(".account-mail")
    await looker.walk(
        {
            "#/purchases": ".row",
            f"#/orders/{called_off}": ".order-label",
            f"#/orders/{declined}": ".order-label",
        }
    )
    await phone.open("#/account")
    await looker.click(".leave .button")
    await phone.sees(".state")


async def past_of(buyer: Person, seller: Person) -> tuple[str, str]:
    """Of an order that was called off and one that was declined; a third was collected."""
    lines = [{"sku": RULE, "quantity": 1}]
    collected = await ordered(buyer, lines, point_id=COUNTER)
    await picked_and_staged(seller, collected)
    path = f"/v1/orders/{collected['order_id']}"
    given = {"code": (await buyer.get(f"{path}/code")).ok()["code"], "paid_at_counter": True}
    (await seller.post(f"/v1/terminal/orders/{collected['order_id']}/hand-over", given)).ok()
    called_off = await ordered(buyer, lines, point_id=COUNTER)
    (await buyer.post(f"/v1/orders/{called_off['order_id']}/cancel")).ok()
    await buyer.post(
        "/v1/orders",
        {
            "lines": lines,
            "point_id": COUNTER,
            "slot_id": await slot_at(buyer, COUNTER, lines),
            "payment": {"method": "reference", "reference": "sim_declined"},
        },
    )
    orders = (await buyer.get("/v1/orders")).ok()["orders"]
    declined = next(order for order in orders if order["state"] == "refused")

    async def is_told() -> bool:
        return bool((await buyer.get("/v1/me/purchases")).ok()["purchases"])

    await until(is_told)
    return str(called_off["order_id"]), str(declined["order_id"])


async def signed_up(looker: Looker) -> None:
    phone = looker.screen
    await phone.open("#/sign-up")
    await looker.click(".form .primary")
    await looker.look("a form that was not filled in", ".field-error svg")
    await phone.fill("input[name=given_name]", "Jeanne")
    await phone.fill("input[name=email]", f"{uuid4().hex}@example.org")
    await phone.fill("input[name=password]", PASSWORD)
    await looker.click(".form .primary")
    await phone.sees(".account-mail")


async def bought(looker: Looker) -> str:
    """The id of an order, from the shelf on."""
    phone = looker.screen
    await phone.open(f"#/p/{RULE}")
    await looker.click(".buy .primary")
    await looker.look("a product in the basket", ".toast")
    await phone.open("#/basket")
    await looker.look("a basket", ".line")
    await phone.open("#/pickup")
    await looker.click(f"#point-{COUNTER}")
    await looker.click(f"[data-point={COUNTER}] .slot")
    await looker.look("a time", ".slot")
    await looker.click(".sum-bar .primary")
    await looker.look("a review", ".sum-lines")
    await looker.click(".sum-bar .primary")
    await looker.look("an order", ".steps")
    return phone.page.url.rsplit("/", 1)[1]


@LOOKS
async def test_no_view_of_the_terminal_shuts_anybody_out(
    browser: Browser, stack: Stack, buyer: Person, locale: str, scheme: Scheme
) -> None:
    url = f"{stack.url}/terminal"
    async with opened(browser, url, size=TABLET, locale=locale, scheme=scheme) as tablet:
        looker = looking_at(tablet, scheme, TABLET)
        await signed_in(looker, stack)
        lines = [{"sku": RULE, "quantity": 2}, {"sku": METER, "quantity": 1}]
        order = await ordered(buyer, lines, point_id=COUNTER)
        await looker.walk(FLOOR_VIEWS)
        await looked_up(looker)
        await worked_on(looker, order)
        looker.done()


async def signed_in(looker: Looker, stack: Stack) -> None:
    tablet, member = looker.screen, stack.accounts["staff"][0]
    await looker.look("enrolling", "input[name=code]")
    await tablet.fill("input[name=code]", await enrolment_code(stack, SHOP))
    await looker.click(".form .primary")
    await looker.look("signing in", "input[name=badge]")
    await tablet.fill("input[name=badge]", member["badge"])
    await tablet.fill("input[name=pin]", member["pin"])
    await looker.click(".sign-pin .primary")
    await tablet.sees(".bar-who")


async def looked_up(looker: Looker) -> None:
    await looker.screen.open("#/products")
    await looker.screen.fill(".lookup .input", RULE)
    await looker.look("products", ".found-row")
    await looker.click(".found-row")
    await looker.look("a product", ".terms")
    await looker.screen.page.keyboard.press("Escape")


async def worked_on(looker: Looker, order: Any) -> None:
    tablet = looker.screen
    await tablet.open(f"#/orders/{order['order_id']}")
    await looker.look("picking", ".pick-card")
    await looker.click(".job-actions [data-key=other]")
    await looker.look("how many", ".dialog .stepper")
    await tablet.page.keyboard.press("Escape")
    await looker.click(".job-actions .primary")
    await tablet.sees(".pick-row.is-all")
    await looker.click(".job-actions .primary")
    await looker.look("staging", ".bin-input")
    await tablet.fill(".bin-input", "B-1")
    await looker.click(".stage .primary")
    await looker.look("handing over", ".due-sum")
    await looker.click(".due-toggle")
    await tablet.locator(".code-input").press_sequentially("00000000")
    await looker.look("a wrong code", ".counter-code .field-error svg")
    await looker.click(".job-tools .button")
    await looker.look("a cause", ".causes")
    await looker.click(".causes .button")
    await looker.look("what is over", ".settled")


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_the_page_of_the_api_shuts_nobody_out(
    browser: Browser, stack: Stack, scheme: Scheme
) -> None:
    async with opened(
        browser, f"{stack.url}/docs", size=TABLET, locale="en-GB", scheme=scheme
    ) as page:
        looker = looking_at(page, scheme, TABLET)
        await page.sees("h1")
        await page.page.evaluate(LIKE_OTHERS)
        await looker.see("the API")
        looker.done()
