"""Who fuzzes: a visitor, a customer with orders, and a manager at a terminal of one shop.

The tokens are of real people, and of no session: signing out, which is tried too, ends none.
Nothing else happens at the shop, so that nobody's order is handed over by chance.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import jwt

from tests.machines import enrolment_code
from tests.people import Person, associate, customer
from tests.rights.callers import Issuers
from tests.second_gateway import second_gateway
from tests.shopping import ordered
from tests.suite import Stack, free_ports

SHOP, COUNTER, SKU = "toulouse-saint-cyprien", "toulouse-saint-cyprien-counter", "PER-1802"
# Of a documentation net (RFC 5737): whoever guesses is slowed down by where they come from.
SOURCE = {"X-Forwarded-For": "203.0.113.77"}


@dataclass(frozen=True, slots=True)
class Door:
    """A gateway of the suite's for strangers alone, who say where they come from, with their
    tokens by name."""

    url: str
    tokens: Mapping[str, str]
    buyer: Person

    async def ordered(self) -> str:
        """One more order of the customer's."""
        lines = [{"sku": SKU, "quantity": 1}]
        made = await ordered(self.buyer, lines, point_id=COUNTER, location_id=SHOP)
        return str(made["order_id"])


@asynccontextmanager
async def opened_door(stack: Stack, issuers: Issuers, folder: Path) -> AsyncIterator[Door]:
    port = free_ports()
    async with second_gateway(stack, folder, port, PROXIES_COUNT="1"):
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession(url, headers=SOURCE) as http:
            buyer, manager = await customer(http), await manager_of(stack, http)
            tokens = {
                "a visitor": "",
                "a customer": without_session(issuers, buyer),
                "a manager": without_session(issuers, manager),
            }
            yield Door(url, tokens, Person(http, tokens["a customer"]))


async def manager_of(stack: Stack, http: aiohttp.ClientSession) -> Person:
    member = next(
        member
        for member in stack.panel["staff"]
        if "manager" in member["roles"] and SHOP in member["location_ids"]
    )
    code = await enrolment_code(stack, SHOP)
    return await associate(http, code=code, badge=member["badge"], pin=member["pin"])


def without_session(issuers: Issuers, person: Person) -> str:
    claims: dict[str, Any] = jwt.decode(person.token, options={"verify_signature": False})
    kept = {name: claims[name] for name in ("locations",) if name in claims}
    return issuers[claims["iss"]].sign(subject=claims["sub"], grants=claims["grants"], **kept)
