"""The cabinet's side of the protocol: its messages from and to what it remembers."""

import os

from comptoir.collect.v1 import locker_service_pb2 as pb
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.locker.memory import Compartment, Entry, Happened, Memory, Purpose, Wanted
from clients.locker.rules import Command

FIRMWARE = "Comptoir locker simulator 1"
NONCE_BYTES = 16

# A state or purpose of a later protocol: shut is always safe.
WANTED_FROM_PB = {
    pb.ASSIGNMENT_STATE_RESERVED: Wanted.RESERVED,
    pb.ASSIGNMENT_STATE_READY: Wanted.READY,
    pb.ASSIGNMENT_STATE_REVOKED: Wanted.REVOKED,
    pb.ASSIGNMENT_STATE_EMPTY: Wanted.EMPTY,
}
PURPOSE_FROM_PB = {
    pb.DOOR_PURPOSE_LOADING: Purpose.LOADING,
    pb.DOOR_PURPOSE_TAKING_BACK: Purpose.TAKING_BACK,
}
KIND_TO_PB = {
    Happened.LOADED: pb.JOURNAL_KIND_LOADED,
    Happened.OPENED: pb.JOURNAL_KIND_OPENED,
    Happened.REFUSED: pb.JOURNAL_KIND_REFUSED,
    Happened.REVOKED: pb.JOURNAL_KIND_REVOKED,
    Happened.TAKEN_BACK: pb.JOURNAL_KIND_TAKEN_BACK,
    Happened.FAULT: pb.JOURNAL_KIND_FAULT,
}


def compartment_from_pb(assignment: pb.Assignment) -> Compartment:
    return Compartment(
        compartment_id=assignment.compartment_id,
        generation=assignment.generation,
        revision=assignment.revision,
        wanted=WANTED_FROM_PB.get(assignment.state, Wanted.REVOKED),
        order_id=assignment.order_id,
        salt_hex=assignment.code_salt.hex(),
        verifier_hex=assignment.code_verifier.hex(),
        not_before_ms=assignment.not_before_time.ToMilliseconds(),
        not_after_ms=assignment.not_after_time.ToMilliseconds(),
    )


def command_from_pb(door: pb.OpenDoor) -> Command | None:
    """None for a purpose that this cabinet does not know."""
    if door.purpose not in PURPOSE_FROM_PB:
        return None
    return Command(
        command_id=door.command_id,
        compartment_id=door.compartment_id,
        generation=door.generation,
        purpose=PURPOSE_FROM_PB[door.purpose],
        expire_ms=door.expire_time.ToMilliseconds(),
    )


def keys_from_pb(keys: pb.SigningKeys) -> dict[str, str]:
    return {key.key_id: key.public_key.hex() for key in keys.keys}


def private_key(memory: Memory) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(memory.private_key_hex))


def enrolment(memory: Memory, *, code: str, request_id: str) -> pb.EnrolCabinetRequest:
    return pb.EnrolCabinetRequest(
        request_id=request_id,
        cabinet_id=memory.cabinet_id,
        code=code,
        public_key=private_key(memory).public_key().public_bytes_raw(),
    )


def statement(memory: Memory, now_ms: int) -> pb.IssueCabinetTokenRequest:
    """Signed, for a token. Good once, for five minutes."""
    sign_s, nonce = now_ms // 1000, os.urandom(NONCE_BYTES)
    text = f"comptoir-cabinet {memory.cabinet_id} {sign_s} {nonce.hex()}"
    request = pb.IssueCabinetTokenRequest(
        cabinet_id=memory.cabinet_id,
        nonce=nonce,
        signature=private_key(memory).sign(text.encode()),
    )
    request.sign_time.FromSeconds(sign_s)
    return request


def hello(memory: Memory, now_ms: int) -> pb.AttachRequest:
    message = pb.Hello(last_sequence=memory.last_sequence, firmware=FIRMWARE)
    message.clock_time.FromMilliseconds(now_ms)
    return pb.AttachRequest(hello=message)


def heartbeat(now_ms: int) -> pb.AttachRequest:
    message = pb.Heartbeat()
    message.clock_time.FromMilliseconds(now_ms)
    return pb.AttachRequest(heartbeat=message)


def signed_entry(memory: Memory, entry: Entry) -> pb.AttachRequest:
    message = pb.JournalEntry(
        sequence=entry.sequence,
        kind=KIND_TO_PB[entry.happened],
        compartment_id=entry.compartment_id,
        generation=entry.generation,
        order_id=entry.order_id,
        reason=entry.reason,
    )
    message.occur_time.FromMilliseconds(entry.occur_ms)
    content = message.SerializeToString()
    signature = private_key(memory).sign(content)
    return pb.AttachRequest(entry=pb.SignedEntry(entry=content, signature=signature))
