"""What a replica has heard of limits: as the product keeps it, and beside it in plain numbers."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import cast

from chassis.records import Records, Ref
from services.inventory.limit.domain import Limit, Limits
from services.inventory.limit.store import LIMITS, KnownLimits
from tests.simulation.buyers import Heard, Rule
from tests.simulation.handling import NO_LIMITS
from tests.simulation.operations import Operation, Verb
from tests.simulation.plain_records import PlainRecords

NO_RULES: Heard = MappingProxyType({})


class Ear:
    """Of a replica that has just begun, and heard of none."""

    def __init__(self, store: PlainRecords) -> None:
        self._store = store
        self._known = KnownLimits(cast(Records, store))
        self._rules: dict[str, Rule] = {}

    def of(self, asked: Operation) -> tuple[Limits, Heard]:
        """Those that stand, of the articles of what is to be made."""
        if not self._rules or asked.verb not in (Verb.RESERVE, Verb.SUPERSEDE):
            return NO_LIMITS, NO_RULES
        skus = {place.sku: None for place, _ in asked.lines}
        rules = {sku: rule for sku in skus if (rule := self._rules.get(sku)) and rule.most}
        return self._known.of(skus), rules

    def hear(self, rules: Mapping[str, Rule]) -> None:
        """Of all as they are."""
        self._known.take(self._store.records[Ref(LIMITS, sku)] for sku in rules)
        self._rules = dict(rules)

    def told(self, limits: Iterable[Limit]) -> None:
        """What an answer says, which may be an old one."""
        said = list(limits)
        self._known.take(said)
        for each in said:
            before = self._rules.get(each.sku, Rule(0, 0, 0))
            rule = Rule(each.quantity_max, each.period_s, each.revision)
            self._rules[each.sku] = max(before, rule, key=lambda rule: rule.revision)
