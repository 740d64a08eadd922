"""Who is signed in on a phone: over reloads and tabs, and until when."""

import asyncio
from uuid import uuid4

from aiohttp import ClientSession
from playwright.async_api import Route

from tests.browser.buying import PASSWORD, RULE, put_in, sign_up
from tests.browser.screens import Screen
from tests.people import Person, customer


async def signed_in(phone: Screen) -> str:
    """The address of somebody new whose account is shown."""
    await phone.open("#/sign-in")
    email = await sign_up(phone)
    await phone.sees(".account-mail", email)
    return email


async def beside(phone: Screen) -> Screen:
    """Another tab of the same browser, on the same page."""
    page = await phone.page.context.new_page()
    await page.goto(phone.page.url)
    return Screen(page)


async def test_a_session_outlives_the_page_and_ends_with_signing_out(phone: Screen) -> None:
    email = await signed_in(phone)
    await phone.reload()
    await phone.sees(".account-mail", email)
    await phone.press("Se déconnecter")
    await phone.sees(".state", "pas connecté")
    await phone.reload()
    await phone.sees(".state", "pas connecté")


async def test_a_reload_while_the_session_is_renewed_signs_nobody_out(phone: Screen) -> None:
    email = await signed_in(phone)
    context = phone.page.context
    used, reached = await context.cookies(), asyncio.Event()

    async def lose_the_first_answer(route: Route) -> None:
        if reached.is_set():
            return await route.continue_()
        await route.fetch()
        await context.clear_cookies()
        await context.add_cookies(used)  # type: ignore[arg-type]
        reached.set()

    await phone.page.route("**/v1/sessions/refresh", lose_the_first_answer)
    await phone.page.reload(wait_until="commit")
    await reached.wait()
    await phone.reload()
    await phone.sees(".account-mail", email)


async def test_tabs_that_renew_at_the_same_time_stay_signed_in(phone: Screen) -> None:
    email = await signed_in(phone)
    other = await beside(phone)
    for _ in range(3):
        await asyncio.gather(phone.reload(), other.reload())
        await asyncio.gather(phone.sees(".account-mail", email), other.sees(".account-mail", email))


async def test_signing_out_in_one_tab_shows_nothing_of_the_account_in_the_other(
    phone: Screen,
) -> None:
    email = await signed_in(phone)
    other = await beside(phone)
    await other.sees(".account-mail", email)
    await phone.press("Se déconnecter")
    await other.sees(".state", "pas connecté")
    await other.sees_no(".account-mail")


async def test_signing_in_in_one_tab_shows_in_the_other(phone: Screen) -> None:
    await phone.open("#/account")
    other = await beside(phone)
    await other.sees(".state", "pas connecté")
    email = await signed_in(phone)
    await other.sees(".account-mail", email)


async def test_a_tab_goes_on_as_whoever_signed_in_in_another(phone: Screen) -> None:
    """As when the other tab's cookies were cleared, and with them whoever was signed in."""
    first = await signed_in(phone)
    other = await beside(phone)
    await other.sees(".account-mail", first)
    await phone.page.context.clear_cookies()
    await phone.page.evaluate("localStorage.clear()")
    await phone.reload()
    second = await signed_in(phone)
    await other.open("#/")
    await other.open("#/account")
    await other.sees(".account-mail", second)


async def test_what_a_visitor_put_in_comes_along_into_the_account(phone: Screen) -> None:
    email = await signed_in(phone)
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


async def test_somebody_whose_shop_has_gone_signs_in_all_the_same(
    phone: Screen, http: ClientSession
) -> None:
    account = {"email": f"{uuid4().hex}@example.org", "password": PASSWORD, "given_name": "Jeanne"}
    made = (await Person(http).post("/v1/customers", account)).ok()
    change = {"given_name": "Jeanne", "locale": "fr", "home_location_id": "atlantis"}
    (await Person(http, made["tokens"]["access_token"]).put("/v1/me", change)).ok()
    await phone.open("#/sign-in")
    await phone.fill("input[name=email]", account["email"])
    await phone.fill("input[name=password]", PASSWORD)
    await phone.press("Se connecter", within=".form")
    await phone.sees(".account-mail", account["email"])


async def test_a_wrong_password_is_said_beside_the_form(phone: Screen) -> None:
    await phone.open("#/sign-in")
    await phone.fill("input[name=email]", "nobody@example.org")
    await phone.fill("input[name=password]", "no password at all")
    await phone.press("Se connecter", within=".form")
    await phone.sees(".form > .field-error", "Vérifiez")


async def test_a_password_is_taken_as_it_is_typed(phone: Screen, http: ClientSession) -> None:
    email, password = f"{uuid4().hex}@example.org", f"  {PASSWORD} "
    await phone.open("#/sign-up")
    await phone.fill("input[name=given_name]", "Jeanne")
    await phone.fill("input[name=email]", email)
    await phone.fill("input[name=password]", password)
    await phone.press("Créer un compte", within=".form")
    await phone.sees(".account-mail", email)
    await customer(http, email=email, password=password)


async def test_no_script_of_the_page_sees_the_refresh_token(phone: Screen) -> None:
    await signed_in(phone)
    assert await phone.page.evaluate("document.cookie") == ""
    kept = await phone.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert "token" not in kept
