"""How machine clients are kept. Guesses at their secrets lie with those at PINs."""

from chassis.records import Kind, Records, Where
from services.associate.client.domain import Client

CLIENTS = Kind(type=Client, collection="clients", key=lambda client: client.client_id)


async def clients_after(records: Records, after_id: str, *, limit: int) -> list[Client]:
    """By id."""
    after = (None, after_id) if after_id else None
    return await records.select(CLIENTS, Where(after=after, limit=limit))
