"""How machine clients are kept. Guesses at their secrets lie with those at PINs."""

from chassis.records import Kind
from services.associate.client.domain import Client

CLIENTS = Kind(type=Client, collection="clients", key=lambda client: client.client_id)
