"""Whose answer it is that comes over a stream, where two may be asked for under one id."""

from typing import Any, cast

import pytest
from comptoir.inventory.v1 import reservation_service_pb2 as pb

from tests.chaos.journal import Outcome
from tests.history import callers
from tests.history.callers import Line
from tests.simulation.operations import Operation, Verb

UNDO = Operation(verb=Verb.CANCEL, request_id="0190163d-8694-739b-aea5-966c26f8ad91", owner="shop")


async def test_an_id_is_taken_until_the_late_answer_to_it_has_come(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(callers, "CALL_S_MAX", 0.01)
    line = Line(cast(Any, None), "shop")
    assert line.is_free(UNDO)
    assert (await line.ask(UNDO)).outcome is Outcome.UNKNOWN
    assert not line.is_free(UNDO)

    line._take(pb.ReserveStreamResponse(request_id=UNDO.request_id))
    assert line.is_free(UNDO)
