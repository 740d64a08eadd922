"""What a customer does in the app on the way to an order."""

from uuid import uuid4

from tests.browser.screens import Screen

CABLE = "CAB-R2V306"
# The shop has plenty of them, and no other test takes any.
RULE, METER = "MES-5004", "MES-5019"
TESTER, CLAMP = "MES-5024", "MES-5020"
PASSWORD = "quatre mots bien choisis"


async def choose_shop(screen: Screen, name: str = "Paris Bastille") -> None:
    await screen.open("#/shop")
    await screen.press(name)
    await screen.sees(".shop-link", name)


async def put_in(screen: Screen, sku: str) -> None:
    await screen.open(f"#/p/{sku}")
    await screen.locator(".buy .primary").click()
    await screen.sees(".toast-check")


async def sign_up(screen: Screen) -> str:
    """Through the form that is shown; the new address."""
    email = f"{uuid4().hex}@example.org"
    await screen.sees("input[name=email]")
    await screen.follow("Créer un compte", within=".sign-other")
    await screen.fill("input[name=given_name]", "Jeanne")
    await screen.fill("input[name=email]", email)
    await screen.fill("input[name=password]", PASSWORD)
    await screen.press("Créer un compte", within=".form")
    return email


async def choose_slot(screen: Screen, point_id: str) -> None:
    await screen.open("#/pickup")
    await screen.locator(f"#point-{point_id}").click()
    await screen.locator(f"[data-point={point_id}] .slot").first.click()
    await screen.locator(".sum-bar .primary").click()


async def order(screen: Screen, sku: str, point_id: str) -> str:
    """The id of an order placed as somebody does who has no account yet."""
    await choose_shop(screen)
    await put_in(screen, sku)
    await choose_slot(screen, point_id)
    await sign_up(screen)
    await screen.press("Commander")
    await screen.sees(".steps")
    return screen.page.url.rsplit("/", 1)[1]
