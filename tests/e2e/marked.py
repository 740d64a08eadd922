"""People's lives with a mark in all that is personal or secret, some of it where it does not
belong: whoever finds a mark in what an operator sees has found a leak."""

import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import aiohttp
import grpc
from comptoir.associate.v1 import client_service_pb2 as client_pb
from comptoir.associate.v1 import staff_service_pb2 as staff_pb
from comptoir.associate.v1.client_service_pb2_grpc import ClientServiceStub
from comptoir.associate.v1.staff_service_pb2_grpc import StaffServiceStub
from comptoir.customer.v1 import profile_service_pb2 as profile_pb
from comptoir.customer.v1.profile_service_pb2_grpc import ProfileServiceStub

from tests.cabinet import CABINET, Cabinet
from tests.machines import Metadata, enrolment_code, signed_in
from tests.people import Person, associate
from tests.shopping import DRILL, LOCKER, SHOP, followed, ordered, picked_and_staged
from tests.suite import Stack
from tests.waiting import until

CARD = {"method": "reference"}


@dataclass
class Life:
    """What is lived through with `http`, the edge that is looked at. `marks` are by name."""

    stack: Stack
    http: aiohttp.ClientSession
    marks: dict[str, str] = field(default_factory=dict)

    def mark(self, name: str, pattern: str = "{}") -> str:
        """Something new with a mark in it, which alone is looked for: a part of it would do."""
        self.marks[name] = secrets.token_hex(6)
        return pattern.format(self.marks[name])

    async def customer(self) -> Person:
        """Signed up and changed their name; guessed at; lost in the shop."""
        visitor = Person(self.http)
        email = self.mark("e-mail", "{}@marked.example")
        body = {
            "email": email,
            "password": self.mark("password", "mot {} de passe"),
            "given_name": self.mark("given name", "Jeanne{}"),
            "family_name": self.mark("family name", "d'Arc{}"),
        }
        signed_up = await visitor.post("/v1/customers", body)
        taken = await visitor.post("/v1/customers", body)
        assert (signed_up.status, taken.status) == (201, 409)
        wrong = {"email": email, "password": self.mark("wrong password", "faux {} faux")}
        assert (await visitor.post("/v1/sessions", wrong)).status == 401
        tokens = signed_up.ok()["tokens"]
        for name in ("access_token", "refresh_token"):
            self.marks[name] = tokens[name]
        buyer = Person(self.http, tokens["access_token"])
        revision = (await buyer.get("/v1/me")).ok()["revision"]
        change = {"given_name": self.mark("new name", "Ada{}"), "locale": "fr"}
        (await buyer.put("/v1/me", {**change, "revision": revision})).ok()
        await self._astray(visitor)
        return buyer

    async def _astray(self, visitor: Person) -> None:
        """What is personal, or anybody's guess, where it does not belong."""
        forged = self.mark("forged token", "eyJhbGciOiJub25lIn0.{}.sig")
        assert (await Person(self.http, forged).get("/v1/me")).status == 401
        as_sku = self.mark("address as sku", "{}@x.example")
        assert (await visitor.get(f"/v1/products/{as_sku}")).status == 404
        assert (await visitor.get(f"/v1/{self.mark('path')}")).status == 404
        assert (await visitor.get("/v1/products", q=self.mark("search", "rue {}"))).status == 200
        odd = {self.mark("field"): self.mark("value")}
        assert (await visitor.post("/v1/sessions", odd)).status == 400

    async def called_off(self, buyer: Person, seller: Person) -> None:
        """An order by its customer, another by staff, each with what they had to say."""
        for person, path, cause in (
            (buyer, "/v1/orders/{}/cancel", self.mark("cause of a customer", "ma fille {}")),
            (seller, "/v1/terminal/orders/{}/cancel", self.mark("cause of staff", "Mme {} morte")),
        ):
            order = await ordered(buyer, [{"sku": DRILL, "quantity": 1}])
            path = path.format(order["order_id"])
            assert (await person.post(path, {"cause": f"{cause} {'x' * 200}"})).status == 400
            (await person.post(path, {"cause": cause})).ok()

    async def associate(self) -> Person:
        """New to the house, on a new terminal."""
        badge, pin = self.mark("badge", "B-{}"), f"{secrets.randbelow(10**12):012}"
        member = staff_pb.StaffMember(
            badge=badge,
            display_name=self.mark("staff name", "Camille {}"),
            roles=[staff_pb.STAFF_ROLE_ASSOCIATE],
            location_ids=[SHOP],
            active=True,
        )
        metadata = await self._as_client("importer")
        async with grpc.aio.insecure_channel(self.stack.address("associate")) as channel:
            wanted = [staff_pb.ImportStaffRequest(number=1, member=member, pin=pin)]
            await imported(StaffServiceStub(channel).ImportStaff(iter(wanted), metadata=metadata))
            guess = client_pb.IssueTokenRequest(
                client_id="importer", secret=self.mark("wrong client secret")
            )
            refused = await ClientServiceStub(channel).IssueToken(guess).code()
            assert refused is grpc.StatusCode.UNAUTHENTICATED
        code = await enrolment_code(self.stack, SHOP)
        seller = await associate(self.http, code=code, badge=badge, pin=pin)
        self.marks |= {"PIN": pin, "enrolment code": code, "staff token": seller.token}
        (await seller.get("/v1/staff/me")).ok()
        return seller

    async def at_the_counter(self, buyer: Person, seller: Person) -> None:
        """An order through the hands of an associate, with its codes."""
        self.marks["payment"] = f"sim_card_{secrets.token_hex(6)}"
        order = await ordered(
            buyer,
            [{"sku": DRILL, "quantity": 1}],
            payment={**CARD, "reference": self.marks["payment"]},
        )
        await picked_and_staged(seller, order)
        (await seller.get(f"/v1/terminal/customers/{order['customer_id']}")).ok()
        shown = (await buyer.get(f"/v1/orders/{order['order_id']}/code")).ok()
        code, self.marks["counter's QR"] = shown["code"], shown["qr_text"]
        self.marks["code"] = code
        path = f"/v1/terminal/orders/{order['order_id']}/hand-over"
        refused = await seller.post(path, {"code": code[::-1] + "0"})
        assert refused.status in (400, 409)
        (await seller.post(path, {"code": code})).ok()

    async def at_the_locker(self, buyer: Person, seller: Person, cabinet: Cabinet) -> None:
        self.marks["cabinet's code"] = self.stack.panel["cabinets"][CABINET]
        order = await ordered(
            buyer,
            [{"sku": DRILL, "quantity": 1}],
            point_id=LOCKER,
            payment={**CARD, "reference": f"sim_card_{uuid4()}"},
        )
        await picked_and_staged(seller, order)
        (await seller.post(f"/v1/terminal/orders/{order['order_id']}/load")).ok()
        await until(lambda: cabinet.is_open_for(order))
        await cabinet.act("close", compartment=(await cabinet.of(order))[0])
        await followed(buyer, order, "ready")
        await until(lambda: cabinet.wants(order, "ready"))
        shown = (await buyer.get(f"/v1/orders/{order['order_id']}/code")).ok()
        self.marks |= {"locker's code": shown["code"], "capability": shown["qr_text"]}
        assert (await cabinet.act("type", code=shown["code"]))["answer"] == "OPEN"
        await followed(buyer, order, "collected")

    async def imports(self, traceparent: str) -> None:
        """Customers of another system: one is taken, one is refused, each with a mark in all."""
        people = [
            profile_pb.ImportedCustomer(
                source_id=self.mark(f"{which} source id", "crm {}"),
                email=self.mark(f"{which} e-mail", address),
                given_name=self.mark(f"{which} given name"),
                family_name=self.mark(f"{which} family name"),
            )
            for which, address in (("imported", "{}@marked.example"), ("refused", "{} at home"))
        ]
        wanted = [
            profile_pb.ImportCustomersRequest(number=number, customer=person)
            for number, person in enumerate(people)
        ]
        metadata = (*await self._as_client("importer"), ("traceparent", traceparent))
        async with grpc.aio.insecure_channel(self.stack.address("customer")) as channel:
            call = ProfileServiceStub(channel).ImportCustomers(iter(wanted), metadata=metadata)
            assert await imported(call) == 1

    async def _as_client(self, client_id: str) -> Metadata:
        metadata = await signed_in(self.stack, client_id)
        self.marks["client secret"] = self.stack.panel["clients"][client_id]
        self.marks["client's token"] = metadata[0][1].removeprefix("Bearer ")
        return metadata


async def imported(call: Any) -> int:
    """How many were refused, at the end of an import."""
    return sum([len(answer.progress.rejections) async for answer in call])
