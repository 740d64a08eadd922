"""What tests do at a bench: show codes, type digits, ask for doors, tell what is wanted."""

from dataclasses import replace
from functools import partial

from clients.locker.memory import (
    Compartment,
    Purpose,
    Wanted,
)
from clients.locker.rules import Claim, Command, assigned, commanded, scanned, typed
from tests.clients.locker.doors import HOUR_MS, NOON_MS, Bench, wanted

CLAIM = Claim(
    cabinet_id="c-paris",
    compartment_id="A1",
    order_id="o1",
    generation=1,
    not_before_ms=NOON_MS,
    not_after_ms=NOON_MS + HOUR_MS,
    nonce_hex="ab" * 16,
)
LOAD = Command(
    command_id="d1",
    compartment_id="A1",
    generation=1,
    purpose=Purpose.LOADING,
    expire_ms=NOON_MS + 60_000,
)
FITS = [("A1", 1)]


def scan(bench: Bench, **claimed: object) -> str:
    claim = replace(CLAIM, **claimed)  # type: ignore[arg-type]
    return bench.cabinet.decide(partial(scanned, claim=claim))


def type_in(bench: Bench, fits: list[tuple[str, int]] = FITS) -> str:
    return bench.cabinet.decide(partial(typed, matching=fits))


def command(bench: Bench, **asked: object) -> str:
    changed = replace(LOAD, **asked)  # type: ignore[arg-type]
    return bench.cabinet.decide(partial(commanded, command=changed))


def tell(bench: Bench, compartment: Compartment) -> None:
    bench.cabinet.decide(partial(assigned, told=compartment))


def reserved() -> Compartment:
    return wanted(Wanted.RESERVED)


def revoked(**fields: int) -> Compartment:
    return wanted(Wanted.REVOKED, **{"revision": 9} | fields)
