"""House and cabinet together, with everything between them going wrong in any order."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chassis.errors import AppError
from clients.locker import rules
from clients.locker.memory import Compartment, Happened, Purpose, Wanted
from clients.locker.rules import OPEN, Claim, Command
from services.collect.locker import domain as house
from services.collect.locker.cabinet import (
    Cabinet,
    DoorPurpose,
    EntryKind,
    Use,
    UseState,
)
from services.collect.point.domain import Size
from tests.clients.locker.between import entry_of, ms_of, time_of, told
from tests.clients.locker.doors import HOUR_MS, Bench, PowerLostError
from tests.collect.locker.cabinets import cabinet


@dataclass(frozen=True, slots=True)
class Code:
    """What a customer was given, once the house had called the order ready."""

    order_id: str
    compartment_id: str
    generation: int
    not_before_ms: int
    not_after_ms: int


class Interleavings(RuleBasedStateMachine):
    """`inside` is what really lies where; people are honest, lines and power are not."""

    @initialize()
    def build(self) -> None:
        self.house: Cabinet = cabinet(A1=Size.S, A2=Size.M)
        self.bench = Bench()
        self.order_count = 0
        self.command_count = 0
        self.codes: list[Code] = []
        self.inside: dict[str, str] = {}
        self.customer_opened: list[tuple[str, int]] = []
        self.commands_opened: list[str] = []

    # What the house does.

    def attempt(self, after: Any) -> None:
        try:
            self.house = after()
        except AppError:
            pass

    @rule(size=st.sampled_from(Size))
    def order(self, size: Size) -> None:
        self.order_count += 1
        order_id, now = f"o{self.order_count}", time_of(self.bench.now_ms)
        self.attempt(lambda: house.kept(self.house, order_id=order_id, size=size, now=now))

    def ask_for(self, order_id: str, purpose: DoorPurpose) -> None:
        self.command_count += 1
        now = time_of(self.bench.now_ms)
        there = replace(self.house, seen_time=now)
        command_id = f"d{self.command_count}"
        self.attempt(
            lambda: house.door_asked(
                there, order_id, command_id=command_id, purpose=purpose, now=now
            )
        )

    @precondition(lambda self: self.order_count)
    @rule(data=st.data(), purpose=st.sampled_from(DoorPurpose))
    def ask(self, data: st.DataObject, purpose: DoorPurpose) -> None:
        self.ask_for(self.some_order(data), purpose)

    @precondition(lambda self: self.order_count)
    @rule(data=st.data())
    def call_off(self, data: st.DataObject) -> None:
        self.attempt(partial(house.called_off, self.house, self.some_order(data)))

    @rule(size=st.sampled_from(Size), until=st.integers(3, 6))
    def go_well(self, size: Size, until: int) -> None:
        """An order on its way to its customer; chance alone would seldom get so far."""
        self.order(size)
        use = house.use_of(self.house, order_id := f"o{self.order_count}")
        if use is None:
            return
        steps: list[Callable[[], None]] = [
            partial(self.ask_for, order_id, DoorPurpose.LOADING),
            partial(self.down, 8, False),
            partial(self.close, use.compartment_id),
            partial(self.up, 8),
            self.acknowledge,
            partial(self.down, 8, True),
        ]
        for step in steps[:until]:
            step()

    # What the line lets through before it is cut.

    @rule(count=st.integers(1, 8), repeated=st.booleans())
    def down(self, count: int, repeated: bool) -> None:
        messages: list[Use | Any] = [*self.house.uses, *self.house.commands]
        for message in (messages * (2 if repeated else 1))[:count]:
            if isinstance(message, Use):
                self.powered(partial(rules.assigned, told=told(message)))
            else:
                self.command(message)

    @rule(count=st.integers(1, 8))
    def up(self, count: int) -> None:
        for entry in self.bench.memory.journal[:count]:
            before, told = self.house, entry_of(entry)
            self.house = house.applied(before, told)
            use = house.use_in(before, told)
            if told.kind is EntryKind.LOADED and use and use.state is UseState.RESERVED:
                self.make_ready(use)

    @rule()
    def acknowledge(self) -> None:
        """It may be lost: then the same entries come again."""
        memory = rules.acknowledged(self.bench.memory, self.house.journal_sequence)
        try:
            self.bench.cabinet.keep(memory)
        except PowerLostError:
            self.bench.restart()

    def make_ready(self, use: Use) -> None:
        begin, end = self.bench.now_ms, self.bench.now_ms + HOUR_MS
        self.house = house.made_ready(
            self.house, use.order_id, not_before=time_of(begin), not_after=time_of(end)
        )
        code = Code(use.order_id, use.compartment_id, use.generation, begin, end)
        self.codes.append(code)

    # What happens at the cabinet.

    def command(self, command: Any) -> None:
        opened = self.powered(
            partial(
                rules.commanded,
                command=Command(
                    command_id=command.command_id,
                    compartment_id=command.compartment_id,
                    generation=command.generation,
                    purpose=Purpose(command.purpose.value),
                    expire_ms=ms_of(command.expire_time),
                ),
            )
        )
        if opened == OPEN:
            assert command.command_id not in self.commands_opened
            self.commands_opened.append(command.command_id)

    @precondition(lambda self: self.codes)
    @rule(data=st.data(), scan=st.booleans())
    def collect(self, data: st.DataObject, scan: bool) -> None:
        code = data.draw(st.sampled_from(self.codes))
        known = self.bench.memory.compartments.get(code.compartment_id)
        if self.powered(self.shown(code) if scan else self.typed(code)) != OPEN:
            self.look_after_fault(code, known)
            return
        assert known is not None
        live = known.wanted is Wanted.READY or (known.wanted is Wanted.RESERVED and known.loaded)
        assert live and known.order_id == code.order_id
        assert code.not_before_ms <= self.bench.now_ms < code.not_after_ms
        assert self.inside.pop(code.compartment_id, code.order_id) == code.order_id
        self.customer_opened.append((code.compartment_id, code.generation))

    def look_after_fault(self, code: Code, known: Compartment | None) -> None:
        """Power was lost when the opening was safe and the door still shut: staff are told."""
        now = self.bench.memory.compartments.get(code.compartment_id)
        if known is not None and now is not None and now.opened and not known.opened:
            told = [e for e in self.bench.memory.journal if e.happened is Happened.FAULT]
            assert code.generation in {entry.generation for entry in told}
            self.inside.pop(code.compartment_id, None)

    def shown(self, code: Code) -> Any:
        claim = Claim(
            cabinet_id="c-paris",
            compartment_id=code.compartment_id,
            order_id=code.order_id,
            generation=code.generation,
            not_before_ms=code.not_before_ms,
            not_after_ms=code.not_after_ms,
            nonce_hex=f"nonce {code.generation}",
        )
        return partial(rules.scanned, claim=claim)

    def typed(self, code: Code) -> Any:
        return partial(rules.typed, matching=self.fits(code))

    def fits(self, code: Code) -> list[tuple[str, int]]:
        compartment = self.bench.memory.compartments.get(code.compartment_id)
        ready = compartment is not None and compartment.wanted is Wanted.READY
        same = ready and compartment is not None and compartment.generation == code.generation
        return [(code.compartment_id, code.generation)] if same else []

    @rule(compartment_id=st.sampled_from(["A1", "A2"]))
    def close(self, compartment_id: str) -> None:
        """Staff put the order of their command in, or take out what there is, then close."""
        compartment = self.bench.memory.compartments.get(compartment_id)
        door = compartment.door if compartment else None
        if door is not None and door.purpose is Purpose.LOADING:
            assert self.inside.get(compartment_id, door.order_id) == door.order_id
            self.inside[compartment_id] = door.order_id
        if door is not None and door.purpose is Purpose.TAKING_BACK:
            self.inside.pop(compartment_id, None)
        try:
            self.bench.cabinet.close(compartment_id)
        except PowerLostError:
            self.bench.restart()

    @rule(when=st.sampled_from(["before", "after"]))
    def lose_power(self, when: str) -> None:
        """With the next thing that is saved."""
        self.bench.disk.fail = when

    @rule()
    def kill(self) -> None:
        self.bench.restart()

    @rule(minutes=st.sampled_from([1, 30]))
    def wait(self, minutes: int) -> None:
        self.bench.now_ms += int(timedelta(minutes=minutes).total_seconds() * 1000)

    def powered(self, rule: Any) -> str:
        try:
            return self.bench.cabinet.decide(rule)
        except PowerLostError:
            self.bench.restart()
            return ""

    def some_order(self, data: st.DataObject) -> str:
        return f"o{data.draw(st.integers(1, self.order_count))}"

    @invariant()
    def a_use_opens_once_for_its_customer(self) -> None:
        assert len(set(self.customer_opened)) == len(self.customer_opened)

    @invariant()
    def the_cabinet_remembers_what_is_on_disk(self) -> None:
        assert self.bench.memory == self.bench.disk.memory

    @invariant()
    def what_lies_inside_has_its_place_in_the_house(self) -> None:
        """Or the house will hear that it was taken out, or never loaded, when entries come."""
        uses = {use.compartment_id: use for use in self.house.uses}
        for compartment_id, order_id in self.inside.items():
            assert uses[compartment_id].order_id == order_id


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=200, stateful_step_count=60, deadline=None)
