"""Somebody who has a keyboard and nothing else."""

from dataclasses import dataclass

from playwright.async_api import expect

from tests.browser.screens import BOUND_MS, Screen
from tests.waiting import until

TABS_MAX = 90
# What has the focus, in words for a message, and whether anybody can see that it has it.
HELD = """() => {
  const held = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(held);
  return {
    name: held.outerHTML.slice(0, 120),
    seen: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    lost: held === document.body,
  };
}"""


@dataclass(frozen=True, slots=True)
class Hands:
    """On the keyboard of a page. Raises AssertionError for what cannot be reached or seen."""

    screen: Screen

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.screen.page.keyboard.press(key)

    async def write(self, text: str) -> None:
        await self.screen.page.keyboard.type(text)

    async def reach(self, selector: str) -> None:
        """Tab on until it has the focus; what is passed on the way shows that it has it."""
        await expect(self.screen.locator(selector).first).to_be_visible(timeout=BOUND_MS)
        passed = []
        for _ in range(TABS_MAX):
            if await self.is_at(selector):
                return
            await self.press("Tab")
            held = await self.screen.page.evaluate(HELD)
            assert held["seen"] or held["lost"], f"no focus to be seen at {held['name']}"
            passed.append(held["name"][:60])
        raise AssertionError(f"{selector} is not reached by {passed}")

    async def is_at(self, selector: str) -> bool:
        has = "all => all.includes(document.activeElement)"
        return bool(await self.screen.locator(selector).evaluate_all(has))

    async def lands(self, selector: str) -> None:
        """The page itself puts the focus there, and does not leave it nowhere."""

        async def landed() -> bool:
            return await self.is_at(selector)

        await until(landed)

    async def do(self, selector: str, *, key: str = "Enter") -> None:
        await self.reach(selector)
        await self.press(key)

    async def fill(self, selector: str, text: str) -> None:
        await self.reach(selector)
        await self.write(text)
