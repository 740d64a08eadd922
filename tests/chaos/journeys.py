"""What people and programs do under load, each from its first step to its last."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from comptoir.inventory.v1 import reservation_service_pb2 as hold_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.inventory.v1.stock_service_pb2_grpc import StockServiceStub
from google.protobuf import duration_pb2

from tests.chaos.crew import COUNTER, LOCKER, PLENTY, SCARCE, SHOP
from tests.chaos.journal import Entry, Outcome
from tests.chaos.journey import LOOK_S, LOOKS_MAX, GaveUpError, Journey

BUYERS_AT_ONCE = 4
HOLD_S = 12
QUANTITY_MAX = 1_000_000

Way: TypeAlias = Callable[[Journey], Awaitable[None]]


async def collected_at_the_counter(journey: Journey) -> None:
    quantity = journey.dice.randint(1, 2)
    order_id = await journey.placed(COUNTER, journey.dice.choice(PLENTY), quantity)
    await journey.staged(order_id, quantity)
    await journey.in_state(order_id, "ready")
    code = (await journey.code(order_id)).answer["code"]
    paid = {"code": code, "paid_at_counter": True}
    await journey.at_terminal("hand_over", "hand-over", order_id, paid)


async def cancelled_somewhere(journey: Journey) -> None:
    order_id = await journey.placed(COUNTER, journey.dice.choice(PLENTY + SCARCE), 1)
    if journey.dice.random() < 0.5:
        await journey.staged(order_id, 1)
    await journey.cancelled(order_id)


async def a_basket_filled(journey: Journey) -> None:
    """What collect writes alone and nobody else waits for: it is answered while no order is."""
    for sku in journey.dice.sample(PLENTY, len(PLENTY)):
        # Hardly ever the same twice, so that a revision tells which change it was.
        await journey.put(sku, journey.dice.randint(1, QUANTITY_MAX))


async def the_last_one(journey: Journey) -> None:
    """Several ask for what there is too little of, all at once; one of them twice."""
    sku = journey.dice.choice(SCARCE)
    wishes = [journey.wish(COUNTER, sku, 1) for _ in range(BUYERS_AT_ONCE)]
    keys = [journey.new_key() for _ in wishes]
    sent = [
        journey.desk.post("place", journey.buyer, "/v1/orders", wish, key=key)
        for wish, key in [*zip(wishes, keys, strict=True), (wishes[0], keys[0])]
    ]
    got = {
        entry.answer["order_id"]
        for entry in await asyncio.gather(*sent)
        if entry.outcome is Outcome.OK
    }
    # Most of them let it go, so that there is something to fight for next time.
    for order_id in sorted(got)[: len(got) - journey.dice.randint(0, 1)]:
        await journey.in_state(order_id, "confirmed")
        await journey.cancelled(order_id)


async def from_the_locker(journey: Journey) -> None:
    order_id = await journey.placed(LOCKER, journey.dice.choice(PLENTY), 1)
    await journey.staged(order_id, 1)
    await journey.at_terminal("load", "load", order_id, None)
    door = await opened_for_staff(journey, order_id)
    await journey.desk.cabinet("POST", "close", {"compartment": door})
    await journey.in_state(order_id, "ready")
    text = str((await journey.code(order_id)).answer["qr_text"])
    if journey.dice.random() < 0.3:
        await taken_back(journey, order_id)
    else:
        await opens_once(journey, order_id, text)
    # A code that was spent, or called off, opens nothing, however often it is shown.
    await shown_again(journey, order_id, text)


async def shown_again(journey: Journey, order_id: str, text: str) -> None:
    """Until the panel, which makes everybody wait after a wrong try, has looked at it."""
    for _ in range(LOOKS_MAX):
        entry = await journey.desk.at_cabinet("open", "scan", about=order_id, text=text)
        if entry.answer.get("answer") not in ("WAIT", None):
            return
        await asyncio.sleep(LOOK_S)


async def opened_for_staff(journey: Journey, order_id: str) -> str:
    """The compartment whose door stands open for the order. Raises GaveUpError."""
    for _ in range(LOOKS_MAX):
        for name, use in (await compartments(journey)).items():
            if use["order_id"] == order_id and use["door"] != "shut":
                return name
        await asyncio.sleep(LOOK_S)
    raise GaveUpError


async def compartments(journey: Journey) -> Mapping[str, Any]:
    state = await journey.desk.cabinet("GET", "state")
    return {} if state is None else state["compartments"]


async def opens_once(journey: Journey, order_id: str, text: str) -> None:
    for _ in range(LOOKS_MAX):
        entry = await journey.desk.at_cabinet("open", "scan", about=order_id, text=text)
        if entry.answer.get("answer") == "OPEN":
            break
        await asyncio.sleep(LOOK_S)
    for name, use in (await compartments(journey)).items():
        if use["order_id"] == order_id and use["door"] != "shut":
            await journey.desk.cabinet("POST", "close", {"compartment": name})


async def taken_back(journey: Journey, order_id: str) -> None:
    await journey.cancelled(order_id)
    await journey.in_state(order_id, "cancelled")
    await journey.at_terminal("take_back", "take-back", order_id, None)
    door = await opened_for_staff(journey, order_id)
    await journey.desk.cabinet("POST", "close", {"compartment": door})


async def sold_at_the_till(journey: Journey) -> None:
    stub = StockServiceStub(journey.crew.channels["inventory"])
    key, sku = journey.new_key(), journey.dice.choice(PLENTY)
    line = stock_pb.StockLine(location_id=SHOP, sku=sku, quantity=1)
    request = stock_pb.RecordSaleRequest(request_id=key, lines=[line], receipt_id=key)
    await journey.sure(journey.desk.ask("sell", stub.RecordSale, request, sku=sku))


async def held_by_another_channel(journey: Journey) -> None:
    """Held for seconds: then let go, used too late or nearly so, or forgotten."""
    stub = ReservationServiceStub(journey.crew.channels["inventory"])
    line = stock_pb.StockLine(location_id=SHOP, sku=journey.dice.choice(SCARCE), quantity=1)
    wish = hold_pb.ReserveRequest(
        request_id=journey.new_key(),
        lines=[line],
        hold_duration=duration_pb2.Duration(seconds=HOLD_S),
    )
    held = await journey.sure(journey.desk.ask("reserve", stub.Reserve, wish, sku=line.sku))
    ends = journey.dice.choice((let_go, used_at_its_end, used_at_its_end, None))
    if ends is not None:
        await ends(journey, stub, held)


async def let_go(journey: Journey, stub: Any, held: Entry) -> None:
    await asyncio.sleep(journey.dice.uniform(0, HOLD_S / 2))
    hold_id = str(held.answer["reservation_id"])
    request = hold_pb.ReleaseRequest(request_id=journey.new_key(), reservation_id=hold_id)
    await journey.sure(journey.desk.ask("release", stub.Release, request, about=hold_id))


async def used_at_its_end(journey: Journey, stub: Any, held: Entry) -> None:
    """A moment before or after: its units are another's from then on."""
    left_s = max(0.0, float(held.answer["expire_s"]) - held.end_s)
    await asyncio.sleep(left_s + journey.dice.uniform(-0.5, 1.5))
    hold_id = str(held.answer["reservation_id"])
    request = hold_pb.CommitRequest(request_id=journey.new_key(), reservation_id=hold_id)
    await journey.sure(journey.desk.ask("commit", stub.Commit, request, about=hold_id))


# How often each is gone, in parts of the whole.
WAYS: Mapping[Way, int] = {
    collected_at_the_counter: 10,
    cancelled_somewhere: 4,
    a_basket_filled: 1,
    the_last_one: 1,
    from_the_locker: 2,
    sold_at_the_till: 2,
    held_by_another_channel: 3,
}
