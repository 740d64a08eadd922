"""Several updates decided together, as if one came after the other. Pure: no engine.

What one leaves behind the next one reads. One that raises changes nothing and hinders none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from chassis.answers import Kept, answer_to_document, check_recent
from chassis.changes import Changed, Event
from chassis.records import Document, Ref, State, Update
from chassis.requests import Request
from chassis.writes import Kinds

A = TypeVar("A")


@dataclass(slots=True, kw_only=True)
class Batch:
    """What some updates come to. `decide` each, in the order in which they are to have come.

    Attributes:
        found: What is at their refs; afterwards what they leave there.
        kept: The answers there are to their requests.
        refs: Of the updates done: whoever else writes one of these, conflicts.
        records: All that they leave behind, each once.
        answered: The answers that they made, by the key of the request.
    """

    kinds: Kinds
    found: dict[Ref[Any], object | None]
    kept: Mapping[str, Kept]
    now: datetime
    refs: set[Ref[Any]] = field(default_factory=set)
    records: dict[Ref[Any], object] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    answered: dict[str, tuple[Update[Any], Any]] = field(default_factory=dict)

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
            answer_to_document(update.request, answer, self.kinds.of(update.answer))
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
        changed = update.change(State({ref: self.found[ref] for ref in update.refs}))
        self.refs.update(update.refs)
        for record in changed.records:
            ref = self.kinds.ref(record)
            self.records[ref] = record
            if ref in self.found:
                self.found[ref] = record
        self.events += changed.events
        return changed


def refs_of(updates: Iterable[Update[Any]]) -> list[Ref[Any]]:
    return [ref for update in updates for ref in update.refs]
