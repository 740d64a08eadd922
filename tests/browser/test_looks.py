"""By day and by night: as the device has it, or as somebody chose on it."""

from playwright.async_api import Browser

from tests.browser.conftest import PHONE
from tests.browser.screens import Screen, opened
from tests.suite import Stack

DAY, NIGHT = "rgb(246, 243, 238)", "rgb(18, 23, 28)"
BARS = """scheme => [...document.querySelectorAll('meta[name=theme-color]')]
  .filter(meta => !meta.media || meta.media.includes(scheme)).map(meta => meta.content)"""


async def paper(screen: Screen) -> str:
    return str(await screen.page.evaluate("getComputedStyle(document.body).backgroundColor"))


async def test_the_app_looks_as_the_device_does_until_somebody_chooses(
    browser: Browser, stack: Stack
) -> None:
    url = f"{stack.url}/app#/account"
    async with opened(browser, url, size=PHONE, scheme="dark") as phone:
        await phone.sees(".choices")
        assert await paper(phone) == NIGHT
        await phone.page.emulate_media(color_scheme="light")
        assert await paper(phone) == DAY
        await phone.press("Sombre")
        assert await paper(phone) == NIGHT
        await phone.sees(".choice[aria-pressed=true]:has-text('Sombre')")
        assert await phone.page.evaluate(BARS, "light") == ["#12171c"]
        await phone.press("Automatique")
        assert await paper(phone) == DAY
        assert await phone.page.evaluate(BARS, "light") == ["#f6f3ee"]


async def test_what_was_chosen_is_kept_and_worn_by_every_tab(phone: Screen) -> None:
    await phone.open("#/account")
    page = await phone.page.context.new_page()
    await page.goto(phone.page.url)
    await phone.press("Sombre")
    await phone.reload()
    await phone.sees(".choice[aria-pressed=true]:has-text('Sombre')")
    assert await paper(phone) == NIGHT
    await page.wait_for_function(f"getComputedStyle(document.body).backgroundColor === '{NIGHT}'")


async def test_the_terminal_has_the_same_choice(floor: Screen) -> None:
    await floor.open("#/device")
    await floor.press("Sombre")
    assert await paper(floor) == NIGHT


async def test_with_few_colours_of_the_readers_own_what_is_chosen_still_shows(
    phone: Screen,
) -> None:
    await phone.page.emulate_media(forced_colors="active")
    await phone.open("#/account")
    await phone.sees(".choices")
    widths = await phone.page.evaluate(
        """() => ['true', 'false'].map(state => getComputedStyle(
          document.querySelector(`.choice[aria-pressed=${state}]`)).outlineStyle)"""
    )
    assert widths == ["solid", "none"]


async def test_who_wants_no_motion_gets_none(phone: Screen) -> None:
    await phone.open("#/c/drills")
    await phone.sees(".card")
    moving = await phone.page.evaluate(
        """() => [...document.querySelectorAll('*')].filter(one => {
          const { animationName, transitionDuration } = getComputedStyle(one);
          return animationName !== 'none' || parseFloat(transitionDuration) > 0;
        }).length"""
    )
    assert moving == 0
