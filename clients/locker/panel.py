"""The cabinet's front in a terminal: its doors, and a line to type what a customer does."""

import asyncio
import sys

from clients.locker.cabinet import Cabinet
from clients.locker.line import Line
from clients.locker.memory import Compartment, Memory

HELP = "code 12345678 | scan TEXT | close A1 | line up | line down | quit"
LOOK_S = 1.0
CLEAR = "\x1b[2J\x1b[H"


async def shown(cabinet: Cabinet, line: Line) -> None:
    """Show the front after each change and do what is typed, until `quit`."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    drawing = asyncio.create_task(drawn(cabinet, line))
    try:
        while typed := (await reader.readline()).decode(errors="replace"):
            verb, _, rest = typed.strip().partition(" ")
            if verb == "quit":
                return
            print(f"  {await done(cabinet, line, verb, rest.strip())}", flush=True)
    finally:
        drawing.cancel()


async def done(cabinet: Cabinet, line: Line, verb: str, rest: str) -> str:
    match verb:
        case "code":
            return await cabinet.type(rest)
        case "scan":
            return await cabinet.scan(rest)
        case "close":
            return cabinet.close(rest)
        case "line":
            line.let(rest == "up")
            return f"the line may be {'up' if line.is_up else 'down'}"
    return HELP


async def drawn(cabinet: Cabinet, line: Line) -> None:
    before = ""
    while True:
        changed = cabinet.changed()
        front = front_of(cabinet.memory, attached=line.attached)
        if front != before:
            print(CLEAR + front, flush=True)
            before = front
        try:
            async with asyncio.timeout(LOOK_S):
                await changed.wait()
        except TimeoutError:
            pass  # The line may have come or gone, which is no change of the cabinet.


def front_of(memory: Memory, *, attached: bool) -> str:
    doors = [door_line(memory.compartments[name]) for name in sorted(memory.compartments)]
    line = "line up" if attached else "NO LINE"
    waiting = f"{len(memory.journal)} entries to tell"
    return "\n".join([f"{memory.cabinet_id}   {line}, {waiting}", "", *doors, "", HELP])


def door_line(compartment: Compartment) -> str:
    door = f"OPEN ({compartment.door.purpose.value})" if compartment.door else "shut"
    return f"  {compartment.compartment_id:<6} {compartment.wanted.value:<9} {door}"
