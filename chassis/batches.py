"""Several updates decided together, as if one came after the other. Pure: no engine.

What one leaves behind the next one reads. One that raises changes nothing and hinders none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from chassis.answers import Kept, answer_to_document, check_recent
from chassis.changes import Changed, Event
from chassis.documents import Plains
from chassis.records import (
    Document,
    ImmutableRecordError,
    Outcome,
    RecordExistsError,
    Ref,
    State,
    Update,
)
from chassis.requests import Request
from chassis.writes import Kinds, Unread, has_unique, removals

A = TypeVar("A")
R = TypeVar("R")


class NotTogetherError(Exception):
    """Written together, these updates could come to something else than one after the other."""


@dataclass(slots=True, kw_only=True)
class Batch:
    """What some updates come to. `attempt` each, in the order in which they are to have come.

    Attributes:
        found: What is at their refs; afterwards what they leave there.
        kept: The answers there are to their requests.
        refs: Of the updates done: whoever else writes one of these, conflicts.
        records: All that they leave behind, each once.
        removed: What they take out.
        answered: The answers that they made, by the key of the request.
        plains: What is made of them, for all that is written.
        is_blurred: Whether what one of them left behind is written by none, and a unique index
            might have refused it; or is taken out, and another one wrote it.
    """

    kinds: Kinds
    found: dict[Ref[Any], object | None]
    kept: Mapping[str, Kept]
    now: datetime
    refs: set[Ref[Any]] = field(default_factory=set)
    records: dict[Ref[Any], object] = field(default_factory=dict)
    removed: set[Ref[Any]] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)
    answered: dict[str, tuple[Update[Any], Any]] = field(default_factory=dict)
    plains: Plains = field(default_factory=Plains)
    is_blurred: bool = False

    def attempt(self, update: Update[Any]) -> Outcome:
        """Its answer, or the error that it raised and that hinders no other."""
        try:
            return self.decide(update)
        except Exception as error:
            return error

    def decide(self, update: Update[A]) -> A:
        """Its answer. Raises what `Records.update` does, and whatever its change raises."""
        request = update.request
        if request is None:
            return self._done(update).answer
        if (kept := self.kept.get(request.key)) is not None:
            return kept.give(request, update.answer, self.kinds.of(update.answer))
        if request.key in self.answered:
            return self._repeated(update, request)
        check_recent(request, self.now)
        answer = self._done(update).answer
        self.answered[request.key] = update, answer
        return answer

    def answers(self) -> list[Document]:
        """To be kept."""
        return [
            answer_to_document(
                update.request, answer, self.kinds.of(update.answer), to_plain=self.plains.of
            )
            for update, answer in self.answered.values()
            if update.request is not None
        ]

    def _repeated(self, update: Update[A], request: Request) -> A:
        first, answer = self.answered[request.key]
        assert first.request is not None
        request.check_repeat(first.request.body_hash)
        given: A = answer
        return given

    def _done(self, update: Update[A]) -> Changed[A]:
        read = set(update.refs)
        for unread in (self.found[ref] for ref in update.refs):
            if isinstance(unread, Unread):
                raise unread.error
        changed = update.change(State({ref: self.found[ref] for ref in update.refs}))
        written = self._written(changed, read)
        there = {ref for ref in read if self.found[ref] is not None} if changed.removed else ()
        removed = removals(self.kinds, there, changed)
        self.is_blurred |= any(has_unique(ref) for ref in self.records.keys() & written.keys())
        self.is_blurred |= not self.records.keys().isdisjoint(removed)
        self.is_blurred |= not self.removed.isdisjoint(written)
        self.refs |= read
        self.removed.update(removed)
        self.found |= dict.fromkeys(removed)
        self.records |= written
        self.found |= {
            ref: self._left(ref, made) for ref, made in written.items() if ref in self.found
        }
        self.events += changed.events
        return changed

    def _left(self, ref: Ref[R], record: R) -> R | None:
        """What whoever comes next finds of it."""
        forget_time = ref.kind.forget_time and ref.kind.forget_time(record)
        return None if forget_time is not None and forget_time <= self.now else record

    def _written(self, changed: Changed[Any], read: set[Ref[Any]]) -> dict[Ref[Any], object]:
        """Raises what it would come to alone, behind those decided before it."""
        written: dict[Ref[Any], object] = {}
        for record in changed.records:
            ref = self.kinds.ref(record)
            if ref in written:
                raise ValueError(f"a change returned {ref.kind.collection} {ref.key} twice")
            self._check_writable(ref, is_read=ref in read)
            written[ref] = record
        return written

    def _check_writable(self, ref: Ref[Any], *, is_read: bool) -> None:
        is_there = ref in self.records or self.found.get(ref) is not None
        if is_there and not is_read:
            raise RecordExistsError(ref.kind.collection, ("_id",))
        if is_there and ref.kind.immutable:
            raise ImmutableRecordError(f"{ref.kind.collection} {ref.key} is never replaced")


def refs_of(updates: Iterable[Update[Any]]) -> list[Ref[Any]]:
    return [ref for update in updates for ref in update.refs]
