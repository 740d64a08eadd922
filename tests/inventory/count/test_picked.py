"""A picker looks for what is held among counts, sales and losses, and commits later."""

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.changes import Changed
from services.inventory.count.domain import Count
from services.inventory.ledger.domain import Cause
from services.inventory.reservation import domain
from services.inventory.reservation.breaking import broken, held_at
from services.inventory.reservation.domain import Found, Reservation
from services.inventory.stock.domain import Bucket, Line, StockRow
from tests.inventory.count.test_domain import LAMP, NOTE, NOW, count_of, fact, moved, seen

UNTIL = int(NOW.timestamp()) + 600


def held(name: str, quantity: int) -> Reservation:
    line = Line(location_id="lyon", sku="LAMP", quantity=quantity)
    return Reservation(reservation_id=name, owner="a", lines=(line,), expire_instant=UNTIL)


@dataclass(frozen=True)
class Counting:
    """A count that is not recorded yet; `unseen` were lost since its look."""

    count: Count
    seen: int


@dataclass
class Shop:
    """Of one sku, of which all is held for two.

    Attributes:
        on_shelf: With what is in baskets: nobody has written that down yet.
        in_hand: What the other's picker has in his.
        unseen: Lost, and seen by no count that was recorded.
        looked: How many were found, and what counts had corrected the book by then.
    """

    row: StockRow
    on_shelf: int
    holds: dict[str, Reservation]
    wanted: int
    in_hand: int = 0
    unseen: int = 0
    unseen_since_look: int = 0
    counting: Counting | None = None
    looked: tuple[int, int] | None = None

    @property
    def free(self) -> int:
        return self.on_shelf - self.in_hand - (self.looked[0] if self.looked else 0)

    def sell(self) -> None:
        if self.free:
            self.row, _ = moved(self.row, fact(1, Cause.SALE))
            self.on_shelf -= 1

    def lose(self) -> None:
        lost = min(self.free, 1)
        self.on_shelf -= lost
        self.unseen += lost
        self.unseen_since_look += lost

    def count(self) -> None:
        """Look, or record what was seen."""
        if self.counting is None:
            self.counting = Counting(count_of(self.row), self.on_shelf)
            self.unseen_since_look = 0
            return
        self.row, _ = seen(self.counting.count, self.row, self.counting.seen)
        self.unseen, self.counting = self.unseen_since_look, None

    def mend(self) -> None:
        """But nothing that is in hand: what is found of it would break somebody else's claim."""
        if not self.in_hand:
            self.keep(broken(self.row, list(self.holds.values()), note=NOTE))

    def take(self) -> None:
        """What is held for the other, by another picker."""
        its = sum(held_at(hold, LAMP) for name, hold in self.holds.items() if name != "ours")
        self.in_hand = min(its, self.free + self.in_hand)

    def look(self) -> None:
        """What is lost is what this picker came for, however many are left beside it."""
        if self.looked is None:
            there = self.wanted - min(self.wanted, self.unseen)
            self.looked = min(there, self.free), self.row.counted

    def commit(self, *, knows_broken: bool) -> int:
        """By who has heard of what is broken, or has yet to. How many the picker has missed."""
        self.look()
        assert self.looked is not None
        found, counted_then = self.looked
        gone = sum(line.quantity for line in self.holds["ours"].broken) if knows_broken else 0
        picked = Found(place=LAMP, found=found, not_found=max(self.wanted - gone - found, 0))
        committed = domain.commit(
            self.holds["ours"],
            {LAMP: self.row},
            [picked],
            target=Bucket.STAGED,
            owner="a",
            note=NOTE,
            counted_then={LAMP: counted_then},
        )
        self.keep(committed)
        self.on_shelf -= found
        return self.wanted - found

    def keep(self, changed: Changed[Any]) -> None:
        for record in changed.records:
            if isinstance(record, Reservation):
                self.holds[record.reservation_id] = record
            elif isinstance(record, StockRow):
                self.row = record


@settings(max_examples=400)
@given(
    wanted=st.integers(1, 5),
    others=st.sampled_from([0, 0, 2, 4]),
    # Made in the same second, so that by its id it is older than ours, or newer.
    other_name=st.sampled_from(["a", "z"]),
    steps=st.lists(st.sampled_from(["sell", "lose", "count", "mend", "take", "look"]), max_size=14),
    knows_broken=st.booleans(),
)
def test_what_is_lost_leaves_the_book_once_whoever_finds_it_out_first(
    wanted: int, others: int, other_name: str, steps: list[str], knows_broken: bool
) -> None:
    book = wanted + others
    before = StockRow(
        location_id="lyon",
        sku="LAMP",
        on={Bucket.SELLABLE: book},
        held={UNTIL: book},
        revision=1,
    )
    theirs = {other_name: held(other_name, others)} if others else {}
    shop = Shop(before, book, {"ours": held("ours", wanted), **theirs}, wanted)
    for step in steps:
        getattr(shop, step)()
    missed = shop.commit(knows_broken=knows_broken)

    too_many = shop.row.sellable - shop.row.short - shop.on_shelf
    assert 0 <= too_many <= shop.unseen
    # Nothing is left on the shelf, and nobody but this picker would find it out.
    assert not (missed and not others and too_many)
