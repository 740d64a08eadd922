"""Product views with stock, loaded for all who ask in one tick by one call to each owner."""

import asyncio
import re
from collections.abc import Callable, Iterable
from contextvars import Context
from functools import partial
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from comptoir.catalog.v1 import product_service_pb2 as product_pb
from comptoir.inventory.v1 import stock_service_pb2 as stock_pb

from chassis import tracing
from chassis.errors import AppError, Kind
from services.gateway.mobile.products import Described, Descriptions
from services.gateway.peers import Peers
from services.gateway.streams import DrainingError

# What the owners take in one call.
BATCH_MAX = 200
# Behind a batch that is this young, what is asked of its location gathers into the next: a
# call costs what ten products do. A later one may wait for a replica that does not answer.
LATE_S = 0.1
# Nor may those of one location take the turns of all others.
BATCHES_OF_ONE_MAX = 4
BATCHES_MAX = 16
SKU = re.compile(r"[!-~]{1,64}")


class UnknownSkuError(AppError):
    kind, reason = Kind.NOT_FOUND, "UNKNOWN_SKU"


class Loaded(NamedTuple):
    """`availability` is None where no location was named."""

    described: Described
    availability: stock_pb.Availability | None


Flight: TypeAlias = "asyncio.Future[Loaded | None]"
Place: TypeAlias = tuple[str, str]  # Location and sku.


class ProductViews:
    """Loads under the gateway's own token: what is public is the same for everybody."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self.descriptions = Descriptions()
        # Not sent yet, by location, since a view has the prices of one.
        self._asked: dict[str, dict[str, Flight]] = {}
        self._under_way: dict[Place, Flight] = {}
        self._batches: dict[asyncio.Task[None], str] = {}
        # By location, what may still come back at once.
        self._young: dict[str, asyncio.Task[None]] = {}
        # A call is in one trace alone: that of the first sampled one who asks for its batch.
        self._traced: dict[str, tracing.Place] = {}
        self._scheduled = False

    async def one(self, sku: str, location_id: str, *, fresh: bool = False) -> Loaded:
        """Raises UnknownSkuError, and what the owners do.

        With `fresh` it joins nobody who has asked before this tick.
        """
        # One that no owner would take would have the whole batch refused.
        found = None
        if is_sku(sku):  # Of many who wait: when one is cancelled the others want the answer.
            found = await asyncio.shield(self._ask(sku, location_id, fresh))
        if found is None:
            raise UnknownSkuError(f"there is no product {sku}", sku=sku)
        return found

    async def many(self, skus: Iterable[str], location_id: str) -> dict[str, Loaded]:
        """By sku; unknown ones are left out."""
        flights = {sku: self._ask(sku, location_id, False) for sku in skus if is_sku(sku)}
        found = {sku: await asyncio.shield(flight) for sku, flight in flights.items()}
        return {sku: loaded for sku, loaded in found.items() if loaded is not None}

    def forget(self, sku: str, location_id: str | None = None) -> None:
        """Whoever asks from now on joins nothing that began before; None for all locations."""
        if location_id is not None:  # An import tells of a thousand rows at once.
            self._under_way.pop((location_id, sku), None)
            return
        for place in [place for place in self._under_way if place[1] == sku]:
            del self._under_way[place]

    def forget_all(self) -> None:
        """As if everything had changed."""
        self._under_way.clear()

    async def close(self) -> None:
        for task in self._batches:
            task.cancel()
        await asyncio.gather(*self._batches, return_exceptions=True)

    def _ask(self, sku: str, location_id: str, fresh: bool) -> Flight:
        asked = self._asked.setdefault(location_id, {})
        if sku in asked:
            return asked[sku]
        if not fresh and (flight := self._under_way.get((location_id, sku))) is not None:
            if not asked:
                del self._asked[location_id]
            return flight
        if (place := tracing.here()) is not None and place.tracer is not None:
            self._traced.setdefault(location_id, place)
        flight = asked[sku] = asyncio.get_running_loop().create_future()
        flight.add_done_callback(noticed)
        self._schedule()
        return flight

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        self._scheduled = False
        for location_id in tuple(self._asked):
            if self._may_send(location_id):
                self._send_batch(location_id)

    def _may_send(self, location_id: str) -> bool:
        under_way = list(self._batches.values())
        return (
            location_id not in self._young
            and len(under_way) < BATCHES_MAX
            and under_way.count(location_id) < BATCHES_OF_ONE_MAX
        )

    def _send_batch(self, location_id: str) -> None:
        asked = self._asked.pop(location_id)
        batch = dict(islice(asked.items(), BATCH_MAX))
        if len(asked) > BATCH_MAX:  # Behind the other locations, so that none starves.
            self._asked[location_id] = dict(islice(asked.items(), BATCH_MAX, None))
            self._schedule()
        for sku, flight in batch.items():
            self._under_way[location_id, sku] = flight
        # A context of its own: it serves many, with other deadlines.
        context = Context()
        context.run(tracing.go_to, self._traced.pop(location_id, None))
        task = asyncio.create_task(self._load(location_id, batch), context=context)
        self._batches[task] = location_id
        self._young[location_id] = task
        task.add_done_callback(partial(self._ended, location_id))
        asyncio.get_running_loop().call_later(LATE_S, self._grown, location_id, task)

    def _ended(self, location_id: str, task: "asyncio.Task[None]") -> None:
        del self._batches[task]
        self._grown(location_id, task)

    def _grown(self, location_id: str, task: "asyncio.Task[None]") -> None:
        if self._young.get(location_id) is task:
            del self._young[location_id]
        if self._asked:
            self._schedule()

    async def _load(self, location_id: str, batch: dict[str, Flight]) -> None:
        try:
            found = await self._found(location_id, batch)
        except BaseException as error:
            settle(batch, failing(error))
            if not isinstance(error, Exception):
                raise
        else:
            settle(batch, lambda flight, sku: flight.set_result(found.get(sku)))
        finally:
            for sku, flight in batch.items():
                if self._under_way.get((location_id, sku)) is flight:
                    del self._under_way[location_id, sku]

    async def _found(self, location_id: str, skus: Iterable[str]) -> dict[str, Loaded]:
        request = product_pb.BatchGetProductViewsRequest(skus=skus, location_id=location_id)
        views_call = self._peers.product_views(request)
        stock_call = self._stock_call(location_id, skus)
        try:
            views = [self.descriptions.of(encoded) for encoded in (await views_call).items]
            stocks = {} if stock_call is None else by_sku(await stock_call)
        finally:
            if stock_call is not None:
                stock_call.cancel()
        return {each.sku: Loaded(each, stocks.get(each.sku)) for each in views}

    def _stock_call(self, location_id: str, skus: Iterable[str]) -> Any:
        if not location_id:
            return None
        return self._peers.stock.BatchGetAvailability(
            stock_pb.BatchGetAvailabilityRequest(skus=skus, location_ids=[location_id])
        )


def by_sku(
    response: stock_pb.BatchGetAvailabilityResponse,
) -> dict[str, stock_pb.Availability]:
    return {availability.sku: availability for availability in response.availabilities}


def is_sku(text: str) -> bool:
    """Whether any product could have it."""
    return SKU.fullmatch(text) is not None


def settle(batch: dict[str, Flight], end: Callable[[Flight, str], None]) -> None:
    for sku, flight in batch.items():
        if not flight.done():
            end(flight, sku)


def failing(error: BaseException) -> Callable[[Flight, str], None]:
    closing = DrainingError("this replica is closing: come again")
    # A future takes no cancellation as its exception.
    cause = error if isinstance(error, Exception) else closing
    return lambda flight, _: flight.set_exception(cause)


def noticed(flight: Flight) -> None:
    """Everybody who waited may have left: then nobody else looks at what it raised."""
    if not flight.cancelled():
        flight.exception()
