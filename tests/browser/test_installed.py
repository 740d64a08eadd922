"""The pages on the device: installable, there without a line, honest about it, and renewed."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser

from tests.browser.buying import RULE, choose_shop, put_in, sign_up
from tests.browser.conftest import PHONE, TABLET
from tests.browser.line import Line, line_to
from tests.browser.looking import SCHEMES, looking_at
from tests.browser.screens import Screen, opened
from tests.machines import enrolment_code
from tests.shopping import SHOP
from tests.suite import Stack

KEPT = """async () => {
  const kept = {};
  for (const name of await caches.keys())
    kept[name] = (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname);
  return kept;
}"""
RULED = "() => navigator.serviceWorker.controller !== null"
ASK_AGAIN = "async () => { await (await navigator.serviceWorker.ready).update(); }"


@pytest.fixture
async def line(stack: Stack) -> AsyncIterator[Line]:
    async with line_to(stack.url) as opened_line:
        yield opened_line


@asynccontextmanager
async def installed(browser: Browser, line: Line, page: str) -> AsyncIterator[Screen]:
    """The page once its worker answers for it."""
    size = PHONE if page == "app" else TABLET
    async with opened(browser, f"{line.url}/{page}", size=size, workers="allow") as screen:
        await screen.page.wait_for_function(RULED)
        yield screen


@pytest.mark.parametrize("page", ["app", "terminal"])
async def test_a_browser_may_install_the_page(browser: Browser, stack: Stack, page: str) -> None:
    async with opened(browser, f"{stack.url}/{page}", size=PHONE, workers="allow") as screen:
        developer = await screen.page.context.new_cdp_session(screen.page)
        told = await developer.send("Page.getAppManifest")
        manifest = json.loads(told["data"])
        refused = await developer.send("Page.getInstallabilityErrors")
        faults = [one["errorId"] for one in refused["installabilityErrors"]]
        assert told["errors"] == []
        # Tests run in a profile that leaves no trace, where nothing is ever installed.
        assert faults in ([], ["in-incognito"])
        assert manifest["scope"] == manifest["id"] == f"/{page}"
        assert {icon.get("purpose", "any") for icon in manifest["icons"]} == {"any", "maskable"}


async def test_without_a_line_the_app_opens_says_since_when_and_shows_nothing_old(
    browser: Browser, line: Line
) -> None:
    async with installed(browser, line, "app") as phone:
        await choose_shop(phone)
        await put_in(phone, RULE)
        line.is_cut = True
        await phone.reload()
        await phone.sees(".note.is-down", "Pas de connexion. Dernière mise à jour")
        for hash_ in (f"#/p/{RULE}", "#/basket", "#/c/drills"):
            await phone.open(hash_)
            await phone.sees(".failure", "Pas de connexion")
            for told in (".price", ".stock", ".money"):
                await phone.sees_no(f"main {told}")
        line.is_cut = False
        await phone.page.evaluate("dispatchEvent(new Event('online'))")
        await phone.sees(".card .price")
        await phone.sees_no(".note.is-down")


async def test_what_stood_there_when_the_line_went_says_of_when_it_is(phone: Screen) -> None:
    await phone.open(f"#/p/{RULE}")
    await phone.sees(".price")
    await phone.offline(True)
    await phone.sees(".note.is-down", "Dernière mise à jour")
    await phone.offline(False)
    await phone.sees_no(".note.is-down")
    await phone.sees(".price")


async def test_without_a_line_the_terminal_opens_and_says_what_is_missing(
    browser: Browser, line: Line, stack: Stack
) -> None:
    async with installed(browser, line, "terminal") as tablet:
        member = stack.accounts["staff"][0]
        await tablet.fill("input[name=code]", await enrolment_code(stack, SHOP))
        await tablet.press("Enrôler")
        await tablet.fill("input[name=badge]", member["badge"])
        await tablet.fill("input[name=pin]", member["pin"])
        await tablet.press("Se connecter")
        await tablet.sees(".bar-who")
        line.is_cut = True
        await tablet.reload()
        await tablet.sees(".failure", "Pas de connexion")
        line.is_cut = False
        await tablet.press("Réessayer")
        await tablet.sees(".bar-who")


async def test_nothing_that_anybody_was_answered_is_kept(browser: Browser, line: Line) -> None:
    async with installed(browser, line, "app") as phone:
        await put_in(phone, RULE)
        await phone.open("#/sign-in")
        await sign_up(phone)
        await phone.sees(".account-mail")
        (kept,) = (await phone.page.evaluate(KEPT)).values()
        assert "/app" in kept and "/made/app.js" in kept
        ours = ("app", "made", "shared", "icons")
        others = [path for path in kept if path.split("/")[1] not in ours]
        assert sorted(others) == [
            "/pictures/icon.svg",
            "/pictures/logo.svg",
        ]


async def test_a_new_release_is_offered_and_put_on_when_somebody_says_so(
    browser: Browser, line: Line
) -> None:
    async with installed(browser, line, "app") as phone:
        (old,) = await phone.page.evaluate(KEPT)
        version = old.rsplit(" ", 1)[1]
        line.instead["/app/worker.js"] = (version.encode(), b"next")
        await phone.page.evaluate(ASK_AGAIN)
        await phone.sees(".note", "plus récente")
        for scheme in SCHEMES:
            looker = looking_at(phone, scheme, PHONE)
            await looker.look("a new release", ".note")
            looker.done()
        async with phone.page.expect_navigation():
            await phone.press("utiliser", within=".note")
        await phone.sees(".tile")
        await phone.sees_no(".note")
        assert list(await phone.page.evaluate(KEPT)) == ["comptoir /app next"]


async def test_two_releases_are_never_mixed(browser: Browser, line: Line) -> None:
    """As when the new worker came from one gateway and a file from another, not rolled yet."""
    async with installed(browser, line, "app") as phone:
        before: dict[str, Any] = await phone.page.evaluate(KEPT)
        (version,) = (name.rsplit(" ", 1)[1] for name in before)
        line.instead["/app/worker.js"] = (version.encode(), b"next")
        line.instead["/shared/parts.css"] = (b"border", b"barder")
        refused = await phone.page.evaluate(
            """async () => {
              const kept = await navigator.serviceWorker.ready;
              await kept.update();
              const coming = kept.installing;
              await new Promise((over) => coming.addEventListener('statechange', over));
              return coming.state;
            }"""
        )
        assert refused == "redundant"
        await phone.reload()
        await phone.sees(".tile")
        phone.complaints.clear()  # That the hash of a file is wrong is what was asked for.
