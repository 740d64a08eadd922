"""Ordering in the customer's app, and following what was ordered."""

import re

from tests.browser.buying import (
    METER,
    PASSWORD,
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
    await phone.sees(".qr path")
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


async def test_an_order_is_cancelled_after_a_question(phone: Screen) -> None:
    await order(phone, RULE, COUNTER)
    await phone.press("Annuler la commande", within=".order-foot")
    await phone.press("La garder")
    await phone.sees(".steps")
    await phone.press("Annuler la commande", within=".order-foot")
    await phone.press("Annuler la commande", within=".dialog")
    await phone.sees("h1", "Annulée")


async def test_a_session_outlives_the_page_and_ends_with_signing_out(phone: Screen) -> None:
    await phone.open("#/sign-in")
    email = await sign_up(phone)
    await phone.sees(".account-mail", email)
    await phone.reload()
    await phone.sees(".account-mail", email)
    await phone.press("Se déconnecter")
    await phone.sees(".state", "pas connecté")
    await phone.reload()
    await phone.sees(".state", "pas connecté")


async def test_what_a_visitor_put_in_comes_along_into_the_account(phone: Screen) -> None:
    await phone.open("#/sign-in")
    email = await sign_up(phone)
    await phone.sees(".account-mail", email)
    await phone.press("Se déconnecter")
    await phone.sees(".state")
    await put_in(phone, RULE)
    await phone.open("#/sign-in")
    await phone.fill("input[name=email]", email)
    await phone.fill("input[name=password]", PASSWORD)
    await phone.press("Se connecter", within=".form")
    await phone.sees(".account-mail", email)
    await phone.page.evaluate("localStorage.removeItem('comptoir.basket')")
    await phone.open("#/basket")
    await phone.sees(".line")


async def test_a_wrong_password_is_said_beside_the_form(phone: Screen) -> None:
    await phone.open("#/sign-in")
    await phone.fill("input[name=email]", "nobody@example.org")
    await phone.fill("input[name=password]", "no password at all")
    await phone.press("Se connecter", within=".form")
    await phone.sees(".form > .field-error", "Vérifiez")


async def test_no_script_of_the_page_sees_the_refresh_token(phone: Screen) -> None:
    await phone.open("#/sign-in")
    email = await sign_up(phone)
    await phone.sees(".account-mail", email)
    assert await phone.page.evaluate("document.cookie") == ""
    kept = await phone.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "token" not in kept
