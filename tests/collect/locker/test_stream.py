"""What goes up and down a cabinet's stream, through a real server."""

from dataclasses import replace
from datetime import timedelta
from hashlib import scrypt
from typing import Any

import grpc
import pytest
from comptoir.collect.v1 import locker_service_pb2 as pb

from services.collect.locker.cabinet import UseState
from services.collect.locker.capability import Secrets
from services.collect.locker.domain import called_off
from services.collect.locker.journal import ReceiptKey
from services.collect.locker.store import RECEIPTS
from tests.collect.locker.cabinets import (
    CODE_KEY,
    OTHER_KEY,
    PUBLIC_KEY,
    found,
    hello,
    put,
    signed,
)
from tests.collect.locker.house import (
    LOCKER,
    House,
    attached,
)
from tests.collect.locker.orders import ONE, asked, loaded, reserved
from tests.serving import reason_of


async def test_a_hello_is_answered_with_keys_all_assignments_and_the_journals_end(
    house: House,
) -> None:
    stream = await attached(house)

    names = [response.WhichOneof("message") for response in stream.greeting]
    assert names == ["keys", "assignment"]
    assert len(stream.greeting[0].keys.keys) == 3
    assert stream.greeting[1].assignment.compartment_id == "A1"
    assert stream.sequence == 0


@pytest.mark.parametrize("first", [pb.AttachRequest(), signed(1), hello(-1)])
async def test_a_stream_begins_with_a_hello(house: House, first: pb.AttachRequest) -> None:
    call: Any = house.stub.Attach(metadata=LOCKER)
    await call.write(first)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    assert reason_of(caught.value) == "INVALID_ENTRY"


async def test_an_entry_is_acknowledged_when_it_is_safe(house: House) -> None:
    stream = await attached(house)
    await stream.send(signed(1))

    assert (await stream.told("acknowledgement")).sequence == 1
    assert (await found(house.records)).journal_sequence == 1


async def test_the_receipt_is_kept_as_the_cabinet_signed_it(house: House) -> None:
    stream = await attached(house)
    await stream.send(message := signed(1, pb.JOURNAL_KIND_FAULT, reason="DOOR_LEFT_OPEN"))
    await stream.told("acknowledgement")

    receipt = await house.records.find(RECEIPTS, ReceiptKey("c-paris", PUBLIC_KEY.hex(), 1))
    assert receipt is not None
    assert (receipt.entry, receipt.signature) == (message.entry.entry, message.entry.signature)


async def test_an_entry_that_came_before_is_acknowledged_again(house: House) -> None:
    stream = await attached(house)
    await stream.send(signed(1))
    await stream.told("acknowledgement")
    before = await found(house.records)
    await stream.send(signed(1))

    assert (await stream.told("acknowledgement")).sequence == 1
    assert await found(house.records) == before


async def test_an_entry_of_a_kind_of_tomorrow_is_acknowledged(house: House) -> None:
    stream = await attached(house)
    await stream.send(signed(1, 99))  # type: ignore[arg-type]

    assert (await stream.told("acknowledgement")).sequence == 1


async def test_an_entry_beyond_the_next_ends_the_stream(house: House) -> None:
    stream = await attached(house)
    await stream.send(signed(2))

    assert reason_of(await stream.ended()) == "JOURNAL_GAP"


async def test_a_journal_that_ends_before_what_it_told_is_refused(house: House) -> None:
    await put(house.records, replace(await found(house.records), journal_sequence=3))

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await attached(house, last_sequence=2)
    assert reason_of(caught.value) == "JOURNAL_GAP"


@pytest.mark.parametrize(
    "message",
    [
        signed(1, key=OTHER_KEY),
        signed(0),
        signed(1, pb.JOURNAL_KIND_UNSPECIFIED),
        signed(1, order_id="o" * 65),
        signed(1, reason="it is broken"),
        signed(1, reason="A" * 2000),
        hello(),
        pb.AttachRequest(),
        pb.AttachRequest(entry=pb.SignedEntry(entry=b"\xff")),
    ],
    ids=[
        "another key",
        "no number",
        "no kind",
        "long id",
        "prose",
        "too long",
        "a second hello",
        "nothing",
        "not signed",
    ],
)
async def test_what_is_no_entry_of_this_cabinet_ends_the_stream(
    house: House, message: pb.AttachRequest
) -> None:
    stream = await attached(house)
    await stream.send(message)

    assert reason_of(await stream.ended()) == "INVALID_ENTRY"
    assert (await found(house.records)).journal_sequence == 0


async def test_what_is_wanted_is_told_when_it_changes(house: House) -> None:
    stream = await attached(house)
    await reserved(house)

    told = await stream.told("assignment")
    assert (told.state, told.order_id) == (pb.ASSIGNMENT_STATE_RESERVED, "o1")
    assert (told.generation, told.revision) == (1, 1)


async def test_what_is_loaded_gets_what_its_code_is_checked_against(house: House) -> None:
    stream = await attached(house)
    await reserved(house)
    told = await loaded(house, stream)

    use = (await found(house.records)).uses[0]
    digits = Secrets(CODE_KEY).digits("c-paris", use).encode()
    derived = scrypt(digits, salt=told.code_salt, n=16384, r=8, p=1, dklen=32, maxmem=1 << 26)
    assert told.code_verifier == derived
    assert use.not_after is not None
    assert told.not_after_time.ToMilliseconds() == use.not_after.timestamp() * 1000


async def test_what_is_called_off_is_told(house: House) -> None:
    stream = await attached(house)
    await reserved(house)
    await loaded(house, stream)
    await put(house.records, called_off(await found(house.records), "o1"))

    assert (await stream.told("assignment")).state == pb.ASSIGNMENT_STATE_REVOKED


async def test_what_lies_inside_stays_called_off_until_it_is_taken_out(house: House) -> None:
    stream = await attached(house)
    await reserved(house)
    await loaded(house, stream)
    await put(house.records, called_off(await found(house.records), "o1"))
    await stream.told("assignment")
    await stream.send(signed(2, pb.JOURNAL_KIND_REVOKED, **ONE))

    assert (await stream.told("assignment")).state == pb.ASSIGNMENT_STATE_REVOKED
    assert (await found(house.records)).uses[0].state is UseState.TO_EMPTY


async def test_a_door_is_asked_to_open_through_whichever_replica_has_the_stream(
    house: House, replica: House
) -> None:
    stream = await attached(replica)
    await reserved(house)
    await asked(house)

    door = await stream.told("open_door")
    assert (door.command_id, door.compartment_id, door.generation) == ("d1", "A1", 1)
    assert door.purpose == pb.DOOR_PURPOSE_LOADING


async def test_a_door_that_was_asked_while_the_line_was_cut_is_told_with_the_next_stream(
    house: House,
) -> None:
    await reserved(house)
    await asked(house)
    stream = await attached(house)

    assert [r.WhichOneof("message") for r in stream.greeting][-1] == "open_door"


async def test_a_command_that_is_too_old_is_not_told(house: House) -> None:
    await reserved(house)
    await asked(house, life=timedelta(minutes=2))
    stream = await attached(house)

    assert "open_door" not in [r.WhichOneof("message") for r in stream.greeting]
