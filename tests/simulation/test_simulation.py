"""A million steps of inventory's rules and stores under every disorder, held to a second account.

A step is what happens between two awaits: a message is sent, lost, or arrives (again, late,
behind its undo), a replica goes on, dies or has its clock set, time passes.

`COMPTOIR_SIMULATION_SEED=7 COMPTOIR_SIMULATION_STEPS=10000000` tries others, and more.
"""

import os

from tests.simulation.operations import Verb
from tests.simulation.searching import search
from tests.simulation.world import Happening

FIRST_SEED = int(os.environ.get("COMPTOIR_SIMULATION_SEED", "1"))
STEPS_COUNT = int(os.environ.get("COMPTOIR_SIMULATION_STEPS", "1000000"))
# Each was met in the run, or it has shown nothing of it.
REFUSALS = {
    (Verb.RESERVE, "INSUFFICIENT_STOCK"),
    (Verb.RESERVE, "BUYER_LIMIT_REACHED"),
    (Verb.SUPERSEDE, "BUYER_LIMIT_REACHED"),
    (Verb.RESERVE, "REQUEST_CANCELLED"),
    (Verb.SUPERSEDE, "INSUFFICIENT_STOCK"),
    (Verb.SUPERSEDE, "REQUEST_CANCELLED"),
    (Verb.CLOSE, "CLOSED_MEANWHILE"),
    (Verb.COMMIT, "INVALID_LINES"),
    *((verb, "HOLD_LAPSED") for verb in (Verb.SUPERSEDE, Verb.RENEW, Verb.RELEASE, Verb.COMMIT)),
    *(
        (verb, "RESERVATION_ENDED")
        for verb in (Verb.SUPERSEDE, Verb.RENEW, Verb.RELEASE, Verb.COMMIT, Verb.CANCEL)
    ),
}


def test_a_million_steps_break_nothing() -> None:
    searched = search(first_seed=FIRST_SEED, steps_count=STEPS_COUNT)

    assert searched.broken is None, searched.text()
    met = {what for what, count in searched.met.items() if count >= STEPS_COUNT / 20_000}
    assert {(verb, "") for verb in Verb} | REFUSALS <= met
    assert set(searched.happened) == set(Happening)
