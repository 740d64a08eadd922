"""How a cabinet decides. Pure: memory and clock in, memory, doors and an answer out.

Doors open only after the memory that comes with them is safe, so that whatever
happens then, no code and no command opens twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from clients.locker.memory import Compartment, Door, Entry, Happened, Memory, Purpose, Wanted

DELAY_FIRST_MS, DELAY_MAX_MS = 1_000, 60_000
# A spent nonce is kept beyond its capability's end for as long as the clock may be set back.
CLOCK_BACK_MS = 15 * 60_000
# Somebody who keeps guessing while the line is down must not fill the disk.
JOURNAL_REFUSED_MAX = 5_000
OPEN, SHUT, WAIT = "OPEN", "SHUT", "WAIT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A door that the house asks to open for staff."""

    command_id: str
    compartment_id: str
    generation: int
    purpose: Purpose
    expire_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a capability says; its signature has been verified."""

    cabinet_id: str
    compartment_id: str
    order_id: str
    generation: int
    not_before_ms: int
    not_after_ms: int
    nonce_hex: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The memory after it, the door to open once that is safe, and what the panel says."""

    memory: Memory
    opens: str = ""
    answer: str = ""


def assigned(memory: Memory, told: Compartment, *, now_ms: int) -> Outcome:
    """Take in what the house wants of a compartment, unless something newer is known."""
    before = memory.compartments.get(told.compartment_id)
    if before is None:
        return Outcome(answered(memory, told, now_ms=now_ms))
    if (told.generation, told.revision) <= (before.generation, before.revision):
        return Outcome(memory)
    after = replace(told, door=before.door)
    if told.generation == before.generation:
        after = replace(after, loaded=before.loaded, opened=before.opened, answered=before.answered)
    return Outcome(answered(memory, after, now_ms=now_ms))


def answered(memory: Memory, compartment: Compartment, *, now_ms: int) -> Memory:
    """Put the compartment; if it was called off and can no longer open, say so, once.

    While its door stands open for loading nobody can say what will lie inside.
    """
    loading = compartment.door is not None and compartment.door.purpose is Purpose.LOADING
    due = compartment.wanted is Wanted.REVOKED and not loading
    if not due or compartment.opened or compartment.answered:
        return put(memory, compartment)
    told = put(memory, replace(compartment, answered=True))
    return written(told, Happened.REVOKED, of=compartment, now_ms=now_ms)


def awoken(memory: Memory, *, now_ms: int) -> Outcome:
    """After a loss of power nobody knows whether a door that was to open ever did: say so."""
    for compartment in memory.compartments.values():
        if compartment.door is not None:
            lost = "POWER_LOST"
            memory = written(memory, Happened.FAULT, of=compartment, reason=lost, now_ms=now_ms)
    return Outcome(memory)


def commanded(memory: Memory, command: Command, *, now_ms: int) -> Outcome:
    """Open a door for staff, once for each command."""
    if command.command_id in memory.spent:
        return Outcome(memory)
    compartment = memory.compartments.get(command.compartment_id)
    spent = spending(memory, command.command_id, until_ms=command.expire_ms, now_ms=now_ms)
    problem = command_problem(compartment, command, now_ms)
    if compartment is None or problem:
        entry = written(spent, Happened.REFUSED, of=compartment, reason=problem, now_ms=now_ms)
        return Outcome(entry, answer=problem)
    opened = standing_open(compartment, command.purpose)
    return Outcome(put(spent, opened), opens=compartment.compartment_id, answer=OPEN)


def command_problem(compartment: Compartment | None, command: Command, now_ms: int) -> str:
    if compartment is None:
        return "UNKNOWN_COMPARTMENT"
    if now_ms >= command.expire_ms:
        return "COMMAND_EXPIRED"
    if compartment.door is not None:
        return "DOOR_OPEN"
    if command.generation != compartment.generation or compartment.opened:
        return "OTHER_USE"
    loading = command.purpose is Purpose.LOADING
    fits = compartment.wanted is Wanted.RESERVED if loading else compartment.answered
    return "" if fits else "OTHER_USE"


def closed(memory: Memory, compartment_id: str, *, now_ms: int) -> Outcome:
    """Somebody closed a door."""
    compartment = memory.compartments.get(compartment_id)
    if compartment is None or (door := compartment.door) is None:
        return Outcome(memory, answer=SHUT)
    shut = replace(compartment, door=None)
    same_use = door.generation == compartment.generation
    if door.purpose is Purpose.COLLECTING:
        return Outcome(put(memory, shut), answer=SHUT)
    loading = door.purpose is Purpose.LOADING
    happened = Happened.LOADED if loading else Happened.TAKEN_BACK
    # What the door was opened for, whatever is wanted of the compartment by now.
    used = replace(compartment, generation=door.generation, order_id=door.order_id)
    told = written(memory, happened, of=used, now_ms=now_ms)
    after = replace(shut, loaded=loading) if same_use else shut
    return Outcome(answered(told, after, now_ms=now_ms), answer=SHUT)


def scanned(memory: Memory, claim: Claim, *, now_ms: int) -> Outcome:
    """A capability of the house was shown: open, or say why not."""
    compartment = memory.compartments.get(claim.compartment_id)
    problem = claim_problem(memory, compartment, claim, now_ms)
    if compartment is None or problem:
        return refused(memory, problem, of=compartment, now_ms=now_ms)
    spent = spending(memory, claim.nonce_hex, until_ms=claim.not_after_ms, now_ms=now_ms)
    return opened(spent, compartment, now_ms=now_ms)


def claim_problem(
    memory: Memory, compartment: Compartment | None, claim: Claim, now_ms: int
) -> str:
    if claim.cabinet_id != memory.cabinet_id or compartment is None:
        return "OTHER_CABINET"
    if claim.nonce_hex in memory.spent:
        return "USED"
    if (claim.generation, claim.order_id) != (compartment.generation, compartment.order_id):
        return "OTHER_USE"
    return use_problem(compartment) or time_problem(claim.not_before_ms, claim.not_after_ms, now_ms)


def use_problem(compartment: Compartment) -> str:
    """Why it opens for no customer now.

    What was loaded opens for a capability though it was not told READY before the line
    was lost: the house signs none for what is not.
    """
    if compartment.opened:
        return "USED"
    if compartment.wanted is Wanted.REVOKED:
        return "REVOKED"
    loaded = compartment.wanted is Wanted.RESERVED and compartment.loaded
    if compartment.wanted is not Wanted.READY and not loaded:
        return "NOT_READY"
    return "DOOR_OPEN" if compartment.door is not None else ""


def time_problem(not_before_ms: int, not_after_ms: int, now_ms: int) -> str:
    if now_ms < not_before_ms:
        return "TOO_EARLY"
    return "TOO_LATE" if now_ms >= not_after_ms else ""


def typed(memory: Memory, matching: Iterable[tuple[str, int]], *, now_ms: int) -> Outcome:
    """Digits were typed that fit these uses (compartment and generation): open, or say why not.

    Looked up anew: while the digits were checked, the house may have called it off.
    """
    found = [
        compartment
        for compartment_id, generation in matching
        if (compartment := memory.compartments[compartment_id]).generation == generation
        and compartment.wanted is Wanted.READY
    ]
    if len(found) != 1:
        # Two of a hundred million codes may be alike; the QR code still tells them apart.
        return refused(memory, "AMBIGUOUS" if found else "WRONG_CODE", now_ms=now_ms)
    (compartment,) = found
    problem = use_problem(compartment) or time_problem(
        compartment.not_before_ms, compartment.not_after_ms, now_ms
    )
    if problem:
        return refused(memory, problem, of=compartment, now_ms=now_ms)
    return opened(memory, compartment, now_ms=now_ms)


def opened(memory: Memory, compartment: Compartment, *, now_ms: int) -> Outcome:
    """For the customer: the only time in this use."""
    after = replace(standing_open(compartment, Purpose.COLLECTING), opened=True)
    told = written(put(memory, after), Happened.OPENED, of=compartment, now_ms=now_ms)
    welcome = replace(told, wrong_count=0, closed_until_ms=0)
    return Outcome(welcome, opens=compartment.compartment_id, answer=OPEN)


def refused(memory: Memory, reason: str, *, of: Compartment | None = None, now_ms: int) -> Outcome:
    """The panel takes no try for a while: 1 s after the first, doubling to a minute."""
    delay_ms = min(DELAY_FIRST_MS << min(memory.wrong_count, 10), DELAY_MAX_MS)
    slowed = replace(memory, wrong_count=memory.wrong_count + 1, closed_until_ms=now_ms + delay_ms)
    told = written(slowed, Happened.REFUSED, of=of, reason=reason, now_ms=now_ms)
    return Outcome(told, answer=reason)


def wait_ms(memory: Memory, now_ms: int) -> int:
    """How long the panel takes no try yet. A clock set back never makes it longer than most."""
    return max(0, min(memory.closed_until_ms - now_ms, DELAY_MAX_MS))


def acknowledged(memory: Memory, sequence: int) -> Memory:
    """Forget the entries that are safe with the house."""
    return replace(memory, journal=tuple(e for e in memory.journal if e.sequence > sequence))


def written(
    memory: Memory,
    happened: Happened,
    *,
    of: Compartment | None = None,
    reason: str = "",
    now_ms: int,
) -> Memory:
    """With one more line in the journal."""
    if happened is Happened.REFUSED and len(memory.journal) >= JOURNAL_REFUSED_MAX:
        return memory
    sequence = memory.last_sequence + 1
    entry = Entry(
        sequence=sequence,
        happened=happened,
        occur_ms=now_ms,
        compartment_id=of.compartment_id if of else "",
        generation=of.generation if of else 0,
        order_id=of.order_id if of else "",
        reason=reason,
    )
    return replace(memory, last_sequence=sequence, journal=(*memory.journal, entry))


def spending(memory: Memory, name: str, *, until_ms: int, now_ms: int) -> Memory:
    """Never to be taken again. What its age refuses anyway is forgotten."""
    live = {n: until for n, until in memory.spent.items() if now_ms < until + CLOCK_BACK_MS}
    return replace(memory, spent={**live, name: until_ms})


def standing_open(compartment: Compartment, purpose: Purpose) -> Compartment:
    door = Door(purpose=purpose, generation=compartment.generation, order_id=compartment.order_id)
    return replace(compartment, door=door)


def put(memory: Memory, compartment: Compartment) -> Memory:
    after = {**memory.compartments, compartment.compartment_id: compartment}
    return replace(memory, compartments=after)
