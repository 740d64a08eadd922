"""Whether we can do our work: whom we cannot do without answers, and we are not closing."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from chassis import deadline

log = logging.getLogger(__name__)


class Readiness:
    """Not ready until a check has passed."""

    def __init__(self) -> None:
        self._well = False
        self._draining = False

    @property
    def ready(self) -> bool:
        return self._well and not self._draining

    @property
    def draining(self) -> bool:
        return self._draining

    def drain(self) -> None:
        """Not ready any more, whatever checks say."""
        self._draining = True

    async def follow(self, check: Callable[[], Awaitable[object]], interval_s: float) -> None:
        """Check until cancelled. Each check ends by the deadline it runs under."""
        while True:
            well = await passes(check, interval_s)
            if well != self._well:
                log.info("ready" if well else "not ready")
            self._well = well
            await asyncio.sleep(interval_s)


async def passes(check: Callable[[], Awaitable[object]], timeout_s: float) -> bool:
    try:
        # Not `asyncio.wait_for`: one that ends as we are cancelled swallows that, and we go on.
        with deadline.until(time.monotonic() + timeout_s):
            await check()
    except Exception as error:
        log.warning("a check fails: %s", type(error).__name__)
        return False
    return True
