"""I1, I3, I4: what is promised is there, until it lapses, and the books say so. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from chassis.documents import value_from_plain
from services.collect.order.values import State as Life
from services.inventory.ledger.domain import Movement
from services.inventory.reservation.domain import STANDING, Reservation, Status
from services.inventory.stock.domain import Bucket, Place, StockRow, empty_row
from tests.chaos.books import Books
from tests.chaos.findings import Violation, Violations
from tests.chaos.journal import Entry, Outcome, answered

# Whose units are claimed, and whose have left the shelf.
CLAIMING = (Life.CONFIRMED, Life.PICKING)
GONE = (Life.STAGED, Life.READY, Life.COLLECTED, Life.CANCEL_PENDING)
HOLD_OPERATIONS = ("commit", "release")
LAPSE_TOLD_S = 30


def promises_within_stock(books: Books) -> Violations:
    """I1, at every revision that a row ever had; over claims and orders at the end."""
    for place, revisions in told(books).items():
        yield from growing_within(place, revisions)
    yield from claims_are_covered(books)
    yield from orders_within_receipts(books)


def claims_are_covered(books: Books) -> Violations:
    """Of what facts took, as many claims are broken by the end as are missing."""
    now_s = max((event.occur_time.timestamp() for event in books.log("inventory")), default=0)
    for row in books.rows:
        held = sum(claims_at(books.reservations, row.place, now_s=int(now_s)).values())
        if held > row.sellable:
            yield Violation(
                "I1",
                f"{row.sku} at {row.location_id}: {row.sellable} on the shelf, {held} claimed,"
                " and nobody was told",
            )


def told(books: Books) -> Mapping[Place, list[StockRow]]:
    """Every row as the log tells of it, from one revision to the next."""
    found: dict[Place, list[StockRow]] = defaultdict(list)
    for event in books.log("inventory"):
        if event.name == "stock_changed":
            row = value_from_plain(dict(event.detail), StockRow)
            found[row.place].append(row)
    for revisions in found.values():
        revisions.sort(key=lambda row: row.revision)
    return found


def growing_within(place: Place, revisions: Sequence[StockRow]) -> Violations:
    """A row's claims never grow beyond what is on the shelf.

    They may exceed it after a fact: a sale at the till of what was held. That is no promise.
    """
    for before, after in zip([empty_row(place), *revisions], revisions, strict=False):
        claims, claims_before = live(after, after.at), live(before, after.at)
        if claims > claims_before and claims > after.sellable - after.safety:
            yield Violation(
                "I1",
                f"{place.sku} at {place.location_id}, revision {after.revision}: {claims} claimed"
                f" of {after.sellable} on the shelf, {claims_before} before",
            )


def live(row: StockRow, at: int) -> int:
    return sum(quantity for instant, quantity in row.held.items() if instant > at)


def orders_within_receipts(books: Books) -> Violations:
    """Claims + gone ≤ received + short, by the orders themselves, whatever the rows say."""
    wanted: Counter[Place] = Counter()
    for order in books.orders:
        for line in order.lines:
            if order.state in CLAIMING + GONE:
                wanted[Place(order.location_id, line.sku)] += line.standing_quantity
    received = {place: 0 for place in wanted} | dict(received_of(books.movements))
    short = {row.place: row.short for row in books.rows}
    for place, quantity in wanted.items():
        there = received[place] + short.get(place, 0)
        if quantity > there:
            yield Violation(
                "I1",
                f"{place.sku} at {place.location_id}: orders have or hold {quantity} units of"
                f" {there} that ever came and were not sold",
            )


def received_of(movements: Iterable[Movement]) -> Counter[Place]:
    """What came in from outside, less what went there without an order."""
    found: Counter[Place] = Counter()
    for movement in movements:
        place = Place(movement.location_id, movement.sku)
        if movement.source is Bucket.OUTSIDE:
            found[place] += movement.quantity
        elif movement.target is Bucket.OUTSIDE and movement.source is Bucket.SELLABLE:
            found[place] -= movement.quantity
    return found


def holds_lapse_exactly(books: Books, entries: Sequence[Entry]) -> Violations:
    """I3: at its instant a hold counts no more, until then it does, and soon all are told."""
    for place, revisions in told(books).items():
        for row in revisions:
            if late := [instant for instant in row.held if instant <= row.at]:
                yield Violation(
                    "I3",
                    f"{place.sku} at {place.location_id}, revision {row.revision}: a hold until"
                    f" {late[0]} still counts at {row.at}",
                )
    yield from used_in_time(entries)
    yield from availability_without_lapsed(books, entries)
    yield from lapses_told(books, now_s=max((entry.end_s for entry in entries), default=0))


def used_in_time(entries: Sequence[Entry]) -> Violations:
    """What was committed or released was so before its end; what was refused as lapsed, after."""
    ends_s = {
        str(made.answer["reservation_id"]): float(made.answer["expire_s"])
        for made in answered(entries, "reserve")
    }
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.operation in HOLD_OPERATIONS and entry.about in ends_s:
            # A repeat is answered as the first was, whenever it comes.
            begun = first.setdefault(entry.key, entry)
            end_s = ends_s[entry.about]
            if entry.outcome is Outcome.OK and begun.begin_s > end_s:
                yield Violation(
                    "I3",
                    f"hold {entry.about} until {end_s}: {entry.operation} first sent at"
                    f" {begun.begin_s:.3f} was accepted",
                )
            if entry.reason == "HOLD_LAPSED" and entry.end_s < end_s:
                yield Violation(
                    "I3",
                    f"hold {entry.about} until {end_s}: refused as lapsed at {entry.end_s:.3f}",
                )


def availability_without_lapsed(books: Books, entries: Sequence[Entry]) -> Violations:
    """What a shop was said to hold at the end is what live reservations claim then."""
    for asked in answered(entries, "available"):
        place = Place(str(asked.asked["location_id"]), str(asked.asked["sku"]))
        counts = {
            sum(claims_at(books.reservations, place, now_s=int(at)).values())
            for at in (asked.begin_s, asked.end_s)
        }
        if int(asked.answer["held"]) not in counts:
            yield Violation(
                "I3",
                f"{place.sku} at {place.location_id}: {asked.answer['held']} are said to be held"
                f" at {asked.end_s:.3f}, live reservations claim {sorted(counts)}",
            )


def lapses_told(books: Books, *, now_s: float) -> Violations:
    """Of each within LAPSE_TOLD_S, once (see I9), and of nothing else."""
    told_s = {
        event.key: event.occur_time.timestamp()
        for event in books.log("inventory")
        if event.name == "reservation_lapsed"
    }
    for reservation in books.reservations:
        end_s, tell_s = reservation.expire_instant, told_s.get(reservation.reservation_id)
        if reservation.status is Status.LAPSED:
            is_right = tell_s is not None and end_s <= tell_s <= end_s + LAPSE_TOLD_S
        elif reservation.status is Status.ACTIVE:
            is_right = tell_s is None and now_s <= end_s + LAPSE_TOLD_S
        else:
            is_right = tell_s is None
        if not is_right:
            yield Violation(
                "I3",
                f"hold {reservation.reservation_id} until {end_s} is {reservation.status} at"
                f" {now_s:.3f}, its lapse was told of at {tell_s}",
            )


def books_balance(books: Books) -> Violations:
    """I4: movements make the row, live reservations its claims."""
    sums: dict[Place, Counter[Bucket]] = defaultdict(Counter)
    for movement in books.movements:
        place = Place(movement.location_id, movement.sku)
        sums[place][movement.source] -= movement.quantity
        sums[place][movement.target] += movement.quantity
    claims: dict[Place, Counter[int]] = defaultdict(Counter)
    for reservation in books.reservations:
        if reservation.status in STANDING:
            for line in reservation.lines:
                claims[line.place][reservation.expire_instant] += line.quantity
    for row in books.rows:
        yield from unbalanced(row, sums[row.place], claims[row.place])


def unbalanced(row: StockRow, sums: Counter[Bucket], claims: Counter[int]) -> Violations:
    where = f"{row.sku} at {row.location_id}, revision {row.revision}"
    for bucket in Bucket:
        if bucket is Bucket.OUTSIDE:
            continue
        there = -row.short if bucket is Bucket.SHORT else row.on.get(bucket, 0)
        if there != sums[bucket]:
            yield Violation("I4", f"{where}: {there} {bucket}, movements make {sums[bucket]}")
    live_now = {instant: n for instant, n in claims.items() if instant > row.at}
    held = {instant: n for instant, n in row.held.items() if instant > row.at}
    if held != live_now:
        yield Violation("I4", f"{where}: claims {held}, live reservations make {live_now}")


def claims_at(
    reservations: Iterable[Reservation], place: Place, *, now_s: int
) -> Mapping[str, int]:
    """Units that live reservations hold there, by reservation."""
    return {
        reservation.reservation_id: line.quantity
        for reservation in reservations
        if reservation.status is Status.ACTIVE and reservation.expire_instant > now_s
        for line in reservation.lines
        if line.place == place
    }
