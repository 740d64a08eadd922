"""A cabinet without a disk and without doors: both are lists, and may fail at any instant."""

from clients.locker.cabinet import Cabinet
from clients.locker.memory import (
    Compartment,
    Memory,
    Wanted,
    memory_from_json,
    memory_to_json,
)

NOON_MS = 1_795_262_400_000
HOUR_MS = 3_600_000


class PowerLostError(Exception):
    """The cabinet is dark; what was saved is all there is."""


class Disk:
    """Keeps a memory as the file would; loses power before or after saving if told so."""

    def __init__(self, memory: Memory) -> None:
        self.saved = memory_to_json(memory)
        self.saved_count = 0
        self.fail = ""

    @property
    def memory(self) -> Memory:
        return memory_from_json(self.saved)

    def save(self, memory: Memory) -> None:
        fail, self.fail = self.fail, ""
        if fail == "before":
            raise PowerLostError
        self.saved, self.saved_count = memory_to_json(memory), self.saved_count + 1
        if fail == "after":
            raise PowerLostError


class Doors:
    """What was unlocked, and how much was safe on disk by then."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.opened: list[str] = []
        self.safe: list[Memory] = []

    def open(self, compartment_id: str) -> None:
        self.opened.append(compartment_id)
        self.safe.append(self._disk.memory)


class Bench:
    """A cabinet with its disk, its doors and a clock that tests turn."""

    def __init__(self, *compartments: Compartment) -> None:
        memory = Memory(
            cabinet_id="c-paris",
            private_key_hex="00" * 32,
            compartments={c.compartment_id: c for c in compartments},
        )
        self.now_ms = NOON_MS
        self.disk = Disk(memory)
        self.doors = Doors(self.disk)
        self.restart()

    def restart(self) -> None:
        """From what is on disk."""
        self.disk.fail = ""
        self.cabinet = Cabinet(
            self.disk.memory, self.disk, self.doors, clock_ms=lambda: self.now_ms
        )
        self.cabinet.wake()

    @property
    def memory(self) -> Memory:
        return self.cabinet.memory

    @property
    def told(self) -> list[str]:
        """What stands in the journal, with reasons."""
        return [
            " ".join(filter(None, [entry.happened.value, entry.reason]))
            for entry in self.memory.journal
        ]


def wanted(state: Wanted = Wanted.READY, *, generation: int = 1, revision: int = 1) -> Compartment:
    return Compartment(
        compartment_id="A1",
        generation=generation,
        revision=revision,
        wanted=state,
        order_id=f"o{generation}",
        not_before_ms=NOON_MS,
        not_after_ms=NOON_MS + HOUR_MS,
    )
