"""The shop's terminal: who may, what is due, and the work on it."""

from uuid import UUID

from tests.browser.buying import METER, RULE
from tests.browser.screens import Screen
from tests.people import Person
from tests.shopping import COUNTER, DRILL, ordered, picked_and_staged
from tests.suite import Stack


async def start(floor: Screen, label: str) -> None:
    """Find the order by what its customer says, and open it."""
    await floor.fill(".find", label)
    await floor.locator(f".ticket:has-text('{label}')").click()
    await floor.sees(".job-head h1", label)


async def test_a_wrong_pin_is_refused_and_says_so(floor: Screen, stack: Stack) -> None:
    member = stack.accounts["staff"][0]
    await floor.open("#/device")
    await floor.press("Se déconnecter")
    await floor.fill("input[name=badge]", member["badge"])
    await floor.type_on_keypad("111111")
    await floor.press("Se connecter")
    await floor.sees(".gate-problem", "Vérifiez")


async def test_an_empty_badge_and_an_empty_bin_are_asked_for(
    floor: Screen, buyer: Person, stack: Stack
) -> None:
    order = await ordered(buyer, [{"sku": RULE, "quantity": 1}], point_id=COUNTER)
    await start(floor, order["label"])
    await floor.press("Trouvé 1")
    await floor.press("en bac")
    await floor.sees(".toast-alert", "bac")
    await floor.open("#/device")
    await floor.press("Se déconnecter")
    await floor.type_on_keypad(stack.accounts["staff"][0]["pin"])
    await floor.press("Se connecter")
    await floor.sees(".field-error", "badge")


async def test_the_longest_label_of_a_bin_stays_inside_its_ticket(
    floor: Screen, buyer: Person
) -> None:
    order = await ordered(buyer, [{"sku": RULE, "quantity": 1}], point_id=COUNTER)
    await start(floor, order["label"])
    await floor.press("Trouvé 1")
    await floor.fill(".bin-input", "W" * 32)
    await floor.press("en bac")
    await floor.sees(".ticket .place", "WWW")
    over_px = await floor.locator(".queue").evaluate("one => one.scrollWidth - one.clientWidth")
    assert over_px == 0


async def test_a_wrong_enrolment_code_is_refused_and_says_so(tablet: Screen) -> None:
    await tablet.sees("h1", "Enrôler")
    await tablet.fill("input[name=code]", "WRONGWRONG")
    await tablet.press("Enrôler")
    await tablet.sees(".field-error", "pas le bon")


async def test_the_devices_key_cannot_be_read(floor: Screen) -> None:
    exportable = await floor.page.evaluate(
        """() => new Promise((resolve, reject) => {
          const opening = indexedDB.open('comptoir-terminal');
          opening.onerror = () => reject(opening.error);
          opening.onsuccess = () => {
            const store = opening.result.transaction('device').objectStore('device');
            const reading = store.get('enrolment');
            reading.onsuccess = () => resolve(reading.result.privateKey.extractable);
          };
        })"""
    )
    assert exportable is False


async def test_a_new_order_appears_by_itself(floor: Screen, buyer: Person) -> None:
    order = await ordered(buyer, [{"sku": RULE, "quantity": 1}], point_id=COUNTER)
    await floor.sees(f".ticket:has-text('{order['label']}')", "à préparer")


async def test_an_order_is_picked_staged_and_handed_over(floor: Screen, buyer: Person) -> None:
    lines = [{"sku": RULE, "quantity": 1}, {"sku": METER, "quantity": 1}]
    order = await ordered(buyer, lines, point_id=COUNTER)
    await start(floor, order["label"])
    for number in (1, 2):
        await floor.sees(".pick-card .pick-count", "1")
        await floor.press("Trouvé 1")
        await floor.sees(".pick-progress", f"{number} ligne")
    await floor.fill(".bin-input", "Bac 7")
    await floor.press("en bac")
    await floor.sees(".due-sum", "€")
    await floor.press("Encaissé")
    code = (await buyer.get(f"/v1/orders/{order['order_id']}/code")).ok()["code"]
    await floor.type_on_keypad(code)
    await floor.sees(".settled", "Remise")
    after = (await buyer.get(f"/v1/orders/{order['order_id']}")).ok()
    assert (after["state"], after["payment"]["state"]) == ("collected", "captured")


async def test_what_was_said_at_the_counter_stays_when_the_order_changes(floor: Screen) -> None:
    """Saying what was found is written in the background, and the view drawn anew."""
    kept = await floor.page.evaluate(
        """async () => {
          const { handOver } = await import("/terminal/views/handover.js");
          const total = { minor: 990, currency: "EUR" };
          const order = { payment: { state: "due" }, total, lines: [], place_label: "B 1" };
          const page = { atCounter: { isPaid: false, code: "" } };
          const { signal } = new AbortController();
          const draw = () => {
            const shown = document.createElement("div");
            shown.append(...handOver({ order, found: new Map(), code: "", page, signal }));
            return shown;
          };
          const first = draw();
          first.querySelector(".due-toggle").click();
          for (const key of [...first.querySelectorAll(".key")].slice(0, 3)) key.click();
          const again = draw();
          return [
            again.querySelector(".due-toggle").getAttribute("aria-pressed"),
            again.querySelector(".code-input").value,
          ];
        }"""
    )
    assert kept == ["true", "123"]


async def test_what_waits_on_the_device_tells_its_age(floor: Screen) -> None:
    before_ms, key, after_ms = await floor.page.evaluate(
        """async () => {
          const { newDatedKey } = await import("/shared/api.js");
          return [Date.now(), newDatedKey(), Date.now()];
        }"""
    )
    assert UUID(key).version == 7
    assert before_ms <= UUID(key).int >> 80 <= after_ms


async def test_what_is_not_found_is_not_charged(floor: Screen, buyer: Person) -> None:
    lines = [{"sku": RULE, "quantity": 1}, {"sku": METER, "quantity": 1}]
    order = await ordered(buyer, lines, point_id=COUNTER)
    await start(floor, order["label"])
    await floor.press("Trouvé 1")
    await floor.sees(".pick-progress", "1 ligne")
    await floor.press("Introuvable")
    await floor.fill(".bin-input", "Bac 8")
    await floor.press("en bac")
    await floor.sees(".due-sum")
    after = (await buyer.get(f"/v1/orders/{order['order_id']}")).ok()
    assert after["total"] == after["lines"][0]["total"]


async def test_what_a_colleague_looked_for_in_vain_shows_as_such(
    floor: Screen, buyer: Person, seller: Person
) -> None:
    lines = [{"sku": RULE, "quantity": 1}, {"sku": METER, "quantity": 1}]
    order = await ordered(buyer, lines, point_id=COUNTER)
    in_vain = {"line_number": 1, "found_quantity": 0}
    (await seller.post(f"/v1/terminal/orders/{order['order_id']}/picks", in_vain)).ok()
    await start(floor, order["label"])
    await floor.sees(".pick-progress", "1 ligne")
    await floor.sees(".pick-row.is-none", "introuvable")


async def test_what_nobody_looked_for_is_not_said_to_be_missing(
    floor: Screen, buyer: Person
) -> None:
    order = await ordered(buyer, [{"sku": RULE, "quantity": 1}], point_id=COUNTER)
    await start(floor, order["label"])
    await floor.press("Annuler", within=".job-tools")
    await floor.press("Abîmé")
    await floor.sees(".settled", "Annulée")
    await floor.sees(".plain-count", "1")
    await floor.sees(".plain-line", "pas cherché")
    await floor.sees_no(".plain-line .missing")


async def test_a_wrong_code_gives_nothing_out(floor: Screen, buyer: Person, seller: Person) -> None:
    order = await ordered(buyer, [{"sku": RULE, "quantity": 1}], point_id=COUNTER)
    await picked_and_staged(seller, order)
    await start(floor, order["label"])
    await floor.press("Encaissé")
    await floor.type_on_keypad("00000000")
    await floor.sees(".counter-code .field-error", "pas le bon")
    assert (await buyer.get(f"/v1/orders/{order['order_id']}")).ok()["state"] == "ready"


async def test_a_code_before_the_money_says_what_is_missing(
    floor: Screen, buyer: Person, seller: Person
) -> None:
    order = await ordered(buyer, [{"sku": RULE, "quantity": 1}], point_id=COUNTER)
    await picked_and_staged(seller, order)
    await start(floor, order["label"])
    await floor.type_on_keypad("00000000")
    await floor.sees(".counter-code .field-error", "Encaissez")
    await floor.press("Encaissé")
    await floor.sees_no(".counter-code .field-error svg")


async def test_an_order_that_was_found_by_its_label_leaves_the_queue_whole(
    floor: Screen, buyer: Person
) -> None:
    order = await ordered(buyer, [{"sku": RULE, "quantity": 1}], point_id=COUNTER)
    other = await ordered(buyer, [{"sku": METER, "quantity": 1}], point_id=COUNTER)
    await start(floor, order["label"])
    await floor.sees(f".ticket:has-text('{other['label']}')")


async def test_offline_the_queue_says_as_of_when_and_picks_are_sent_later(
    floor: Screen, buyer: Person
) -> None:
    order = await ordered(buyer, [{"sku": RULE, "quantity": 1}], point_id=COUNTER)
    await start(floor, order["label"])
    await floor.sees(".pick-card .pick-picture img")
    await floor.offline(True)
    await floor.sees(".line-words", "File telle")
    await floor.press("Trouvé 1")
    await floor.sees(".line-words", "attend")
    await floor.offline(False)
    await floor.sees_no(".line-words")
    after = (await buyer.get(f"/v1/orders/{order['order_id']}")).ok()
    assert (after["state"], after["lines"][0]["found_quantity"]) == ("picking", 1)


async def test_an_order_is_cancelled_with_a_cause(floor: Screen, buyer: Person) -> None:
    order = await ordered(buyer, [{"sku": RULE, "quantity": 1}], point_id=COUNTER)
    await start(floor, order["label"])
    await floor.press("Annuler", within=".job-tools")
    await floor.press("Abîmé")
    await floor.sees(".settled", "Annulée")
    after = (await buyer.get(f"/v1/orders/{order['order_id']}")).ok()
    assert (after["state"], after["cause"]) == ("cancelled", "DAMAGED")


async def test_a_product_is_looked_up_with_its_stock_and_where_else(floor: Screen) -> None:
    await floor.follow("Produits")
    await floor.fill(".lookup .input", DRILL)
    await floor.sees(".found-row", DRILL)
    await floor.locator(".found-row").first.click()
    await floor.sees(".terms", "Vendable")
    await floor.sees(".others", "En stock")


async def test_what_a_thumb_is_to_hit_is_large_enough(floor: Screen, buyer: Person) -> None:
    order = await ordered(buyer, [{"sku": RULE, "quantity": 1}], point_id=COUNTER)
    await start(floor, order["label"])
    await floor.sees(".pick-card")
    assert await floor.too_small() == []
