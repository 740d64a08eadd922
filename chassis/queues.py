"""Queues the writers of one record within this process, so that they do not fight for it.

The engine lets one of two writers in and sends the other away to begin anew; of sixty-four
on two rows most come back again and again. In a queue each begins when it can win. Only
speed is won here: what other replicas write still conflicts in the engine.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable, Iterable
from contextlib import asynccontextmanager


class Turn:
    """A place in the queues of some keys: when it is over, it tells `leave`, then who follows."""

    def __init__(self, before: Iterable["Turn"], leave: Callable[["Turn"], None]) -> None:
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._before = {turn.over for turn in before}
        self._leave = leave

    async def come(self) -> None:
        """When all that stand before it are over."""
        if self._before:
            await asyncio.wait(self._before)

    def end(self) -> None:
        """At once where it has come. Who gives up earlier leaves those behind it waiting."""
        pending = {each for each in self._before if not each.done()}
        if not pending:
            self._end()

        def left(ended: "asyncio.Future[None]") -> None:
            pending.discard(ended)
            if not pending:
                self._end()

        for each in tuple(pending):
            each.add_done_callback(left)

    def _end(self) -> None:
        self._leave(self)
        self.over.set_result(None)


class Queues:
    """A queue for each key, there as long as somebody stands in it."""

    def __init__(self) -> None:
        self._last: dict[Hashable, Turn] = {}

    @property
    def waiting_count(self) -> int:
        """Keys that somebody holds or waits for."""
        return len(self._last)

    @asynccontextmanager
    async def turn(self, keys: Iterable[Hashable]) -> AsyncIterator[None]:
        """Inside, nobody else of this process holds any of `keys`; first come, first served.

        All places are taken at once, without a pause: so two never wait for each other, and
        a thousand keys cost no thousand locks.
        """
        wanted = set(keys)

        def leave(turn: Turn) -> None:
            for key in wanted:
                if self._last[key] is turn:
                    del self._last[key]

        turn = Turn({self._last[key] for key in wanted if key in self._last}, leave)
        self._last.update(dict.fromkeys(wanted, turn))
        try:
            await turn.come()
            yield
        finally:
            turn.end()
