"""One way through the suite, step by step: what every step does and when it is given up."""

import asyncio
import random
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import jwt

from tests.chaos.crew import LOCKER, Crew
from tests.chaos.desk import Desk
from tests.chaos.journal import Entry, Outcome
from tests.people import Person

TRIES_MAX, AGAIN_S = 4, 0.4
LOOKS_MAX, LOOK_S = 40, 0.25
TAPS_TWICE = 0.25


class GaveUpError(Exception):
    """A step was refused, or nobody knows what became of it: the journey ends there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """One customer's way, or another channel's. `dice` is its own."""

    desk: Desk
    crew: Crew
    dice: random.Random
    buyer: Person
    seller: Person

    def new_key(self) -> str:
        return str(UUID(int=self.dice.getrandbits(128), version=4))

    async def sure(self, sent: Awaitable[Entry]) -> Entry:
        """The entry once it is OK. Half of the clients ask again, under the same key; raises
        GaveUpError where it is refused or stays unknown: the rest is settled at the end."""
        entry = await sent
        asks_again = self.dice.random() < 0.5
        for _ in range(TRIES_MAX - 1):
            if entry.outcome is not Outcome.UNKNOWN or not asks_again:
                break
            await asyncio.sleep(AGAIN_S)
            entry = await self.desk.journal.repeated(entry)
        if entry.outcome is not Outcome.OK:
            raise GaveUpError
        return entry

    def wish(self, point_id: str, sku: str, quantity: int) -> dict[str, Any]:
        pays = point_id == LOCKER or self.dice.random() < 0.5
        reference = {"method": "reference", "reference": f"sim_card_{self.new_key()}"}
        return {
            "lines": [{"sku": sku, "quantity": quantity}],
            "point_id": point_id,
            "slot_id": self.dice.choice(self.crew.slots[point_id]),
            "payment": reference if pays else {"method": "at_counter"},
        }

    async def placed(self, point_id: str, sku: str, quantity: int) -> str:
        """The id of an order that is confirmed."""
        wish = self.wish(point_id, sku, quantity)
        key, taps = self.new_key(), 2 if self.dice.random() < TAPS_TWICE else 1
        # An impatient thumb: the same order twice at once, perhaps to two gateways.
        sent = [
            self.sure(self.desk.post("place", self.buyer, "/v1/orders", wish, key=key))
            for _ in range(taps)
        ]
        order_id = str((await asyncio.gather(*sent))[0].answer["order_id"])
        await self.in_state(order_id, "confirmed")
        return order_id

    async def in_state(self, order_id: str, *states: str) -> None:
        """Raises GaveUpError if it does not come to one of them."""
        path = f"/v1/orders/{order_id}"
        for _ in range(LOOKS_MAX):
            seen = await self.desk.get("look", self.buyer, path, about=order_id)
            if seen.answer.get("state") in states:
                return
            await asyncio.sleep(LOOK_S)
        raise GaveUpError

    async def at_terminal(self, operation: str, step: str, order_id: str, body: object) -> Entry:
        path = f"/v1/terminal/orders/{order_id}/{step}"
        key = self.new_key()
        return await self.sure(
            self.desk.post(operation, self.seller, path, body, about=order_id, key=key)
        )

    async def staged(self, order_id: str, quantity: int) -> None:
        pick = {"line_number": 1, "found_quantity": quantity}
        await self.at_terminal("pick", "picks", order_id, pick)
        bin_label = f"B-{self.dice.randint(1, 40)}"
        await self.at_terminal("stage", "stage", order_id, {"bin_label": bin_label})

    async def put(self, sku: str, quantity: int) -> None:
        """Into the basket; any journey of the same customer changes the same one."""
        path, about = f"/v1/basket/lines/{sku}", subject_of(self.buyer)
        body, key = {"quantity": quantity}, self.new_key()
        await self.sure(
            self.desk.post("put", self.buyer, path, body, about=about, key=key, method="PUT")
        )

    async def cancelled(self, order_id: str) -> None:
        path = f"/v1/orders/{order_id}/cancel"
        key = self.new_key()
        await self.sure(self.desk.post("cancel", self.buyer, path, about=order_id, key=key))

    async def code(self, order_id: str) -> Entry:
        path = f"/v1/orders/{order_id}/code"
        return await self.sure(self.desk.get("code", self.buyer, path, about=order_id))


def subject_of(person: Person) -> str:
    """Who it is, by their own token."""
    claims = jwt.decode(person.token, options={"verify_signature": False})
    return str(claims["sub"])
