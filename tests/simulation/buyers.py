"""What buyers have of limited articles, in the second account. Knows none of the product's rules.

Of what is held nothing is added up beforehand: whenever it matters, each hold of the buyer is
looked at. What docs/stock.md says of limits is written down here by other means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from services.inventory.stock.domain import Place
from tests.simulation.holds import ACTIVE, COMMITTED, LAPSED, Hold, RefusedError
from tests.simulation.operations import Operation

DAY_S = 86_400


class Rule(NamedTuple):
    """At most so many of an article for each; none if zero. `period_s` for what was bought."""

    most: int
    period_s: int
    revision: int


# By article, those that stand as far as a replica has heard.
Heard = Mapping[str, Rule]


class Buyer(NamedTuple):
    sku: str
    owner: str
    buyer_id: str


@dataclass(slots=True)
class Had:
    """Attributes:
    names: Of the holds that count and may still stand.
    kept: What these came to when it was last written, by instant.
    bought: Units, each with the end of the day on which they were.
    """

    names: list[str] = field(default_factory=list)
    kept: dict[int, int] = field(default_factory=dict)
    bought: list[tuple[int, int]] = field(default_factory=list)
    at: int = 0
    revision: int = 0

    def bought_within(self, period_s: int, t_ms: int) -> int:
        return sum(n for day, n in self.bought if period_s and (day + period_s) * 1000 > t_ms)


@dataclass(slots=True)
class Buyers:
    """Attributes:
    rules: As they were put last.
    heard: What the replica that acts has heard of them, when it was asked.
    put: Articles whose rule the last write changed.
    written: Buyers of whom the last write counted something.
    """

    holds: Mapping[str, Hold]
    rules: dict[str, Rule] = field(default_factory=dict)
    heard: Heard = field(default_factory=dict)
    put: list[str] = field(default_factory=list)
    written: set[Buyer] = field(default_factory=set)
    had: dict[Buyer, Had] = field(default_factory=dict)

    def begin(self) -> None:
        """With a write, of which it is to be known what it changes."""
        self.put, self.written = [], set()

    def of(self, buyer: Buyer) -> Had:
        return self.had.setdefault(buyer, Had())

    def put_rules(self, asked: Operation) -> None:
        for sku, most, period_s in asked.limits:
            before = self.rules.get(sku, Rule(0, 0, 0))
            is_new = (before.most, before.period_s) != (most, period_s)
            if is_new and (before.revision or most):
                self.rules[sku] = Rule(most, period_s, before.revision + 1)
                self.put.append(sku)

    def rules_count(self) -> int:
        return sum(1 for rule in self.rules.values() if rule.most)

    def latest_ms(self, asked: Operation, t_ms: int) -> int:
        """What is made is made no earlier than whatever its buyer has."""
        if not self.heard:
            return t_ms
        limited = {place.sku for place, _ in asked.lines} & self.heard.keys()
        ats = (self.had[who].at * 1000 for sku in limited if (who := whose(asked, sku)) in self.had)
        return max(t_ms, *ats, 0)

    def are_past(self, hold: Hold) -> bool:
        """Another was granted something in its place."""
        if not hold.counted:
            return False
        return any(self.of(who).at >= hold.until for who in counted_of(hold))

    def left(self, asked: Operation, sku: str, spared: Hold | None, t_ms: int) -> int:
        rule, who = self.heard[sku], whose(asked, sku)
        has = self.held(who, t_ms) + self.of(who).bought_within(rule.period_s, t_ms)
        if spared is not None and who in counted_of(spared):
            has -= sum(n for place, n in spared.lines.items() if place.sku == sku)
        return max(rule.most - has, 0)

    def check(self, asked: Operation, spared: Hold | None, t_ms: int) -> None:
        """Raises RefusedError for the first article of which too much is asked for."""
        if not self.heard:
            return
        wished: dict[str, int] = {}
        for place, quantity in asked.lines:
            wished[place.sku] = wished.get(place.sku, 0) + quantity
        for sku, quantity in wished.items():
            if sku in self.heard and quantity > self.left(asked, sku, spared, t_ms):
                raise self._reached(asked, sku, quantity, t_ms)

    def within(
        self, asked: Operation, fitting: dict[Place, int], spared: Hold | None, t_ms: int
    ) -> dict[Place, int]:
        """Line by line as much as the buyer may have. Raises RefusedError if that is nothing."""
        if not self.heard:
            return fitting
        left = {
            sku: self.left(asked, sku, spared, t_ms)
            for sku in {place.sku for place in fitting} & self.heard.keys()
        }
        given = dict[Place, int]()
        for place, quantity in fitting.items():
            most = min(quantity, left.get(place.sku, quantity))
            if most:
                given[place] = most
            if place.sku in left:
                left[place.sku] -= most
        if not given:
            first, quantity = next(iter(fitting.items()))
            raise self._reached(asked, first.sku, quantity, t_ms)
        return given

    def claims(self, who: Buyer) -> dict[int, int]:
        """What the holds come to that count, by instant."""
        claims = dict[int, int]()
        for hold in map(self.holds.__getitem__, self.of(who).names):
            n = sum(n for place, n in hold.lines.items() if place.sku == who.sku)
            if n and stands(hold):
                claims[hold.until] = claims.get(hold.until, 0) + n
        return claims

    def standing(self, who: Buyer) -> dict[int, int]:
        """Those that are not over by the time of the last write."""
        at = self.of(who).at
        return {until: n for until, n in self.claims(who).items() if until > at}

    def held(self, who: Buyer, t_ms: int) -> int:
        return sum(n for until, n in self.standing(who).items() if until * 1000 > t_ms)

    def free_s(self, who: Buyer, period_s: int, t_ms: int) -> int | None:
        """When the first of it counts no more."""
        ends = [*self.standing(who)]
        ends += [day + period_s for day, _ in self.of(who).bought if period_s]
        return min((end for end in ends if end * 1000 > t_ms), default=None)

    def _reached(self, asked: Operation, sku: str, quantity: int, t_ms: int) -> RefusedError:
        rule, who = self.heard[sku], whose(asked, sku)
        free_s = self.free_s(who, rule.period_s, t_ms)
        return RefusedError(
            "BUYER_LIMIT_REACHED",
            sku=sku,
            quantity_max=rule.most,
            held_quantity=self.held(who, t_ms),
            bought_quantity=self.of(who).bought_within(rule.period_s, t_ms),
            quantity=quantity,
            free_time="" if free_s is None else text_of(free_s),
        )

    def made(self, name: str, hold: Hold, asked: Operation) -> None:
        """What of it has a limit counts from now on, for whom it was made."""
        if not self.heard:
            return
        hold.counted = tuple(sorted({p.sku for p in hold.lines} & self.heard.keys()))
        hold.buyer_id = asked.buyer_id if hold.counted else ""
        for who in counted_of(hold):
            self.of(who).names.append(name)

    def follow(self, names: Sequence[str], at: int) -> None:
        """What a write at `at` has changed of these holds."""
        for who in {who: None for name in names for who in counted_of(self.holds[name])}:
            had = self.of(who)
            had.names = [name for name in had.names if stands(self.holds[name])]
            claims = self.claims(who)
            bought = sum(bought_of(self.holds[name], who) for name in names)
            if claims != had.kept or bought:
                had.kept, had.at = claims, max(had.at, at)
                had.revision += 1
                had.bought += [((at // DAY_S + 1) * DAY_S, bought)] if bought else []
                self.written.add(who)


def whose(asked: Operation, sku: str) -> Buyer:
    return Buyer(sku, asked.owner, asked.buyer_id)


def counted_of(hold: Hold) -> list[Buyer]:
    return [Buyer(sku, hold.owner, hold.buyer_id) for sku in hold.counted]


def stands(hold: Hold) -> bool:
    """Or has lapsed, of which nothing is written where it counts."""
    return hold.status in (ACTIVE, LAPSED)


def bought_of(hold: Hold, who: Buyer) -> int:
    """By the write that committed it."""
    is_its = hold.status == COMMITTED and who in counted_of(hold)
    return hold.found.get(who.sku, 0) if is_its else 0


def text_of(instant_s: int) -> str:
    return datetime.fromtimestamp(instant_s, UTC).isoformat().replace("+00:00", "Z")
