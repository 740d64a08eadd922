"""A real browser on the two pages of the running suite, and what each page complained of."""

import os
import shutil
from collections.abc import AsyncIterator

import aiohttp
import pytest
from playwright.async_api import Browser, BrowserContext, ViewportSize, async_playwright

from tests.browser.screens import Screen, opened, profile, shown
from tests.machines import enrolment_code
from tests.people import Person, associate, customer
from tests.shopping import SHOP
from tests.suite import Stack

PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 1180, "height": 820}
# Without a window it takes less than half the processor time of the whole browser.
PROGRAMS = ("chromium-headless-shell", "chromium")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    # One process less.
    "--disable-gpu",
    "--in-process-gpu",
    "--disable-software-rasterizer",
)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        reason = f"no browser on PATH: apt-get install {PROGRAMS[0]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@pytest.fixture
async def phone(browser: Browser, stack: Stack) -> AsyncIterator[Screen]:
    """The customer's app, on a phone whose owner reads French."""
    async with opened(browser, f"{stack.url}/app", size=PHONE) as screen:
        yield screen


@pytest.fixture
async def english_phone(browser: Browser, stack: Stack) -> AsyncIterator[Screen]:
    async with opened(browser, f"{stack.url}/app", size=PHONE, locale="en-GB") as screen:
        yield screen


@pytest.fixture
async def tablet(browser: Browser, stack: Stack) -> AsyncIterator[Screen]:
    """The shop's terminal, not enrolled yet."""
    async with opened(browser, f"{stack.url}/terminal", size=TABLET) as screen:
        yield screen


@pytest.fixture(scope="session")
async def counter_device(browser: Browser) -> AsyncIterator[BrowserContext]:
    """The tablet that stays in the shop: to enrol one for each test takes longer than they do."""
    async with profile(browser, size=TABLET) as context:
        yield context


@pytest.fixture
async def floor(counter_device: BrowserContext, stack: Stack) -> AsyncIterator[Screen]:
    """The shop's terminal, where the first associate has signed in, today or before."""
    async with shown(counter_device, f"{stack.url}/terminal") as screen:
        await enter(screen, stack)
        yield screen
        await screen.offline(False)
        # What was chosen on it is nobody's choice in the next test.
        await screen.page.evaluate("localStorage.clear()")


async def enter(tablet: Screen, stack: Stack) -> None:
    """Enrol it and sign in there, where that is still to do, in whatever language it speaks."""
    member = stack.accounts["staff"][0]
    await tablet.sees(".bar-who, input[name=code], input[name=badge]")
    if await tablet.locator(".bar-who").count():
        return
    if await tablet.locator("input[name=code]").count():
        await tablet.fill("input[name=code]", await enrolment_code(stack, SHOP))
        await tablet.locator(".gate-card .primary").click()
    await tablet.fill("input[name=badge]", member["badge"])
    await tablet.type_on_keypad(member["pin"])
    await tablet.locator(".sign-pin .primary").click()
    await tablet.sees(".bar-who")


@pytest.fixture
async def http(stack: Stack) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(stack.url) as session:
        yield session


@pytest.fixture
async def buyer(http: aiohttp.ClientSession) -> Person:
    return await customer(http)


@pytest.fixture
async def seller(stack: Stack) -> AsyncIterator[Person]:
    """An associate of the shop at the API, beside the page."""
    member = stack.accounts["staff"][0]
    code = await enrolment_code(stack, SHOP)
    async with aiohttp.ClientSession(stack.url) as session:
        yield await associate(session, code=code, badge=member["badge"], pin=member["pin"])
