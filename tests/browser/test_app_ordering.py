"""Ordering in the customer's app, and following what was ordered."""

import re
from urllib.parse import urlsplit

import pytest

from tests.browser.buying import (
    METER,
    RULE,
    choose_shop,
    choose_slot,
    order,
    put_in,
    sign_up,
)
from tests.browser.screens import Screen
from tests.people import Person
from tests.shopping import COUNTER, DRILL, picked_and_staged

# No test runs a cabinet there.
SILENT_LOCKER = "nantes-ile-locker"


async def test_signing_up_on_the_way_leads_back_to_the_order(phone: Screen) -> None:
    await choose_shop(phone)
    await put_in(phone, RULE)
    await choose_slot(phone, COUNTER)
    await sign_up(phone)
    await phone.sees("h1", "Votre commande")
    await phone.sees(".sum-lines li")


async def test_an_order_is_placed_and_leaves_the_basket(phone: Screen) -> None:
    await order(phone, RULE, COUNTER)
    await phone.sees("h1", "Confirmée")
    await phone.sees_no(".tab-count")


async def test_one_total_is_shown_from_the_basket_to_the_order(phone: Screen) -> None:
    await choose_shop(phone)
    for sku in (RULE, METER):
        await put_in(phone, sku)
    await phone.open("#/basket")
    await phone.sees(".sum-bar .money")
    total = await phone.text(".sum-bar .money")
    await choose_slot(phone, COUNTER)
    await sign_up(phone)
    await phone.sees(".sum-bar .primary", total)
    await phone.press("Commander")
    await phone.sees(".steps")
    await phone.sees(".sum .money", total)


async def test_a_total_that_is_not_known_is_not_made_up(phone: Screen) -> None:
    await put_in(phone, RULE)
    await phone.page.route("**/v1/orders/quote", lambda route: route.abort())
    await phone.open("#/basket")
    await phone.sees(".sum-bar .sum", "Prix non connu")
    await phone.sees(".sum-bar", "Pas de connexion")
    await phone.page.unroute("**/v1/orders/quote")
    await phone.press("Réessayer", within=".sum-bar")
    await phone.sees(".sum-bar .money", "€")


async def test_what_can_no_longer_be_ordered_leads_back_to_the_basket(phone: Screen) -> None:
    await choose_shop(phone)
    await put_in(phone, RULE)
    await choose_slot(phone, COUNTER)
    await phone.page.route(
        "**/v1/orders/quote",
        lambda route: route.fulfill(
            status=404, content_type="application/problem+json", body='{"reason": "UNKNOWN_SKU"}'
        ),
    )
    await sign_up(phone)
    await phone.sees(".review .warning", "Nous ne vendons plus")
    await phone.follow("Panier", within=".review .warning")
    await phone.sees("h1", "Panier")


async def test_a_basket_is_read_in_one_request(phone: Screen) -> None:
    for sku in (RULE, METER):
        await put_in(phone, sku)
    asked: list[str] = []
    phone.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    await phone.open("#/basket")
    await phone.sees(".sum-bar .money", "€")
    assert [path for path in asked if path.startswith("/v1/products")] == ["/v1/products/batch"]


async def test_pressing_twice_orders_once(phone: Screen) -> None:
    await choose_shop(phone)
    await put_in(phone, RULE)
    await choose_slot(phone, COUNTER)
    await sign_up(phone)
    await phone.locator(".sum-bar .primary").dblclick()
    await phone.sees(".steps")
    await phone.open("#/orders")
    await phone.sees(".row")
    assert await phone.locator(".row").count() == 1


async def test_a_card_is_said_to_be_simulated_and_authorised(phone: Screen) -> None:
    await choose_shop(phone)
    await put_in(phone, METER)
    await choose_slot(phone, COUNTER)
    await sign_up(phone)
    await phone.sees("#pay-card", "Simulé")
    await phone.locator("#pay-card").click()
    await phone.press("Commander")
    await phone.sees(".order", "Carte autorisée")


async def test_a_locker_that_does_not_answer_says_so(phone: Screen) -> None:
    await choose_shop(phone, "Nantes Île")
    await put_in(phone, DRILL)
    await phone.open("#/pickup")
    await phone.sees(f"[data-point={SILENT_LOCKER}]", "ne répond pas")
    assert await phone.page.get_attribute(f"#point-{SILENT_LOCKER}", "aria-disabled") == "true"


async def test_what_happens_in_the_shop_shows_by_itself(phone: Screen, seller: Person) -> None:
    order_id = await order(phone, RULE, COUNTER)
    placed = (await seller.get(f"/v1/terminal/orders/{order_id}")).ok()
    await picked_and_staged(seller, placed)
    await phone.sees("h1", "Prête")
    assert re.fullmatch(r"\d{4}\s*\d{4}", await phone.text(".digits"))


async def test_while_it_is_picked_each_line_says_whether_it_was_looked_for(
    phone: Screen, seller: Person
) -> None:
    await choose_shop(phone)
    await put_in(phone, METER)
    order_id = await order(phone, RULE, COUNTER)
    await phone.sees_no(".line-note")
    placed = (await seller.get(f"/v1/terminal/orders/{order_id}")).ok()
    in_vain = {"line_number": placed["lines"][0]["line_number"], "found_quantity": 0}
    (await seller.post(f"/v1/terminal/orders/{order_id}/picks", in_vain)).ok()
    await phone.sees(".sum-lines li:nth-child(1) .line-warning", "introuvable jusqu")
    await phone.sees(".sum-lines li:nth-child(2) .line-note", "pas encore cherché")


async def test_the_code_fills_its_picture_so_that_a_camera_can_read_it(
    phone: Screen, seller: Person
) -> None:
    order_id = await order(phone, RULE, COUNTER)
    placed = (await seller.get(f"/v1/terminal/orders/{order_id}")).ok()
    await picked_and_staged(seller, placed)
    await phone.sees(".qr path")
    drawn_px, module_px = await phone.locator(".qr path[stroke]").evaluate(
        "path => [path.getBBox().width * path.getScreenCTM().a, path.getScreenCTM().a]"
    )
    around = await phone.locator(".qr").bounding_box()
    assert around is not None
    # Four modules of quiet on each side, as the standard asks for.
    assert drawn_px == pytest.approx(around["width"] - 8 * module_px, abs=1)


async def test_an_order_is_cancelled_after_a_question(phone: Screen) -> None:
    await order(phone, RULE, COUNTER)
    await phone.press("Annuler la commande", within=".order-foot")
    await phone.press("La garder")
    await phone.sees(".steps")
    await phone.press("Annuler la commande", within=".order-foot")
    await phone.press("Annuler la commande", within=".dialog")
    await phone.sees("h1", "Annulée")
