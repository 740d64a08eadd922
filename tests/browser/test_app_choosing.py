"""Finding things in the customer's app."""

import pytest

from tests.browser.buying import CABLE, RULE, choose_shop, put_in
from tests.browser.screens import Screen


async def test_the_shelves_lead_to_products_with_price_and_stock(phone: Screen) -> None:
    await choose_shop(phone)
    await phone.open("#/c/drills")
    await phone.sees("h1", "Perceuses")
    await phone.sees(".card .price", "€")
    await phone.sees(".card .stock")


async def test_the_search_field_finds_by_words(phone: Screen) -> None:
    await phone.fill(".search-input", "perceuse")
    await phone.page.keyboard.press("Enter")
    await phone.sees(".card-title", "erceuse")
    await phone.sees(".count", "produits")


async def test_a_search_without_result_says_what_to_do_next(phone: Screen) -> None:
    await phone.open("#/search?q=zzzzzz")
    await phone.sees(".state", "Rien trouvé")
    await phone.follow("Voir les rayons")
    await phone.sees(".tile")


async def test_going_back_finds_the_list_where_one_left_it(phone: Screen) -> None:
    await phone.open("#/search?q=")
    await phone.sees(".card")
    for count in (30, 60):
        await phone.locator(".card").last.scroll_into_view_if_needed()
        await phone.sees(f".cards > li:nth-child({count})")
    chosen = phone.locator(".card").nth(50)
    await chosen.scroll_into_view_if_needed()
    await chosen.click()
    await phone.sees(".buy")
    await phone.page.go_back()
    await phone.sees(".cards > li:nth-child(51)")
    await phone.page.wait_for_function("window.scrollY > 1000")


async def test_a_product_says_plainly_whether_and_when(phone: Screen) -> None:
    await choose_shop(phone)
    await phone.open(f"#/p/{RULE}")
    await phone.sees(".stock-panel .stock", "Paris Bastille")
    await phone.sees(".stock-more", "Prêt")
    await phone.sees(".facts", RULE)


# As of a chain that was set up anew; all else of a shop that the page keeps stays as it is.
GONE = """() => {
  const kept = JSON.parse(localStorage.getItem("comptoir.shop"));
  const gone = { ...kept, location_id: "atlantis", name: "Fargue Atlantis" };
  localStorage.setItem("comptoir.shop", JSON.stringify(gone));
}"""


@pytest.mark.parametrize(
    ("hash_", "shown"),
    [(f"#/p/{RULE}", ".stock-panel"), ("#/c/drills", ".card .price"), ("#/basket", ".line .money")],
)
async def test_a_shop_that_has_gone_is_forgotten_and_all_else_shown(
    phone: Screen, hash_: str, shown: str
) -> None:
    await choose_shop(phone)
    await put_in(phone, RULE)
    await phone.open(hash_)
    await phone.sees(shown)
    await phone.page.evaluate(GONE)
    await phone.reload()

    await phone.sees(".toast", "Choisissez-en un autre")
    await phone.sees(shown)
    await phone.sees(".shop-link", "Choisir")
    assert await phone.page.evaluate("localStorage.getItem('comptoir.shop')") is None


async def test_a_length_is_typed_as_people_write_it(phone: Screen) -> None:
    await choose_shop(phone)
    await phone.open(f"#/p/{CABLE}")
    await phone.fill(".stepper-input", "2,5")
    await phone.page.keyboard.press("Tab")
    await phone.sees(".buy .money", "14,75")
    await phone.locator(".buy .primary").click()
    await phone.sees(".toast", "2,5")


async def test_a_visitors_basket_outlives_the_page(phone: Screen) -> None:
    await choose_shop(phone)
    await put_in(phone, RULE)
    await phone.reload()
    await phone.open("#/basket")
    await phone.sees(".line", "En stock")


async def test_a_line_that_is_taken_out_can_be_put_back(phone: Screen) -> None:
    await put_in(phone, RULE)
    await phone.open("#/basket")
    await phone.press("Retirer")
    await phone.sees(".state", "vide")
    await phone.press("Remettre")
    await phone.sees(".line")


async def test_a_page_that_is_not_there_says_so(phone: Screen) -> None:
    await phone.open("#/nowhere/at/all")
    await phone.sees("h1", "Rien ici")


@pytest.mark.parametrize("hash_", ["#/c/nowhere", "#/p/%E0%A4%A", "#/p/a/b/c"])
async def test_an_address_that_leads_nowhere_says_so(phone: Screen, hash_: str) -> None:
    await phone.open(hash_)
    await phone.sees("h1", "Rien ici")


async def test_the_browsers_language_is_spoken_and_can_be_changed(english_phone: Screen) -> None:
    await english_phone.sees("h1", "What are we making")
    await english_phone.open("#/account")
    await english_phone.press("Français")
    await english_phone.sees("h1", "Compte")
    assert await english_phone.page.get_attribute("html", "lang") == "fr"


async def test_offline_is_said_and_left_by_itself_when_the_line_is_back(phone: Screen) -> None:
    await phone.sees(".tile")
    await phone.offline(True)
    await phone.open("#/c/saws")
    await phone.sees(".failure", "Pas de connexion")
    await phone.offline(False)
    await phone.sees(".card")


async def test_what_could_not_be_had_is_asked_for_again(phone: Screen) -> None:
    await phone.sees(".tile")
    await phone.page.route("**/v1/products?*", lambda route: route.fulfill(status=500))
    await phone.open("#/c/saws")
    await phone.sees(".failure", "Un problème est survenu")
    await phone.page.unroute("**/v1/products?*")
    await phone.press("Réessayer")
    await phone.sees(".card")


async def test_what_one_touches_is_large_enough(phone: Screen) -> None:
    await choose_shop(phone)
    for hash_, shown in {
        "#/": ".tile",
        "#/c/drills": ".card",
        f"#/p/{RULE}": ".buy",
        "#/sign-in": ".form",
        "#/account": ".choices",
    }.items():
        await phone.open(hash_)
        await phone.sees(shown)
        assert await phone.too_small() == [], hash_
