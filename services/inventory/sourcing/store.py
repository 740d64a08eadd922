"""How transfer rules are kept, and how what a plan is made of is read."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from chassis.importing import Outcome, put_all
from chassis.records import SELECT_MAX, Index, Kind, Records, Where
from services.inventory.sourcing import domain
from services.inventory.sourcing.domain import TransferRule, Way, ways_to_ask
from services.inventory.stock.domain import Place, StockRow
from services.inventory.stock.store import find_rows

TRANSFER_RULES = Kind(
    type=TransferRule,
    collection="transfer_rules",
    key=lambda rule: rule.way,
    indexes=(Index(fields=("target_location_id", "_id")),),
)
NAMED_MAX = 200


async def put_rules(
    records: Records, rules: Sequence[TransferRule], *, timeout_s: float
) -> list[Outcome]:
    """Put each whole, and say of each whether that changed something."""
    return await put_all(
        records,
        TRANSFER_RULES,
        rules,
        key=lambda rule: rule.way,
        put=domain.put,
        event=domain.transfer_rule_changed,
        timeout_s=timeout_s,
    )


async def rules_after(records: Records, after: Way | None, limit: int) -> list[TransferRule]:
    """Ordered by source and target, behind `after`."""
    where = Where(limit=limit, after=None if after is None else (None, after))
    return await records.select(TRANSFER_RULES, where)


async def sources_named(records: Records, target_id: str) -> list[str]:
    """Those whose way to this location has a rule of its own that lets something pass, at most
    NAMED_MAX, by id."""
    where = Where(
        limit=NAMED_MAX,
        equal={"target_location_id": target_id, "withdrawn": False},
        # Any band: without one nothing passes. In the query, or such crowd out those that serve.
        above={"bands.distance_m_max": -1},
    )
    return [rule.source_location_id for rule in await records.select(TRANSFER_RULES, where)]


async def rules_between(
    records: Records, source_ids: Iterable[str], target_id: str
) -> Mapping[Way, TransferRule]:
    """Every rule that may hold between one of the sources, at most 200, and the target."""
    ways = {way for source_id in source_ids for way in ways_to_ask(source_id, target_id)}
    found = await records.find_many(TRANSFER_RULES, ways)
    return {rule.way: rule for rule in found.values()}


async def rows_at(records: Records, places: Sequence[Place]) -> dict[Place, StockRow]:
    """As `find_rows`, side by side: a plan asks for thousands."""
    parts = [places[first : first + SELECT_MAX] for first in range(0, len(places), SELECT_MAX)]
    found = await asyncio.gather(*(find_rows(records, part) for part in parts))
    return {place: row for rows in found for place, row in rows.items()}
