"""What handlers work with, opened once for the process."""

from dataclasses import dataclass

from chassis.auth import Verifier
from chassis.clock import Clock
from services.gateway.mobile.product_pages import ProductPages
from services.gateway.peers import Peers
from services.gateway.streams import Streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What is open while the gateway serves.

    Attributes:
        pages: Products as their pages show them.
        secure_cookies: Even where we are spoken to without TLS, since that ended before us.
    """

    peers: Peers
    pages: ProductPages
    streams: Streams
    verifier: Verifier
    clock: Clock
    secure_cookies: bool
