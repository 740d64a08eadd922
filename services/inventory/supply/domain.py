"""Rules for receipts that are expected: what is to come where, by which document. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeAlias, TypeVar

from chassis.changes import Changed, Event
from chassis.errors import AppError, Kind, Violation
from services.inventory.ledger.domain import Cause, Fact
from services.inventory.stock.domain import (
    DOCUMENT_ID_LENGTH_MAX,
    QUANTITY_MAX,
    Bucket,
    Place,
    place_violations,
)

A = TypeVar("A")

NOT_HERE = frozenset({Bucket.OUTSIDE, Bucket.IN_TRANSIT})

RECEIPTS_MAX = 200
EXPECTED_MAX = 100
# What is settled or cancelled is known for so long behind its time: feeds repeat themselves.
KEPT = timedelta(days=30)
DUE_MAX = datetime(9000, 1, 1, tzinfo=UTC)


class InvalidExpectedReceiptError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_EXPECTED_RECEIPT"


class TooManyExpectedError(AppError):
    kind, reason = Kind.FAILED_PRECONDITION, "TOO_MANY_EXPECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedReceipt:
    """Units that come by a document.

    Attributes:
        due: In seconds since 1970, as `changed` is: when it was last put, or came in part.
    """

    document_id: str
    due: int
    quantity: int
    received: int = 0
    changed: int = 0

    @property
    def known_until(self) -> int:
        """From when on it may be forgotten that it has ended, less KEPT."""
        return max(self.due, self.changed)

    @property
    def left(self) -> int:
        """Units that have not come."""
        return max(self.quantity - self.received, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingTransfer:
    """Units of a transfer that have left and have not come; `due` is in seconds since 1970."""

    transfer_id: str
    due: int
    left: int


Awaited: TypeAlias = ExpectedReceipt | ComingTransfer


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """All that is expected of one sku at one location, by when it is due.

    Attributes:
        transfers: What is on its way, apart from `receipts`: no document that somebody puts meets
            a transfer, whatever its name.
    """

    location_id: str
    sku: str
    receipts: tuple[ExpectedReceipt, ...] = ()
    revision: int = 0
    transfers: tuple[ComingTransfer, ...] = ()

    @property
    def place(self) -> Place:
        return Place(self.location_id, self.sku)

    @property
    def awaited(self) -> tuple[Awaited, ...]:
        """By when they are due; receipts first."""
        all_there: tuple[Awaited, ...] = (*self.receipts, *self.transfers)
        return tuple(sorted((each for each in all_there if each.left), key=lambda each: each.due))

    def due_between(self, now: datetime, at: datetime) -> Iterator[Awaited]:
        """Those that count at `at`: what was due by `now` has not come, nobody knows when."""
        return (each for each in self.awaited if now.timestamp() < each.due <= at.timestamp())

    def with_receipts(self, receipts: Mapping[str, ExpectedReceipt]) -> "Expectation":
        ordered = sorted(receipts.values(), key=lambda each: (each.due, each.document_id))
        return replace(self, receipts=tuple(ordered), revision=self.revision + 1)


Expectations = Mapping[Place, Expectation]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A receipt and where it is expected."""

    place: Place
    receipt: ExpectedReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """Units that came by a document."""

    place: Place
    document_id: str
    quantity: int


def came_of(facts: Iterable[Fact]) -> list[Came]:
    """The facts that may settle what is expected: receipts by a document, of units that are here by
    them. Those that are on their way, or gone again, are not; each comes once."""
    return [
        Came(place=fact.line.place, document_id=fact.document_id, quantity=fact.line.quantity)
        for fact in facts
        if fact.cause is Cause.RECEIPT
        and fact.document_id
        and fact.source in NOT_HERE
        and fact.target not in NOT_HERE
    ]


def nothing_expected(place: Place) -> Expectation:
    return Expectation(location_id=place.location_id, sku=place.sku)


def expect(before: Expectations, expected: Sequence[Expected], *, now: datetime) -> Changed[int]:
    """Put each whole but for what has come of it; the answer is how many changed something.

    Raises TooManyExpectedError.
    """
    after: dict[Place, dict[str, ExpectedReceipt]] = {}
    written = 0
    for each in expected:
        known = {receipt.document_id: receipt for receipt in before[each.place].receipts}
        there = known.get(each.receipt.document_id)
        receipt = each.receipt
        if there:
            receipt = replace(receipt, received=there.received, changed=there.changed)
        if receipt != there and (there or receipt.quantity):
            put = replace(receipt, changed=int(now.timestamp()))
            after.setdefault(each.place, known)[receipt.document_id] = put
            written += 1
    changed = [before[place].with_receipts(kept(its, now)) for place, its in after.items()]
    for expectation in changed:
        check_count(expectation)
    return left_behind(written, changed)


def settle(before: Expectations, came: Iterable[Came], *, now: datetime) -> Changed[None]:
    """Note what has come of what is expected; what nobody expected is none of ours."""
    after: dict[Place, dict[str, ExpectedReceipt]] = {}
    for each in came:
        its = after.get(each.place)
        if its is None:
            its = {receipt.document_id: receipt for receipt in before[each.place].receipts}
        if there := its.get(each.document_id):
            received = there.received + each.quantity
            its[each.document_id] = replace(there, received=received, changed=int(now.timestamp()))
            after[each.place] = its
    return left_behind(None, [before[place].with_receipts(its) for place, its in after.items()])


def await_transfer(
    before: Expectations, transfer_id: str, left: Mapping[Place, int], *, due: int
) -> Changed[None]:
    """Await of a transfer what is left of it at each place, and it no more where nothing is.

    That it left is a fact, and is never refused: beyond EXPECTED_MAX of one sku at one location
    it is not promised until it has come.
    """
    changed = []
    for place, quantity in left.items():
        there = before[place]
        others = [each for each in there.transfers if each.transfer_id != transfer_id]
        if quantity and len(others) < EXPECTED_MAX:
            others.append(ComingTransfer(transfer_id=transfer_id, due=due, left=quantity))
        transfers = tuple(sorted(others, key=lambda each: (each.due, each.transfer_id)))
        if transfers != there.transfers:
            changed.append(replace(there, transfers=transfers, revision=there.revision + 1))
    return left_behind(None, changed)


def left_behind(answer: A, changed: Sequence[Expectation]) -> Changed[A]:
    return Changed(
        answer=answer,
        records=tuple(changed),
        events=tuple(expectation_changed(each) for each in changed),
    )


def expectation_changed(expectation: Expectation) -> Event:
    key, detail = " ".join(expectation.place), expectation.place._asdict()
    return Event("expectation_changed", key, expectation.revision, detail, kind="expectation")


def kept(receipts: Mapping[str, ExpectedReceipt], now: datetime) -> dict[str, ExpectedReceipt]:
    """Without what was settled or cancelled long ago, and of that the latest EXPECTED_MAX."""
    past = (now - KEPT).timestamp()
    ended = sorted((r for r in receipts.values() if not r.left), key=lambda each: each.known_until)
    known = {receipt.document_id for receipt in ended[-EXPECTED_MAX:] if receipt.known_until > past}
    return {key: receipt for key, receipt in receipts.items() if receipt.left or key in known}


def check_count(expectation: Expectation) -> None:
    """Raises TooManyExpectedError."""
    count = sum(1 for receipt in expectation.receipts if receipt.left)
    if count > EXPECTED_MAX:
        raise TooManyExpectedError(
            f"{count} receipts of {expectation.sku} would be expected at"
            f" {expectation.location_id}, at most {EXPECTED_MAX} can be: cancel some",
            location_id=expectation.location_id,
            sku=expectation.sku,
            receipts_max=EXPECTED_MAX,
        )


def check_expected(expected: Sequence[Expected]) -> None:
    """Raises InvalidExpectedReceiptError, naming every field at fault."""
    if not 1 <= len(expected) <= RECEIPTS_MAX:
        raise invalid_expected(Violation("receipts", f"1 to {RECEIPTS_MAX} receipts"))
    violations: list[Violation] = []
    seen: set[tuple[Place, str]] = set()
    for number, each in enumerate(expected):
        path, key = f"receipts[{number}]", (each.place, each.receipt.document_id)
        if key in seen:
            words = "another location, sku or document than the receipts before"
            violations.append(Violation(path, words))
        seen.add(key)
        violations += place_violations(each.place, path)
        violations += receipt_violations(each.receipt, path)
    if violations:
        raise invalid_expected(*violations)


def receipt_violations(receipt: ExpectedReceipt, path: str) -> Iterator[Violation]:
    if not 1 <= len(receipt.document_id) <= DOCUMENT_ID_LENGTH_MAX:
        yield Violation(f"{path}.document_id", f"1 to {DOCUMENT_ID_LENGTH_MAX} characters")
    if not 0 <= receipt.quantity <= QUANTITY_MAX:
        yield Violation(f"{path}.quantity", f"0 to {QUANTITY_MAX} units")
    if not 0 < receipt.due <= DUE_MAX.timestamp():
        yield Violation(f"{path}.due_time", f"after 1970 and before {DUE_MAX.year}")


def invalid_expected(*violations: Violation) -> InvalidExpectedReceiptError:
    message = "the expected receipts are not as they must be"
    return InvalidExpectedReceiptError(message, violations=violations)
