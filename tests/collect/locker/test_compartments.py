"""Whatever happens in whichever order, no compartment holds two orders. Pure."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chassis.errors import AppError
from services.collect.locker.cabinet import DoorPurpose, EntryKind, UseState
from services.collect.locker.domain import (
    applied,
    called_off,
    door_asked,
    emptied,
    kept,
    made_ready,
    use_of,
)
from services.collect.point.domain import Size
from tests.collect.locker.cabinets import LATER, NOW, cabinet, entry


class Compartments(RuleBasedStateMachine):
    """Orders come and go, doors open and close, in any order."""

    @initialize()
    def furnish(self) -> None:
        self.cabinet = replace(cabinet(A1=Size.S, A2=Size.M), seen_time=NOW)
        self.number = 0
        self.inside: dict[str, str] = {}  # What really lies where.

    def attempt(self, after: object) -> None:
        try:
            self.cabinet = after()  # type: ignore[operator]
        except AppError:
            pass

    @rule(size=st.sampled_from(Size))
    def keep(self, size: Size) -> None:
        self.number += 1
        order_id = f"o{self.number}"
        self.attempt(lambda: kept(self.cabinet, order_id=order_id, size=size, now=NOW))

    @precondition(lambda self: self.number)
    @rule(data=st.data(), purpose=st.sampled_from(DoorPurpose))
    def ask(self, data: st.DataObject, purpose: DoorPurpose) -> None:
        order_id = self.one_of(data)
        self.attempt(
            lambda: door_asked(self.cabinet, order_id, command_id="d", purpose=purpose, now=NOW)
        )

    @precondition(lambda self: self.number)
    @rule(data=st.data(), how=st.sampled_from([called_off, emptied]))
    def end(self, data: st.DataObject, how: object) -> None:
        order_id = self.one_of(data)
        use = use_of(self.cabinet, order_id)
        if how is emptied and use is not None and use.state is UseState.TO_EMPTY:
            self.inside.pop(use.compartment_id, None)  # Whoever says so has looked.
        self.attempt(lambda: how(self.cabinet, order_id))  # type: ignore[operator]

    @precondition(lambda self: self.number)
    @rule(data=st.data())
    def make_ready(self, data: st.DataObject) -> None:
        order_id = self.one_of(data)
        use = use_of(self.cabinet, order_id)
        if use is not None and use.loaded:
            self.attempt(
                lambda: made_ready(self.cabinet, order_id, not_before=NOW, not_after=LATER)
            )

    @precondition(lambda self: any(use.order_id for use in self.cabinet.uses))
    @rule(data=st.data(), kind=st.sampled_from(EntryKind))
    def happen(self, data: st.DataObject, kind: EntryKind) -> None:
        """What an honest cabinet can say of a use, and what is true then."""
        use = data.draw(st.sampled_from([use for use in self.cabinet.uses if use.order_id]))
        if kind is EntryKind.LOADED:
            if not use.asked:
                return
            self.inside[use.compartment_id] = use.order_id
        if kind in (EntryKind.OPENED, EntryKind.TAKEN_BACK):
            self.inside.pop(use.compartment_id, None)
        told = entry(
            kind,
            self.cabinet.journal_sequence + 1,
            order_id=use.order_id,
            generation=use.generation,
            at=use.compartment_id,
        )
        self.cabinet = applied(self.cabinet, told)

    @invariant()
    def no_order_has_two_compartments(self) -> None:
        orders = [use.order_id for use in self.cabinet.uses if use.order_id]
        assert len(orders) == len(set(orders))

    @invariant()
    def what_holds_an_order_is_kept_for_that_order(self) -> None:
        kept_for = {use.compartment_id: use.order_id for use in self.cabinet.uses}
        assert all(kept_for[where] == order_id for where, order_id in self.inside.items())

    @invariant()
    def generations_are_given_once(self) -> None:
        given = [use.generation for use in self.cabinet.uses if use.generation]
        assert len(given) == len(set(given))
        assert max(given, default=0) <= self.cabinet.generation

    def one_of(self, data: st.DataObject) -> str:
        return f"o{data.draw(st.integers(1, self.number))}"


TestCompartments = Compartments.TestCase
