"""Calls Comptoir from another team's program, over the contracts in the package `comptoir`.

Channels that are balanced, bounded and retried; a token that renews itself; ids that make
writes safe to repeat; errors with their reason; streams that go on where they were. What
holds for every method stands in docs/api.md. For asyncio; the contracts' stubs also work on
a plain channel of gRPC.
"""

from comptoir_client.calling import call
from comptoir_client.channels import open_channel
from comptoir_client.errors import CallError, SignInError, Violation, call_error_from
from comptoir_client.events import CursorFile, events_from
from comptoir_client.partitions import near, partition_of
from comptoir_client.request_ids import new_request_id, request_id_of
from comptoir_client.sessions import Credentials, Session
from comptoir_client.stock import StockCopy, available_quantity, stock_changes
from comptoir_client.streams import follow

__all__ = [
    "CallError",
    "Credentials",
    "CursorFile",
    "Session",
    "SignInError",
    "StockCopy",
    "Violation",
    "available_quantity",
    "call",
    "call_error_from",
    "events_from",
    "follow",
    "near",
    "new_request_id",
    "open_channel",
    "partition_of",
    "request_id_of",
    "stock_changes",
]
