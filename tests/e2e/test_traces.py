"""What an operator's collector receives of the running suite when its edge samples everything."""

import json
import re
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from deploy.local.suite import GRPC_SERVICES, METRICS_OFFSET
from tests.cabinet import Cabinet
from tests.e2e.marked import Life
from tests.people import Person, customer
from tests.receiver import Receiver, Seen, Trace
from tests.second_gateway import second_gateway
from tests.shopping import DRILL, SHOP, followed, ordered
from tests.suite import Stack, free_ports

# What a log line has of its own, in which a short number may stand by chance.
OWN_OF_LINES = ("time", "trace_id", "span_id")
CANCELLED, OK = "CANCELLED", "OK"

CUSTOMER = "comptoir.customer.v1"
COLLECT = "comptoir.collect.v1"
SIGN_UP = f"{CUSTOMER}.IdentityService/SignUp"
PLACE = f"{COLLECT}.OrderService/PlaceOrder"
WATCH = f"{COLLECT}.OrderService/WatchOrder"
IMPORT = f"{CUSTOMER}.ProfileService/ImportCustomers"
RESERVE = "comptoir.inventory.v1.ReservationService/Reserve"
VIEWS = "comptoir.catalog.v1.ProductService/BatchGetProductViews"
STOCK = "comptoir.inventory.v1.StockService/BatchGetAvailability"
PRICES = "comptoir.catalog.v1.PriceService/BatchGetPrices"


@dataclass(frozen=True, slots=True)
class Edge:
    """A gateway before the running suite that samples each request."""

    stack: Stack
    url: str
    log: Path
    receiver: Receiver

    @asynccontextmanager
    async def visited(self, trace_id: str, **more: str) -> AsyncIterator[aiohttp.ClientSession]:
        """Whoever asks inside says, in vain, that its trace is not to be sampled."""
        headers = {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-00", **more}
        async with aiohttp.ClientSession(self.url, headers=headers) as http:
            yield http


@pytest.fixture(scope="module")
async def edge(
    stack: Stack, receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Edge]:
    folder, port = tmp_path_factory.mktemp("edge"), free_ports()
    told = {"SAMPLE_RATIO": "1", "OTLP_ENDPOINT": receiver.address, "PROXIES_COUNT": "1"}
    async with second_gateway(stack, folder, port, **told) as child:
        yield Edge(stack, f"http://127.0.0.1:{port}", child.log, receiver)


@pytest.fixture(scope="module")
async def trace(edge: Edge) -> Trace:
    """Of a customer who signs up, orders, and looks at the order as it changes."""
    trace_id = secrets.token_hex(16)
    async with edge.visited(trace_id) as http:
        buyer = await customer(http)
        # The first for this gateway, whose near cache has nothing yet.
        (await buyer.get(f"/v1/products/{DRILL}", location_id=SHOP)).ok()
        order = await ordered(buyer, [{"sku": DRILL, "quantity": 1}])
        await followed(buyer, order, "confirmed")
        await buyer.post(f"/v1/orders/{order['order_id']}/cancel")
    return await edge.receiver.trace(trace_id, has_all)


def has_all(trace: Trace) -> bool:
    """Whoever is above ends last, and each process sends by itself."""
    return bool(
        trace.named("gateway: POST /v1/orders/{order_id}/cancel")
        and trace.named(f"collect: {WATCH}")
        and trace.named(f"collect: {PLACE}")
        and trace.named(f"catalog: {PRICES}")
        and trace.named(f"catalog: {VIEWS}")
        and trace.named(f"inventory: {RESERVE}")
        and trace.named(f"customer: {SIGN_UP}")
    ) and not orphans(trace)


def orphans(trace: Trace) -> list[Seen]:
    """Those whose parent is neither here nor the caller of the gateway."""
    here = {seen.id for seen in trace.spans}
    return [
        seen
        for seen in trace.spans
        if seen.span.parent_span_id not in here and not seen.words.startswith("gateway: ")
    ]


PLACED = ("gateway: POST /v1/orders", f"gateway: {PLACE}", f"collect: {PLACE}")
RESERVED = (*PLACED, "collect: saga reserve", f"collect: {RESERVE}", f"inventory: {RESERVE}")


@pytest.mark.parametrize(
    "way",
    [
        (*PLACED, f"collect: {PRICES}", f"catalog: {PRICES}", "catalog: mongodb find"),
        (*PLACED, "collect: mongodb insert"),
        (*PLACED, "collect: mongodb update"),
        (*PLACED, "collect: mongodb commitTransaction"),
        (*RESERVED, "inventory: mongodb insert"),
        (*RESERVED, "inventory: mongodb update"),
        (*RESERVED, "inventory: mongodb commitTransaction"),
        (
            "gateway: POST /v1/customers",
            f"gateway: {SIGN_UP}",
            f"customer: {SIGN_UP}",
            "customer: mongodb insert",
        ),
        ("gateway: GET /v1/products/{sku}", f"gateway: {VIEWS}", f"catalog: {VIEWS}"),
        (
            "gateway: GET /v1/products/{sku}",
            f"gateway: {STOCK}",
            f"inventory: {STOCK}",
            "inventory: mongodb find",
        ),
    ],
    ids=lambda way: f"{way[0]} to {way[-1]}".replace("/", "."),
)
async def test_each_part_of_an_order_stands_below_what_asked_for_it(
    trace: Trace, way: tuple[str, ...]
) -> None:
    assert trace.has(*way), f"not there, but:\n{trace}"


async def test_all_of_a_trace_hangs_together_and_took_its_time_within_its_parents(
    trace: Trace,
) -> None:
    by_id = {seen.id: seen for seen in trace.spans}

    assert not orphans(trace)
    for seen in trace.spans:
        above = by_id.get(seen.span.parent_span_id)
        assert 0 < seen.span.start_time_unix_nano <= seen.span.end_time_unix_nano
        assert above is None or above.span.start_time_unix_nano <= seen.span.start_time_unix_nano


async def test_a_stream_that_is_left_ends_as_cancelled_on_both_sides(trace: Trace) -> None:
    way = ("gateway: GET /v1/orders/{order_id}/events", f"gateway: {WATCH}", f"collect: {WATCH}")

    assert trace.has(*way), f"not there, but:\n{trace}"
    statuses = {status_of(seen) for words in way[1:] for seen in trace.named(words)}
    assert statuses == {CANCELLED}


async def test_whether_it_is_sampled_is_the_edges_to_say(edge: Edge) -> None:
    """A caller's flag says nothing: or anybody could have all of theirs kept."""
    trace_id, control = secrets.token_hex(16), secrets.token_hex(16)
    headers = {"traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}
    folder = edge.log.parent / "unsampled"
    folder.mkdir()
    port = free_ports()
    told = {"SAMPLE_RATIO": "0", "OTLP_ENDPOINT": edge.receiver.address}
    async with second_gateway(edge.stack, folder, port, **told):
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers) as http:
            (await Person(http).get("/v1/locations")).ok()
    # What was asked later has come: what was asked before would be there too.
    async with edge.visited(control) as http:
        (await Person(http).get("/v1/locations")).ok()
    listed = "inventory: comptoir.inventory.v1.LocationService/ListLocations"
    await edge.receiver.trace(control, lambda trace: bool(trace.named(listed)))

    assert trace_id not in {seen.span.trace_id.hex() for seen in edge.receiver.spans()}


async def test_nothing_personal_and_no_secret_is_received_logged_or_counted(
    edge: Edge, cabinet: Cabinet
) -> None:
    trace_id, imports = secrets.token_hex(16), secrets.token_hex(16)
    network = f"2001:db8:{odd_group()}:{odd_group()}"
    async with edge.visited(trace_id, **{"X-Forwarded-For": f"{network}::7"}) as http:
        life = Life(edge.stack, http, {"address": network})
        buyer, seller = await life.customer(), await life.associate()
        await life.called_off(buyer, seller)
        await life.at_the_counter(buyer, seller)
        await life.at_the_locker(buyer, seller, cabinet)
        await life.imports(f"00-{imports}-{secrets.token_hex(8)}-01")
        last = await http.get("/v1/categories")
        assert last.status == 200
    served = "gateway: GET /v1/categories"
    await edge.receiver.trace(trace_id, lambda trace: bool(trace.named(served)))
    await edge.receiver.trace(trace_id, lambda trace: not orphans(trace))
    await edge.receiver.trace(imports, lambda trace: bool(trace.named(f"customer: {IMPORT}")))

    texts = {
        "spans": "\n".join(str(request) for request in edge.receiver.requests),
        "logs": "\n".join(lines_of(edge)),
        "metrics": "\n".join([text async for text in metrics_of(edge)]),
    }
    for name in texts:
        # Or nothing of this run was looked at.
        assert f"{COLLECT}.OrderService" in texts[name] or name == "logs", name
    found = [
        (mark, name) for mark, word in life.marks.items() for name in texts if word in texts[name]
    ]
    assert found == []


def odd_group() -> str:
    """Four digits of an IPv6 address, as they are written."""
    return f"{secrets.randbelow(0xF000) + 0x1000:x}"


def lines_of(edge: Edge) -> Iterable[str]:
    """All that was logged, but for what each line has of its own."""
    files = [edge.log, *(edge.stack.folder / f"{name}.log" for name in GRPC_SERVICES)]
    for file in files:
        lines = file.read_text().splitlines()
        assert lines, f"{file.name} is empty"
        for line in lines:
            if line.startswith("{"):
                said = json.loads(line)
                line = json.dumps({k: v for k, v in said.items() if k not in OWN_OF_LINES})
            yield line


async def metrics_of(edge: Edge) -> AsyncIterator[str]:
    ports = [edge.stack.panel["ports"][name] + METRICS_OFFSET for name in GRPC_SERVICES]
    for url in (edge.url, *(f"http://127.0.0.1:{port}" for port in ports)):
        async with aiohttp.ClientSession(url) as http, http.get("/metrics") as answer:
            assert answer.status == 200
            # Without the numbers, in which a code may stand by chance.
            yield re.sub(r" [0-9.e+-]+$", "", await answer.text(), flags=re.MULTILINE)


def status_of(seen: Seen) -> str:
    values = {each.key: each.value.string_value for each in seen.span.attributes}
    return str(values["rpc.response.status_code"])
