"""Signing keys in the issuer's own database, still wrapped."""

from dataclasses import dataclass

from chassis.changes import Changed
from chassis.records import Kind, Records, Ref, State

STORE_S_MAX = 5.0


@dataclass(frozen=True, slots=True)
class WrappedKey:
    key_id: str
    wrapped: bytes


WRAPPED_KEYS = Kind(type=WrappedKey, collection="signing_keys", key=lambda key: key.key_id)


class RecordsKeyStore:
    """A KeyStore on the issuer's records, which must know the kind WRAPPED_KEYS."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def load_or_create(self, key_id: str, wrapped: bytes) -> bytes:
        def insert_once(state: State) -> Changed[WrappedKey]:
            if (there := state.find(WRAPPED_KEYS, key_id)) is not None:
                return Changed(answer=there)
            made = WrappedKey(key_id, wrapped)
            return Changed(answer=made, records=(made,))

        # Nearly always it is there, and then nothing need be written.
        kept = await self._records.find(WRAPPED_KEYS, key_id)
        if kept is None:
            refs = [Ref(WRAPPED_KEYS, key_id)]
            kept = await self._records.update(
                refs, insert_once, answer=WrappedKey, timeout_s=STORE_S_MAX
            )
        return kept.wrapped

    async def replace(self, key_id: str, before: bytes, after: bytes) -> None:
        def replace_once(state: State) -> Changed[None]:
            there = state.find(WRAPPED_KEYS, key_id)
            is_old = there is not None and there.wrapped == before
            return Changed(answer=None, records=(WrappedKey(key_id, after),) if is_old else ())

        refs = [Ref(WRAPPED_KEYS, key_id)]
        await self._records.update(refs, replace_once, answer=type(None), timeout_s=STORE_S_MAX)
