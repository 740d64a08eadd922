"""Looks at views in every look they have, with axe-core, and listens to them."""

import os
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ViewportSize

from tests.browser.conftest import PHONE, TABLET
from tests.browser.hearing import hard_to_follow, heard
from tests.browser.screens import Screen
from tests.browser.spoken import foreign_words

Scheme: TypeAlias = Literal["light", "dark"]
Look: TypeAlias = tuple[Scheme, ViewportSize]

GRAVE = ("serious", "critical")
# A colour on its way to another has a contrast that nobody reads by.
AT_REST = """() => !document.querySelector('[aria-busy=true]')
  && document.getAnimations().every(animation => animation.playState !== 'running')"""
# Nobody scrolls sideways (WCAG 2.2, 1.4.10), and at the terminal the page itself stands still.
BEYOND = """() => {
  const { scrollWidth, scrollHeight } = document.scrollingElement;
  const isStill = location.pathname.startsWith('/terminal');
  return [
    scrollWidth > innerWidth && `${scrollWidth - innerWidth} px too wide`,
    isStill && scrollHeight > innerHeight && `${scrollHeight - innerHeight} px too high`,
  ].filter(Boolean);
}"""
RUN = "axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations)"


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks at one view after the other and remembers what is wrong with which."""

    screen: Screen
    size: ViewportSize
    looks: list[Look]
    found: list[str] = field(default_factory=list)

    async def look(self, what: str, shown: str) -> None:
        await self.screen.sees(shown)
        page = self.screen.page
        await page.wait_for_function(AT_REST)
        self.found.extend(f"{what}: {fault}" for fault in hard_to_follow(await heard(page)))
        self.found.extend(f"{what}: “{words}” is foreign" for words in await foreign_words(page))
        for scheme, size in self.looks:
            await page.emulate_media(color_scheme=scheme)
            await page.set_viewport_size(size)
            faults = await self.faults()
            self.found.extend(f"{what}, {scheme}, {size['width']}: {fault}" for fault in faults)
        await page.set_viewport_size(self.size)

    async def faults(self) -> list[str]:
        page = self.screen.page
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(Axe().axe_script)
        seen = await page.evaluate(RUN)
        beyond: list[str] = await page.evaluate(BEYOND)
        return beyond + [words_of(fault) for fault in seen if fault["impact"] in GRAVE]

    async def walk(self, views: dict[str, str]) -> None:
        for hash_, shown in views.items():
            await self.screen.open(hash_)
            await self.look(hash_, shown)

    async def click(self, selector: str) -> None:
        await self.screen.locator(selector).first.click()

    def done(self) -> None:
        """Raises AssertionError with all that is wrong."""
        assert not self.found, "\n".join(self.found)


def looking_at(screen: Screen, scheme: Scheme, size: ViewportSize) -> Looker:
    """At a page that is used in this look and at this size."""
    return Looker(screen, size, looks(scheme, size))


def looks(scheme: Scheme, size: ViewportSize) -> list[Look]:
    """In which the views of a page that is used at `size` are looked at, this one first.

    By day as it is used and by night the other way round; COMPTOIR_AXE=all tries all four,
    which takes some minutes.
    """
    night: Scheme = "light" if scheme == "dark" else "dark"
    other = TABLET if size == PHONE else PHONE
    if os.environ.get("COMPTOIR_AXE") == "all":
        return [(scheme, size), (night, other), (scheme, other), (night, size)]
    return [(scheme, size if scheme == "light" else other)]


def words_of(fault: Any) -> str:
    places = ", ".join(" ".join(node["target"]) for node in fault["nodes"][:3])
    return f"{fault['id']} at {places}"
