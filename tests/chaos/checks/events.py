"""I9: each event has one place in the log, and reaches every consumer once, in order. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chassis.events import LoggedEvent
from services.collect.order.values import State as Life
from services.inventory.stock.domain import Place
from tests.chaos.books import Books
from tests.chaos.findings import Violation, Violations


@dataclass(frozen=True, slots=True)
class Heard:
    """What a consumer in another house was sent, in the order in which it came.

    Attributes:
        names: Those it asked for.
        after: The position it began behind.
    """

    service: str
    names: frozenset[str]
    after: int
    events: list[tuple[int, str, str, int]] = field(default_factory=list)


def events_reach_all_once(books: Books, heard: Sequence[Heard]) -> Violations:
    for service, log in books.logs.items():
        yield from dense(service, log)
        yield from in_order(service, log)
        if left := books.outbox_counts.get(service, 0):
            yield Violation("I9", f"{left} events of {service} never came into its log")
    if books.parked_count:
        yield Violation("I9", f"{books.parked_count} events are parked: a consumer failed")
    for consumer in heard:
        yield from heard_all(consumer, books.log(consumer.service))
    yield from every_row_told(books)
    yield from every_order_told(books)
    yield from bought_once(books)


def dense(service: str, log: Sequence[LoggedEvent]) -> Violations:
    for before, after in pairwise(log):
        if after.position != before.position + 1:
            yield Violation(
                "I9", f"{service}: position {before.position} is followed by {after.position}"
            )


def in_order(service: str, log: Sequence[LoggedEvent]) -> Violations:
    """By record: a product and its price share a key, the first word of a name tells them apart."""
    newest: dict[tuple[str, str], int] = {}
    for event in log:
        record = (event.name.partition("_")[0], event.key)
        before = newest.get(record, 0)
        if event.revision <= before and event.name != "stock_imported":
            yield Violation(
                "I9",
                f"{service}, position {event.position}: {event.name} of {event.key} at revision"
                f" {event.revision} comes after {before}",
            )
        newest[record] = max(event.revision, before)


def heard_all(consumer: Heard, log: Sequence[LoggedEvent]) -> Violations:
    sent = [
        (event.position, event.name, event.key, event.revision)
        for event in log
        if event.position > consumer.after and event.name in consumer.names
    ]
    got = consumer.events[: len(sent)]
    for number, (expected, came) in enumerate(zip(sent, got, strict=False)):
        if expected != came:
            yield Violation(
                "I9", f"{consumer.service}: the consumer's event {number} is {came}, not {expected}"
            )
            return
    if len(consumer.events) != len(sent):
        yield Violation(
            "I9",
            f"{consumer.service}: the consumer was sent {len(consumer.events)} events of"
            f" {len(sent)}",
        )


def every_row_told(books: Books) -> Violations:
    """Each revision of a row was told once, so a consumer that adds up has the stock."""
    found: dict[Place, Counter[int]] = defaultdict(Counter)
    for place, revision in revisions_told(books.log("inventory")):
        found[place][revision] += 1
    for row in books.rows:
        if found[row.place] != Counter(range(1, row.revision + 1)):
            missing = set(range(1, row.revision + 1)) - found[row.place].keys()
            twice = [revision for revision, count in found[row.place].items() if count > 1]
            yield Violation(
                "I9",
                f"{row.sku} at {row.location_id} is at revision {row.revision}; not told:"
                f" {sorted(missing)[:5]}, told twice: {twice[:5]}",
            )


def revisions_told(log: Sequence[LoggedEvent]) -> Iterator[tuple[Place, int]]:
    for event in log:
        if event.name == "stock_changed":
            place = Place(str(event.detail["location_id"]), str(event.detail["sku"]))
            yield place, event.revision
        if event.name == "stock_imported":
            told = zip(event.detail["skus"], event.detail["revisions"], strict=True)
            for sku, revision in told:
                yield Place(str(event.detail["location_id"]), sku), revision


def every_order_told(books: Books) -> Violations:
    last: dict[str, Mapping[str, object]] = {
        event.key: event.detail for event in books.log("collect") if event.name.startswith("order_")
    }
    for order in books.orders:
        told = last.get(order.order_id, {}).get("state")
        if told != order.state.value:
            yield Violation(
                "I9", f"order {order.order_id} is {order.state.value}, the log says {told}"
            )


def bought_once(books: Books) -> Violations:
    """The effect in another house: what was collected stands in its buyer's history, once."""
    bought = Counter(books.purchase_ids)
    for order in books.orders:
        expected = 1 if order.state is Life.COLLECTED else 0
        if bought[order.order_id] != expected:
            yield Violation(
                "I9",
                f"order {order.order_id} is {order.state.value} and stands"
                f" {bought[order.order_id]} times in histories",
            )
