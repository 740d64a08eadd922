"""Which code opens an order now: the counter's, or its compartment's."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from chassis.keys import Keyring
from chassis.records import Records
from services.collect.locker import capability
from services.collect.locker.cabinet import UseState
from services.collect.locker.capability import Secrets
from services.collect.locker.domain import use_of
from services.collect.locker.store import CABINETS
from services.collect.order import codes
from services.collect.order.domain import OrderNotReadyError
from services.collect.order.values import Order, State


@dataclass(frozen=True, slots=True)
class Code:
    """8 digits, what the QR code holds, and when to ask again."""

    digits: str
    qr_text: str
    valid_until: datetime


class Codebook:
    """`key` is for the counter's digits alone, `secrets` for the lockers'."""

    def __init__(self, records: Records, *, key: bytes, keyring: Keyring, secrets: Secrets) -> None:
        self._records = records
        self._key = key
        self._keyring = keyring
        self._secrets = secrets

    async def code_for(self, order: Order, *, now: datetime) -> Code:
        """Raises OrderNotReadyError."""
        if order.state is not State.READY:
            raise not_ready(order)
        if order.in_locker:
            return await self._locker_code(order, now)
        window = codes.window_of(now)
        sign: Callable[[bytes], bytes] = self._keyring.signing().private.sign
        return Code(
            digits=codes.digits(self._key, order.order_id, window),
            qr_text=codes.qr_text(sign, order.order_id, window),
            valid_until=codes.valid_until(now),
        )

    def opens(self, order: Order, code: str, *, now: datetime) -> bool:
        """Whether the counter may hand `order` over to who shows `code`."""
        return codes.opens(
            code,
            order_id=order.order_id,
            now=now,
            key=self._key,
            verify=partial(is_ours, self._keyring),
        )

    async def _locker_code(self, order: Order, now: datetime) -> Code:
        cabinet = await self._records.find(CABINETS, order.cabinet_id)
        use = None if cabinet is None else use_of(cabinet, order.order_id)
        if use is None or use.state is not UseState.READY:
            raise not_ready(order)
        text, valid_until = capability.qr_text(
            self._secrets, self._keyring.signing, cabinet_id=order.cabinet_id, use=use, now=now
        )
        return Code(
            digits=self._secrets.digits(order.cabinet_id, use),
            qr_text=text,
            valid_until=valid_until,
        )


def is_ours(keyring: Keyring, message: bytes, signature: bytes) -> bool:
    return any(
        capability.is_signed(key.public_bytes, message, signature) for key in keyring.published()
    )


def not_ready(order: Order) -> OrderNotReadyError:
    return OrderNotReadyError(f"the order is {order.state.value}", state=order.state.value)
