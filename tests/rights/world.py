"""People and what is theirs, in the running suite: the owner of everything, and the others.

What the owner has stands at HERE, with a mark in every field that takes words. The others
have as good a right to call, and none to what is hers.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
import jwt
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1 import terminal_service_pb2 as terminal_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from comptoir.associate.v1.terminal_service_pb2_grpc import TerminalServiceStub
from comptoir.customer.v1 import history_service_pb2 as history_pb
from comptoir.customer.v1.history_service_pb2_grpc import HistoryServiceStub
from comptoir.inventory.v1 import reservation_service_pb2 as reservation_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb
from comptoir.inventory.v1.reservation_service_pb2_grpc import ReservationServiceStub
from comptoir.type.v1.money_pb2 import Money
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.clock import utc_now
from tests.people import Person, b64
from tests.rights.callers import ELSEWHERE, HERE, Caller, Issuers, bearer, service, user
from tests.rights.methods import Metadata
from tests.shopping import ordered, picked_and_staged

SKU, IN_BASKET = "AUD-7307", "AUD-7305-CORAIL"
COUNTER, CABINET = f"{HERE}-counter", "cab-part-dieu"
PASSWORD = "quatre mots bien choisis"


def staff(name: str, role: str, location_id: str) -> Caller:
    return user(name, "associate", f"staff:{role}", locations=[location_id])


# What takes words: each with a mark of its own.
MARKED = ("email", "name", "payment", "bin", "cause", "purchase", "document", "label")

# Whoever has a right to what is at HERE, and after the dash the same with none.
GIVEN = {
    "seller": staff("seller", "associate", HERE),
    "manager": staff("manager", "manager", HERE),
    "operator": staff("operator", "operator", HERE),
    "other seller": staff("other seller", "associate", ELSEWHERE),
    "other manager": staff("other manager", "manager", ELSEWHERE),
    "other operator": staff("other operator", "operator", ELSEWHERE),
    "market": user("market", "associate", "client:stock.reserve"),
    "other market": user("other market", "associate", "client:stock.reserve"),
    "gateway": service("gateway"),
    "visitor": Caller("visitor", None, lambda _, __: ""),
    "locker": user("locker", "collect", "locker"),
    "client without scope": user("client without scope", "associate"),
}
# Everybody who is not the owner, nor of the shop where her things are.
STRANGERS = (
    "visitor",
    "other",
    "other seller",
    "other manager",
    "other operator",
    "other market",
    "locker",
    "client without scope",
)
INSTALLER = user("installer", "associate", "client:terminal.enrol")
IMPORTER = user("importer", "associate", "client:customer.write")


@dataclass(frozen=True, slots=True)
class World:
    """Who may call, by name; the owner's things, by the field that names them; her marks."""

    callers: Mapping[str, Caller]
    things: Mapping[str, str]
    marks: Mapping[str, str]


class Settling:
    """Puts people and their things into the suite."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        channels: Mapping[str, grpc.aio.Channel],
        issuers: Issuers,
    ) -> None:
        self._http = http
        self._channels = channels
        self._issuers = issuers
        self.marks = {name: f"{name}-{uuid4().hex[:12]}" for name in MARKED}
        self.orders: list[tuple[Person, str]] = []
        self.reservation_ids: list[str] = []

    async def customer(self, address: str, name: str) -> Person:
        body = {
            "email": f"{address}@example.org",
            "password": PASSWORD,
            "given_name": name,
            "family_name": name,
        }
        answer = await Person(self._http).post("/v1/customers", body)
        return Person(self._http, answer.ok()["tokens"]["access_token"])

    async def order(self, person: Person, payment: dict[str, str] | None = None) -> Any:
        lines = [{"sku": SKU, "quantity": 1}]
        made = await ordered(person, lines, point_id=COUNTER, location_id=HERE, payment=payment)
        self.orders.append((person, made["order_id"]))
        return made

    async def ready_order(self, person: Person) -> str:
        """One that lies in a bin with the mark on it."""
        order, seller = await self.order(person), self.person("seller")
        await picked_and_staged(seller, order, bin_label=self.marks["bin"])
        return str(order["order_id"])

    async def refused_order(self, person: Person) -> str:
        """One that staff have called off, saying why with the mark."""
        order_id = (await self.order(person))["order_id"]
        path = f"/v1/terminal/orders/{order_id}/cancel"
        (await self.person("seller").post(path, {"cause": self.marks["cause"]})).ok()
        return str(order_id)

    async def purchases(self, customer_id: str) -> None:
        """Two, of an article with the mark."""
        price = Money(minor=1990, currency="EUR")
        line = history_pb.PurchaseLine(sku=self.marks["purchase"], quantity=1, total=price)
        requests = []
        for number in (1, 2):
            purchase = history_pb.Purchase(
                purchase_id=f"{self.marks['purchase']}-{number}",
                customer_id=customer_id,
                location_id=HERE,
                lines=[line],
                total=price,
                channel=history_pb.PURCHASE_CHANNEL_TILL,
            )
            purchase.purchase_time.FromDatetime(utc_now())
            requests.append(history_pb.ImportPurchasesRequest(number=number, purchase=purchase))
        stub: Any = HistoryServiceStub(self._channels["customer"])
        metadata = bearer(IMPORTER.token_for(self._issuers, "customer"))
        async for answer in stub.ImportPurchases(iter(requests), metadata=metadata):
            assert not answer.progress.rejections, answer

    async def reservation(self) -> str:
        """A hold of the marketplace's, under a document with the mark."""
        request = reservation_pb.ReserveRequest(
            request_id=str(uuid4()),
            lines=[stock_pb.StockLine(location_id=HERE, sku=SKU, quantity=1)],
            document_id=self.marks["document"],
        )
        stub, metadata = self._market()
        made = (await stub.Reserve(request, metadata=metadata)).reservation.reservation_id
        self.reservation_ids.append(made)
        return str(made)

    async def client(self) -> str:
        """One whose secret nobody has guessed at yet."""
        client_id = f"rights-{uuid4().hex}"
        request = client_pb.PutClientRequest(
            request_id=str(uuid4()), client_id=client_id, scopes=["stock.read"]
        )
        stub: Any = ClientServiceStub(self._channels["associate"])
        metadata = bearer(GIVEN["operator"].token_for(self._issuers, "associate"))
        await stub.PutClient(request, metadata=metadata)
        return client_id

    async def terminal(self) -> str:
        request = terminal_pb.CreateEnrolmentCodeRequest(
            request_id=str(uuid4()), location_id=HERE, label=self.marks["label"]
        )
        stub: Any = TerminalServiceStub(self._channels["associate"])
        metadata = bearer(INSTALLER.token_for(self._issuers, "associate"))
        code = (await stub.CreateEnrolmentCode(request, metadata=metadata)).code
        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        body = {"code": code, "public_key": b64(point)}
        return str((await Person(self._http).post("/v1/terminals", body)).ok()["terminal_id"])

    def person(self, name: str) -> Person:
        return Person(self._http, GIVEN[name].token_for(self._issuers, "gateway"))

    async def leave(self) -> None:
        """Give back the stock and slots that are still taken."""
        for person, order_id in self.orders:
            await person.post(f"/v1/orders/{order_id}/cancel")
        stub, metadata = self._market()
        for reservation_id in self.reservation_ids:
            release = reservation_pb.ReleaseRequest(
                request_id=str(uuid4()), reservation_id=reservation_id
            )
            await stub.Release(release, metadata=metadata)

    def _market(self) -> tuple[Any, Metadata]:
        metadata = bearer(GIVEN["market"].token_for(self._issuers, "inventory"))
        return ReservationServiceStub(self._channels["inventory"]), metadata


@asynccontextmanager
async def settled(settling: Settling, *, parcel_id: str) -> AsyncIterator[World]:
    marks = settling.marks
    owner = await settling.customer(marks["email"], marks["name"])
    other = await settling.customer(uuid4().hex, "Other")
    try:
        paid = {"method": "reference", "reference": marks["payment"]}
        order_ids = [
            (await settling.order(owner, paid))["order_id"],
            await settling.ready_order(owner),
            await settling.refused_order(owner),
        ]
        await settling.order(other)
        reservation_ids = [await settling.reservation() for _ in range(2)]
        await settling.purchases(subject_of(owner))
        (await owner.put(f"/v1/basket/lines/{IN_BASKET}", {"quantity": 1})).ok()
        things = {
            "order_id": order_ids[1],
            "open_order_id": order_ids[0],
            "customer_id": subject_of(owner),
            "reservation_id": reservation_ids[0],
            "location_id": HERE,
            "cabinet_id": CABINET,
            "parcel_id": parcel_id,
            "unguessed_client_id": await settling.client(),
            "terminal_id": await settling.terminal(),
        }
        people = {"owner": known(owner), "other": known(other)}
        ids = {
            "customer": things["customer_id"],
            "terminal": things["terminal_id"],
            "basket": IN_BASKET,
            **{f"order {number}": each for number, each in enumerate(order_ids)},
            **{f"reservation {number}": each for number, each in enumerate(reservation_ids)},
        }
        yield World({**GIVEN, **people}, things, {**marks, **ids})
    finally:
        await settling.leave()


def known(person: Person) -> Caller:
    return Caller("a customer", frozenset({"customer"}), lambda _, __: person.token, "customer")


def subject_of(person: Person) -> str:
    claims: dict[str, Any] = jwt.decode(person.token, options={"verify_signature": False})
    return str(claims["sub"])


def unlike(thing: str) -> str:
    """As long as it, and nothing's."""
    return thing[:-1] + ("0" if thing[-1] != "0" else "1")
