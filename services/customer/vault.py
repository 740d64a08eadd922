"""Each customer's own key. Personal fields are sealed and opened here and nowhere else.

The keys lie in a database of their own, wrapped by a key file. Destroying one makes all
that was sealed with it unreadable for ever: records, kept answers and backups alike.
"""

import hashlib
import hmac
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from chassis.changes import Changed
from chassis.keys import KEY_BYTES, NONCE_BYTES, Wrapping
from chassis.records import Kind, Records, Ref, State, Where
from chassis.requests import Request
from services.customer.limits import write_s

# A replica that knows a destroyed key goes on opening fields for so long at most.
KEPT_S_MAX = 60.0
KEPT_MAX = 10_000
# Of one write. Who signs up or reads meanwhile is not kept waiting by it.
REWRAPPED_MAX = 200
REWRAP_S_MAX = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerKey:
    """A key as it is kept. An empty one was destroyed: it stays, so that none is made again."""

    customer_id: str
    wrapped: bytes


CUSTOMER_KEYS = Kind(type=CustomerKey, collection="customer_keys", key=lambda key: key.customer_id)


class PersonalKey:
    """Seals and opens one customer's fields: AES-256-GCM with a fresh nonce each time."""

    def __init__(self, customer_id: str, secret: bytes) -> None:
        self._customer_id = customer_id
        self._cipher = AESGCM(secret)
        self._fingerprint_key = hmac.digest(secret, b"fingerprint", hashlib.sha256)

    def seal(self, field: str, text: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), self._place(field))

    def open(self, field: str, sealed: bytes) -> str:
        """Raises InvalidTag for what was not sealed for this customer and field."""
        nonce, content = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        return self._cipher.decrypt(nonce, content, self._place(field)).decode()

    def private(self, request: Request) -> Request:
        """The request with a body hash that tells nothing without this key.

        The hash is kept with the answer; of a name or a password, a plain one is soon guessed.
        """
        body_hash = hmac.digest(self._fingerprint_key, request.body_hash, hashlib.sha256)
        return replace(request, body_hash=body_hash)

    def _place(self, field: str) -> bytes:
        # Authenticated too, or whoever writes to the database could swap people's fields.
        return f"{self._customer_id} {field}".encode()


class Vault:
    """The customers' keys, each kept in memory for KEPT_S_MAX at most."""

    def __init__(
        self,
        keys: Records,
        wrapping: Wrapping,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keys = keys
        self._wrapping = wrapping
        self._monotonic_s = monotonic_s
        # Oldest first. Of each key, when its record was read.
        self._kept: OrderedDict[str, tuple[PersonalKey, float]] = OrderedDict()

    async def find(self, customer_id: str) -> PersonalKey | None:
        """None for a customer who has no key, or none any more."""
        key, read_s = self._kept.get(customer_id, (None, 0.0))
        if key is not None and self._monotonic_s() - read_s < KEPT_S_MAX:
            return key
        read_s = self._monotonic_s()
        found = await self._keys.find(CUSTOMER_KEYS, customer_id)
        return self._opened(found, read_s)

    async def has(self, customer_id: str) -> bool:
        """Whether the customer ever had a key: one that was destroyed counts too."""
        return await self._keys.find(CUSTOMER_KEYS, customer_id) is not None

    async def undestroyed(self, customer_ids: Iterable[str]) -> set[str]:
        """Those who have a key, or could be given one. At most SELECT_MAX."""
        wanted = set(customer_ids)
        found = await self._keys.find_many(CUSTOMER_KEYS, wanted)
        return wanted - {key.customer_id for key in found.values() if not key.wrapped}

    async def make(self, customer_id: str) -> PersonalKey | None:
        """The customer's key, a new one if there was none yet. None if it was destroyed."""
        return (await self.make_all([customer_id]))[customer_id]

    async def make_all(self, customer_ids: Iterable[str]) -> dict[str, PersonalKey | None]:
        """As `make`, for at most SELECT_MAX customers in one write."""
        read_s, wanted = self._monotonic_s(), list(dict.fromkeys(customer_ids))
        there = await self._keys.find_many(CUSTOMER_KEYS, wanted)
        if missing := [customer_id for customer_id in wanted if customer_id not in there]:
            made = await self._put([self._new(customer_id) for customer_id in missing])
            there |= {key.customer_id: key for key in made}
        return {customer_id: self._opened(there[customer_id], read_s) for customer_id in wanted}

    async def rewrap(self) -> int:
        """Wrap every key anew that an older key of the file has wrapped; answers how many.

        Several replicas at once do each once.
        """
        behind, count = "", 0
        while self._wrapping.has_older:
            after = (None, behind) if behind else None
            keys = await self._keys.select(CUSTOMER_KEYS, Where(after=after, limit=REWRAPPED_MAX))
            if not keys:
                log.info("every customer's key is wrapped by the first vault key; %d anew", count)
                break
            behind = keys[-1].customer_id
            count += await self._rewrap([key for key in keys if self._rewrapped(key) is not None])
        return count

    async def destroy(self, customer_id: str) -> None:
        """For ever. Other replicas follow within KEPT_S_MAX. Idempotent."""
        gone = CustomerKey(customer_id=customer_id, wrapped=b"")
        await self._keys.update(
            [Ref(CUSTOMER_KEYS, customer_id)],
            lambda _: Changed(answer=True, records=(gone,)),
            answer=bool,
            timeout_s=write_s(),
        )
        self._kept.pop(customer_id, None)

    async def _rewrap(self, old: Sequence[CustomerKey]) -> int:
        def change(state: State) -> Changed[int]:
            # As they are now: one may have been destroyed, or another replica been first.
            anew = tuple(filter(None, map(self._rewrapped, state.all(CUSTOMER_KEYS))))
            return Changed(answer=len(anew), records=anew)

        if not old:
            return 0
        refs = [Ref(CUSTOMER_KEYS, key.customer_id) for key in old]
        return await self._keys.update(refs, change, answer=int, timeout_s=REWRAP_S_MAX)

    def _rewrapped(self, key: CustomerKey) -> CustomerKey | None:
        """None where it was destroyed, or needs nothing."""
        renewed = self._wrapping.renewed(key.customer_id, key.wrapped) if key.wrapped else None
        return None if renewed is None else replace(key, wrapped=renewed)

    def _new(self, customer_id: str) -> CustomerKey:
        secret = AESGCM.generate_key(KEY_BYTES * 8)
        wrapped = self._wrapping.wrap(customer_id, secret)
        return CustomerKey(customer_id=customer_id, wrapped=wrapped)

    async def _put(self, new: Sequence[CustomerKey]) -> list[CustomerKey]:
        """Those that are there in the end: another replica may have made some first."""

        def insert_once(state: State) -> Changed[list[CustomerKey]]:
            there = {key.customer_id: key for key in state.all(CUSTOMER_KEYS)}
            inserted = tuple(key for key in new if key.customer_id not in there)
            answer = [there.get(key.customer_id, key) for key in new]
            return Changed(answer=answer, records=inserted)

        refs = [Ref(CUSTOMER_KEYS, key.customer_id) for key in new]
        return await self._keys.update(
            refs, insert_once, answer=list[CustomerKey], timeout_s=write_s()
        )

    def _opened(self, found: CustomerKey | None, read_s: float) -> PersonalKey | None:
        """What was found at `read_s`, ready for use and kept from then on."""
        if found is None or not found.wrapped:
            return None
        customer_id = found.customer_id
        key = PersonalKey(customer_id, self._wrapping.unwrap(customer_id, found.wrapped))
        self._kept.pop(customer_id, None)
        if len(self._kept) >= KEPT_MAX:
            self._kept.popitem(last=False)
        self._kept[customer_id] = key, read_s
        return key
