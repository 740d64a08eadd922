"""What people do at a page, in their words, and what its console says meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Required, TypedDict, Unpack

from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    ViewportSize,
    expect,
)

BOUND_MS = 20_000
TOUCH_PX_MIN = 44
# Every answer that is no success is written down, and every worker that is kept off: as asked.
ASKED_FOR = ("Failed to load resource", "Service Worker registration blocked by Playwright")


@dataclass
class Screen:
    """A page and what was complained of on it: broken rules of its policy, uncaught errors."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    async def open(self, hash_: str) -> None:
        await self.page.evaluate("hash => { location.hash = hash; }", hash_)

    async def press(self, name: str, *, within: str = "body") -> None:
        await self.page.locator(within).get_by_role("button", name=name).first.click()

    async def follow(self, name: str, *, within: str = "body") -> None:
        await self.page.locator(within).get_by_role("link", name=name).first.click()

    async def fill(self, selector: str, text: str) -> None:
        await self.page.fill(selector, text)

    async def type_on_keypad(self, digits: str) -> None:
        for digit in digits:
            await self.page.locator(".key", has_text=digit).first.click()

    async def sees(self, selector: str, text: str = "") -> None:
        """Wait for it. Raises AssertionError if it does not come."""
        found = self.page.locator(selector).first
        await expect(found).to_be_visible(timeout=BOUND_MS)
        if text:
            await expect(found).to_contain_text(text, timeout=BOUND_MS)

    async def sees_no(self, selector: str) -> None:
        await expect(self.page.locator(selector)).to_have_count(0, timeout=BOUND_MS)

    async def text(self, selector: str) -> str:
        return (await self.page.locator(selector).first.inner_text()).replace("\xa0", " ")

    async def reload(self) -> None:
        await self.page.reload()

    async def offline(self, is_offline: bool) -> None:
        await self.page.context.set_offline(is_offline)

    async def too_small(self) -> list[str]:
        """What one is to touch and cannot well: links in running text are left out."""
        found: list[str] = await self.page.evaluate(SMALL, TOUCH_PX_MIN)
        return found

    def locator(self, selector: str) -> Locator:
        return self.page.locator(selector)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(ASKED_FOR):
            self.complaints.append(message.text)

    def break_(self, error: Any) -> None:
        self.complaints.append(str(error))


# Half a pixel is rounding. A link inside a sentence is as large as the sentence lets it be.
SMALL = """least => [...document.querySelectorAll('button, a[href], input, select, summary')]
  .filter((one) => one.checkVisibility() && !one.matches('.skip, p a, .trail a, .stepper-input'))
  .filter((one) => {
    const { width, height } = one.getBoundingClientRect();
    return width < least - 0.5 || height < least - 0.5;
  })
  .map((one) => one.outerHTML.slice(0, 120))"""


class Device(TypedDict, total=False):
    """What differs between devices: else one that reads French by day."""

    size: Required[ViewportSize]
    locale: str
    scheme: Literal["light", "dark"]
    # Mostly blocked: each test would first load a page's files twice. What is kept is the matter
    # of tests/browser/test_installed.py.
    workers: Literal["allow", "block"]


@asynccontextmanager
async def profile(browser: Browser, **device: Unpack[Device]) -> AsyncIterator[BrowserContext]:
    """What a device keeps: nothing yet."""
    context = await browser.new_context(
        viewport=device["size"],
        locale=device.get("locale", "fr-FR"),
        color_scheme=device.get("scheme", "light"),
        service_workers=device.get("workers", "block"),
        timezone_id="Europe/Paris",
        has_touch=True,
        reduced_motion="reduce",
    )
    try:
        yield context
    finally:
        await context.close()


@asynccontextmanager
async def shown(context: BrowserContext, url: str) -> AsyncIterator[Screen]:
    """The page on this device. Raises AssertionError at the end if it complained."""
    page = await context.new_page()
    page.set_default_timeout(BOUND_MS)
    screen = Screen(page)
    # Playwright marks the functions it is given, so they may not be of a class with slots.
    page.on("console", screen.hear)
    page.on("pageerror", screen.break_)
    try:
        await page.goto(url)
        yield screen
    finally:
        await page.close()
    assert not screen.complaints, screen.complaints


@asynccontextmanager
async def opened(browser: Browser, url: str, **device: Unpack[Device]) -> AsyncIterator[Screen]:
    """The page on a device of its own. Raises AssertionError at the end if it complained."""
    async with profile(browser, **device) as context, shown(context, url) as screen:
        yield screen
