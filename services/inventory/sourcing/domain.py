"""Rules for what it takes to serve one location from another, as data. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from chassis.changes import Event
from chassis.errors import AppError, Kind, Violation
from services.inventory.location.domain import DAY_MIN

DAY_S = 24 * 3600
RULES_MAX = 200
PREPARATION_S_MAX = 7 * DAY_S
LEAD_S_MAX = 60 * DAY_S
CUT_OFFS_MAX = 24
CLOSED_DATES_MAX = 100
BANDS_MAX = 20
# Stands for any location in the key of an event; no location is called so.
ANY = "*"
# Half of the Earth's girth, and a little: nothing is further away.
DISTANCE_M_MAX = 20_100_000
COST_MAX = 1_000_000_000
LOCATION_ID_LENGTH_MAX = 64
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class InvalidTransferRuleError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_TRANSFER_RULE"


class Way(NamedTuple):
    """From which location to which; empty is any."""

    source_location_id: str
    target_location_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DistanceBand:
    """What the way takes up to a distance; zero is however far, known or not."""

    distance_m_max: int
    lead_s: int
    cost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRule:
    """What it takes to serve one location from another, or from itself.

    Attributes:
        preparation_s: How long the source must have been open before a parcel is packed.
        cut_offs: Local minutes at the source at which parcels leave; none is at any time.
        weekdays: ISO days on which they leave; none is all.
        closed_dates: Local days of the source on which nothing happens there.
        bands: The first that reaches so far counts; none lets nothing pass.
        withdrawn: As if it were not there.
        actor: Who put it.
    """

    source_location_id: str
    target_location_id: str
    preparation_s: int = 0
    cut_offs: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()
    closed_dates: tuple[str, ...] = ()
    bands: tuple[DistanceBand, ...] = ()
    withdrawn: bool = False
    revision: int = 0
    actor: str = ""

    @property
    def way(self) -> Way:
        return Way(self.source_location_id, self.target_location_id)

    def band(self, distance_m: int | None) -> DistanceBand | None:
        """What the way takes; None where nothing goes so far."""
        reaching = (
            band
            for band in self.bands
            if not band.distance_m_max
            or (distance_m is not None and distance_m <= band.distance_m_max)
        )
        return next(reaching, None)


# A location that no rule is about serves itself, at once.
NO_RULE = TransferRule(source_location_id="", target_location_id="")


def ways_to_ask(source_id: str, target_id: str) -> tuple[Way, ...]:
    """The ways whose rules may hold between two locations, the most particular first."""
    return Way(source_id, target_id), Way(source_id, ""), Way("", target_id), Way("", "")


def rule_between(
    rules: Mapping[Way, TransferRule], source_id: str, target_id: str
) -> TransferRule | None:
    """The most particular one that was not withdrawn."""
    asked = (rules.get(way) for way in ways_to_ask(source_id, target_id))
    return next((rule for rule in asked if rule is not None and not rule.withdrawn), None)


def put(before: TransferRule | None, rule: TransferRule) -> TransferRule:
    """`rule` as it comes to stand, or `before` itself where it says the same, whoever says it."""
    if before is None:
        return replace(rule, revision=1)
    if replace(rule, revision=before.revision, actor=before.actor) == before:
        return before
    return replace(rule, revision=before.revision + 1)


def transfer_rule_changed(rule: TransferRule) -> Event:
    key = " ".join(location_id or ANY for location_id in rule.way)
    detail = rule.way._asdict()
    return Event("transfer_rule_changed", key, rule.revision, detail, kind="transfer_rule")


def check_rules(rules: Sequence[TransferRule]) -> None:
    """Raises InvalidTransferRuleError, naming every field at fault."""
    if not 1 <= len(rules) <= RULES_MAX:
        raise invalid_rules(Violation("rules", f"1 to {RULES_MAX} rules"))
    violations: list[Violation] = []
    seen: set[Way] = set()
    for number, rule in enumerate(rules):
        path = f"rules[{number}]"
        if rule.way in seen:
            violations.append(Violation(path, "another source or target than the rules before"))
        seen.add(rule.way)
        violations += rule_violations(rule, path)
    if violations:
        raise invalid_rules(*violations)


def invalid_rules(*violations: Violation) -> InvalidTransferRuleError:
    return InvalidTransferRuleError("the rules are not as they must be", violations=violations)


def rule_violations(rule: TransferRule, path: str) -> list[Violation]:
    days = PREPARATION_S_MAX // DAY_S
    dates = f"days as 2026-12-25, rising, at most {CLOSED_DATES_MAX}"
    minutes = f"minutes of 0 to {DAY_MIN - 1}, rising, at most {CUT_OFFS_MAX}"
    checks = (
        ("source_location_id", is_location_id(rule.source_location_id), "an id, or empty for any"),
        ("target_location_id", is_location_id(rule.target_location_id), "an id, or empty for any"),
        ("preparation_duration", 0 <= rule.preparation_s <= PREPARATION_S_MAX, f"0 to {days} days"),
        ("cut_off_minutes", is_rising(rule.cut_offs, 0, DAY_MIN - 1, CUT_OFFS_MAX), minutes),
        ("weekdays", is_rising(rule.weekdays, 1, 7, 7), "1 (Monday) to 7 (Sunday), rising"),
        ("closed_dates", are_dates(rule.closed_dates), dates),
    )
    wrong = [Violation(f"{path}.{name}", words) for name, holds, words in checks if not holds]
    return wrong + bands_violations(rule.bands, f"{path}.bands")


def bands_violations(bands: Sequence[DistanceBand], path: str) -> list[Violation]:
    if len(bands) > BANDS_MAX:
        return [Violation(path, f"at most {BANDS_MAX} bands")]
    violations, reached_m = [], 0
    for number, band in enumerate(bands):
        if not 0 <= band.lead_s <= LEAD_S_MAX:
            words = f"0 to {LEAD_S_MAX // DAY_S} days"
            violations.append(Violation(f"{path}[{number}].lead_duration", words))
        if not 0 <= band.cost <= COST_MAX:
            violations.append(Violation(f"{path}[{number}].parcel_cost", f"0 to {COST_MAX}"))
        is_last = number == len(bands) - 1
        endless = is_last and not band.distance_m_max
        if not (endless or reached_m < band.distance_m_max <= DISTANCE_M_MAX):
            words = f"above {reached_m}, at most {DISTANCE_M_MAX}; the last may be zero"
            violations.append(Violation(f"{path}[{number}].distance_max_m", words))
        reached_m = band.distance_m_max
    return violations


def is_location_id(text: str) -> bool:
    """Or empty, for any: whether there is such a location is looked at later."""
    return len(text) <= LOCATION_ID_LENGTH_MAX


def is_rising(numbers: Sequence[int], least: int, most: int, count_max: int) -> bool:
    within = all(least <= number <= most for number in numbers)
    return within and len(numbers) <= count_max and sorted(set(numbers)) == list(numbers)


def are_dates(texts: Sequence[str]) -> bool:
    rising = sorted(set(texts)) == list(texts)
    return rising and len(texts) <= CLOSED_DATES_MAX and all(map(is_date, texts))


def is_date(text: str) -> bool:
    if not DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
