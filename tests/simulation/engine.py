"""A database that several replicas share and that fails as one does, by a seed.

Transactions are as in `chassis.mongo_records`: decided on one snapshot, committed if nobody
wrote the same meanwhile, tried again if somebody did. Batches are decided by `chassis.batches`.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from chassis.answers import Kept, cancellation_to_document, kept_from_document
from chassis.batches import Batch, refs_of
from chassis.changes import Changed
from chassis.mongo_errors import DatabaseTimeoutError, DatabaseUnavailableError
from chassis.records import HeldUpError, Outcome, RecordExistsError, Ref, State, Update
from chassis.writes import Kinds
from services.inventory.kinds import KINDS
from tests.simulation.auditor import Auditor
from tests.simulation.broken import BrokenError
from tests.simulation.operations import Operation

# How many transactions of a hundred the engine fails before they happen, and behind that.
FAILED_BEFORE, FAILED_AFTER = 4, 4
# A process stands still here, or is no more.
Rest: TypeAlias = Callable[[], Awaitable[None]]


@dataclass(slots=True, kw_only=True, eq=False)
class Delivery:
    """One try of an operation, in the hands of one replica.

    Attributes:
        turn: Its place among those that came to its replica's committer.
        changed: What its rule came to when it was last decided; None where an answer was kept.
        is_decided: Whether a transaction with it was committed, to `outcome`.
        was_told_never: Whether its caller was told that nothing has happened.
    """

    operation: Operation
    now_ms: int
    turn: int = 0
    changed: Changed[Any] | None = None
    is_decided: bool = False
    outcome: Outcome = None
    was_told_never: bool = False


@dataclass(frozen=True, slots=True)
class Delivered:
    """A change, and whose it is."""

    right: Callable[[State], Changed[Any]]
    delivery: Delivery

    def __call__(self, state: State) -> Changed[Any]:
        self.delivery.changed = self.right(state)
        return self.delivery.changed


@dataclass(slots=True, kw_only=True)
class Engine:
    """`broken` is the first thing that was found, whoever caught it on its way."""

    dice: random.Random
    now: Callable[[], datetime]
    auditor: Auditor = field(default_factory=Auditor)
    is_shaky: bool = True
    records: dict[Ref[Any], Any] = field(default_factory=dict)
    versions: dict[Ref[Any], int] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    batch_sizes: list[int] = field(default_factory=list)
    conflicts_count: int = 0
    held_up_count: int = 0
    broken: BrokenError | None = None
    kinds: Kinds = field(default_factory=lambda: Kinds(KINDS))

    def fails(self, of_hundred: int) -> bool:
        return self.is_shaky and self.dice.random() * 100 < of_hundred

    async def written(
        self,
        updates: Sequence[Update[Any]],
        *,
        timeout_s: float,
        patience_s: float | None,
        rest: Rest,
    ) -> list[Outcome]:
        """As `Records.update_all`."""
        loop = asyncio.get_running_loop()
        begin_s = loop.time()
        await rest()
        if self.fails(FAILED_BEFORE):
            raise DatabaseUnavailableError("the primary is gone")
        while True:
            snapshot = self._snapshot(updates)
            batch, outcomes = self._decided(updates, snapshot)
            await rest()
            took_s = loop.time() - begin_s
            if took_s > timeout_s:
                raise DatabaseTimeoutError("the database did not finish in time")
            if self._may_commit(batch, snapshot):
                break
            self.conflicts_count += 1
            if took_s > (timeout_s if patience_s is None else patience_s):
                self.held_up_count += 1
                raise HeldUpError("others wrote the same until time was up")
        self._commit(updates, outcomes, batch, snapshot)
        if self.fails(FAILED_AFTER):
            raise DatabaseTimeoutError("nobody knows whether it was committed")
        await rest()
        return outcomes

    async def cancelled(self, delivery: Delivery, *, rest: Rest) -> bool:
        await rest()
        request = delivery.operation.request
        document = cancellation_to_document(request)
        kept = self.kept.setdefault(request.key, kept_from_document(document))
        self._told(delivery, lambda: self.auditor.cancelled(kept.cancelled))
        await rest()
        return kept.cancelled

    def _snapshot(self, updates: Sequence[Update[Any]]) -> dict[Ref[Any], int]:
        return {ref: self.versions.get(ref, 0) for ref in refs_of(updates)}

    def _decided(
        self, updates: Sequence[Update[Any]], snapshot: dict[Ref[Any], int]
    ) -> tuple[Batch, list[Outcome]]:
        for update in updates:
            delivery_of(update).changed = None
        found = {ref: self.records.get(ref) for ref in snapshot}
        requests = [update.request for update in updates if update.request is not None]
        kept = {r.key: self.kept[r.key] for r in requests if r.key in self.kept}
        batch = Batch(kinds=self.kinds, found=found, kept=kept, now=self.now())
        return batch, [batch.attempt(update) for update in updates]

    def _may_commit(self, batch: Batch, snapshot: dict[Ref[Any], int]) -> bool:
        """Unless another replica wrote what this read, or answered one of its requests."""
        is_read_yet = all(self.versions.get(ref, 0) == snapshot[ref] for ref in batch.refs)
        return is_read_yet and self.kept.keys().isdisjoint(batch.answered)

    def _commit(
        self,
        updates: Sequence[Update[Any]],
        outcomes: Sequence[Outcome],
        batch: Batch,
        snapshot: dict[Ref[Any], int],
    ) -> None:
        self.batch_sizes.append(len(updates))
        stale = {ref for ref, version in snapshot.items() if self.versions.get(ref, 0) != version}
        for update, outcome in zip(updates, outcomes, strict=True):
            is_stale = not stale.isdisjoint(update.refs) or self._answered_since(update, batch)
            self._audit(update, outcome, is_stale=is_stale)
        for ref in batch.records:
            if ref not in snapshot and ref in self.records:
                raise RecordExistsError(ref.kind.collection, ("_id",))
        self.records |= batch.records
        for ref in batch.refs | batch.records.keys():
            self.versions[ref] = self.versions.get(ref, 0) + 1
        documents = batch.answers()
        self.kept |= {document["_id"]: kept_from_document(document) for document in documents}

    def _answered_since(self, update: Update[Any], batch: Batch) -> bool:
        key = "" if update.request is None else update.request.key
        return key in self.kept and key not in batch.kept

    def _audit(self, update: Update[Any], outcome: Outcome, *, is_stale: bool) -> None:
        """A refusal writes nothing, so that it may be of what was when it was decided."""
        delivery = delivery_of(update)
        delivery.is_decided, delivery.outcome = True, outcome
        if isinstance(outcome, Exception):
            if not is_stale:
                self._told(delivery, lambda: self.auditor.refused(outcome))
        elif (changed := delivery.changed) is None:
            self._told(delivery, lambda: self.auditor.repeated(outcome))
        else:
            if delivery.was_told_never:
                words = f"its caller was told that nothing has happened: {delivery.operation}"
                self.broken = self.broken or BrokenError("I2", words)
            self._told(delivery, lambda: self.auditor.wrote(update.refs, changed))

    def _told(self, delivery: Delivery, tell: Callable[[], None]) -> None:
        self.auditor.asked, self.auditor.now_ms = delivery.operation, delivery.now_ms
        try:
            tell()
        except BrokenError as broken:
            # Whoever writes for others takes any error for theirs.
            self.broken = self.broken or broken


def delivery_of(update: Update[Any]) -> Delivery:
    assert isinstance(update.change, Delivered)
    return update.change.delivery
