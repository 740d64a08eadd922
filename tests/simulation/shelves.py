"""A second account of one stock row, kept in plain numbers. Knows none of the product's rules.

What stands here is written down from docs/stock.md and the head of the ledger's domain, by
other means: units and claims as they are, looked at one by one.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

OUTSIDE, SELLABLE, SHORT = "outside", "sellable", "short"
# What comes in by these settles first what is short.
SETTLING = ("receipt", "count")


class Claim(NamedTuple):
    """So many units until this second."""

    until: int
    quantity: int


class Fact(NamedTuple):
    source: str
    target: str
    quantity: int
    cause: str


@dataclass(slots=True)
class Shelf:
    """Attributes:
    units: In each bucket, without those that have none.
    claims: By reservation, until they end or the row is written behind their end.
    summed: What the movements add up to that were told of and not closed, by bucket.
    carried: What the closed ones come to, as it is kept.
    corrected: What counts and pickers found more than the book said, less what they found fewer.
    counts: By how much each count did, and at which revision.
    """

    units: dict[str, int] = field(default_factory=dict)
    short: int = 0
    safety: int = 0
    at: int = 0
    revision: int = 0
    claims: dict[str, Claim] = field(default_factory=dict)
    summed: dict[str, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    corrected: int = 0
    counts: list[tuple[int, int]] = field(default_factory=list)

    def claimed(self, t_ms: int) -> int:
        return sum(claim.quantity for claim in self.claims.values() if claim.until * 1000 > t_ms)

    def free(self, t_ms: int) -> int:
        return max(self.units.get(SELLABLE, 0) - self.safety - self.claimed(t_ms), 0)

    def over(self, t_ms: int) -> int:
        """Units that are promised and not there."""
        return max(self.claimed(t_ms) - self.units.get(SELLABLE, 0), 0)

    def held(self) -> dict[int, int]:
        """Claims by their instant."""
        found: dict[int, int] = {}
        for until, quantity in self.claims.values():
            found[until] = found.get(until, 0) + quantity
        return found

    def happened(self, fact: Fact) -> None:
        """Never refused: what is not there was there before it was written down."""
        there = fact.quantity if fact.source == OUTSIDE else self.units.get(fact.source, 0)
        taken = min(fact.quantity, there)
        missing = 0 if fact.cause == "not_found" else fact.quantity - taken
        settled, net = 0, self.net()
        if fact.cause in SETTLING and fact.target == SELLABLE:
            settled = min(taken, self.short)
        self.put(fact.source, -taken)
        self.put(fact.target, taken - settled + missing)
        self.short += missing - settled
        if fact.cause in ("count", "not_found"):
            self.corrected += self.net() - net
        if fact.cause == "count":
            self.counted(self.net() - net)

    def counted(self, net: int) -> None:
        """By the write that comes next."""
        self.counts.append((self.revision + 1, net))

    def fewer_since(self, position: int) -> int:
        """Units that counts took from the book, as far as anybody can tell from when."""
        since = (net for revision, net in self.counts if revision > position > 0)
        return max(-sum(since), 0)

    def net(self) -> int:
        return self.units.get(SELLABLE, 0) - self.short

    def put(self, bucket: str, quantity: int) -> None:
        if bucket != OUTSIDE:
            left = self.units.pop(bucket, 0) + quantity
            if left:
                self.units[bucket] = left

    def written(self, t_ms: int) -> None:
        """One revision on; what has lapsed by then counts no more."""
        self.at = t_ms // 1000
        self.revision += 1
        if self.claims and min(self.claims.values()).until <= self.at:
            self.claims = {who: c for who, c in self.claims.items() if c.until > self.at}

    def told(self, source: str, target: str, quantity: int) -> None:
        """Of a movement."""
        self.summed[source] = self.summed.get(source, 0) - quantity
        self.summed[target] = self.summed.get(target, 0) + quantity

    def sums(self) -> tuple[dict[str, int], int]:
        """Units by bucket and what is short, as the movements have it."""
        all_of = self.summed
        if self.carried:
            buckets = {**self.summed, **self.carried}
            all_of = {b: self.summed.get(b, 0) + self.carried.get(b, 0) for b in buckets}
        known = {b: n for b, n in all_of.items() if n and b not in (OUTSIDE, SHORT)}
        return known, -all_of.get(SHORT, 0)
