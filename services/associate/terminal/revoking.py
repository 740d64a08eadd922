"""Taking a terminal away: nobody signs in on it from now on, then whoever has is signed out.

In this order no session escapes. The second step is done for one that is revoked already
too, so what was cut off between the two is mended by asking again.
"""

from collections.abc import Collection

from chassis.acts import act_of, with_act
from chassis.changes import Changed
from chassis.clock import Clock
from chassis.deadline import left_s
from chassis.records import Records, Ref, State
from chassis.requests import Request
from services.associate.terminal import domain
from services.associate.terminal.domain import Terminal
from services.associate.terminal.store import TERMINALS, WRITE_S_MAX, end_sessions_on


class Revoking:
    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    async def run(
        self,
        terminal_id: str,
        cause: str,
        request: Request,
        *,
        within: Collection[str] | None,
    ) -> Terminal:
        """Raises UnknownTerminalError, also for one elsewhere than `within`; None is everywhere."""
        act = act_of(request, "revoke_terminal", target=terminal_id, now=self._clock(), cause=cause)

        def change(state: State) -> Changed[Terminal]:
            before = state.find(TERMINALS, terminal_id)
            return with_act(domain.revoke(before, terminal_id=terminal_id, within=within), act)

        terminal = await self._records.update(
            [Ref(TERMINALS, terminal_id)],
            change,
            answer=Terminal,
            request=request,
            timeout_s=left_s(WRITE_S_MAX),
        )
        await end_sessions_on(self._records, terminal_id, now=self._clock())
        return terminal
