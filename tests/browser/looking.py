"""Looks at views in every look they have, with axe-core, and listens to them."""

import os
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize

from tests.browser.conftest import PHONE, TABLET
from tests.browser.hearing import hard_to_follow, heard
from tests.browser.screens import Screen
from tests.browser.spoken import foreign_words

Scheme: TypeAlias = Literal["light", "dark"]
Look: TypeAlias = tuple[Scheme, ViewportSize]
# Of axe, by their ids; None is all that it has.
Rules: TypeAlias = list[str] | None

SCHEMES: tuple[Scheme, ...] = ("light", "dark")
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
RUN = """rules => axe.run({ resultTypes: ['violations'], ...(rules && { runOnly: rules }) })
  .then(({ violations }) => violations)"""
# What the colours of the night change of a view; the rest is as it was by day.
OF_COLOURS: Rules = ["color-contrast", "link-in-text-block"]
ALL: Rules = None
NO_RULES: Rules = []


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks at one view after the other and remembers what is wrong with which."""

    screen: Screen
    size: ViewportSize
    looks: list[tuple[Look, Rules]]
    found: list[str] = field(default_factory=list)

    async def look(self, what: str, shown: str) -> None:
        await self.screen.sees(shown)
        page = self.screen.page
        await page.wait_for_function(AT_REST)
        self.found.extend(f"{what}: {fault}" for fault in hard_to_follow(await heard(page)))
        self.found.extend(f"{what}: “{words}” is foreign" for words in await foreign_words(page))
        await self.see(what)

    async def see(self, what: str) -> None:
        """In each look, with what is asked of it."""
        page = self.screen.page
        for (scheme, size), rules in self.looks:
            await page.emulate_media(color_scheme=scheme)
            await page.set_viewport_size(size)
            faults = await faults_of(page, rules)
            self.found.extend(f"{what}, {scheme}, {size['width']}: {fault}" for fault in faults)
        await page.set_viewport_size(self.size)

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


def looks(scheme: Scheme, size: ViewportSize) -> list[tuple[Look, Rules]]:
    """In which the views of a page that is used at `size` are looked at, and by which rules.

    At its own size: by day by all of them, by night by those of colours, and then at the other
    size for what is beyond its edges. COMPTOIR_AXE=all tries all rules at both sizes, by day and
    by night, which takes some minutes.
    """
    other = TABLET if size == PHONE else PHONE
    if os.environ.get("COMPTOIR_AXE") == "all":
        night: Scheme = "light" if scheme == "dark" else "dark"
        return [((each, at), ALL) for each in (night, scheme) for at in (other, size)]
    if scheme == "light":
        return [((scheme, size), ALL)]
    return [((scheme, other), NO_RULES), ((scheme, size), OF_COLOURS)]


async def faults_of(page: Page, rules: Rules) -> list[str]:
    beyond: list[str] = await page.evaluate(BEYOND)
    if rules == NO_RULES:
        return beyond
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(Axe().axe_script)
    seen = await page.evaluate(RUN, rules)
    return beyond + [words_of(fault) for fault in seen if fault["impact"] in GRAVE]


def words_of(fault: Any) -> str:
    places = ", ".join(" ".join(node["target"]) for node in fault["nodes"][:3])
    return f"{fault['id']} at {places}"
