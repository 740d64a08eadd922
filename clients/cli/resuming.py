"""Long streams of an operator's: taken up by their cursor, through whatever ends them early."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from clients.cli.operating import Desk
from clients.house import CannotRunError
from comptoir_client.channels import STREAM_S_MAX

# How a stream ends that is taken up again: its replica goes, or its token has had its time.
PASSING = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAUTHENTICATED})


async def resumed(desk: Desk, method: Any, request: Any, *, until: str) -> AsyncIterator[Any]:
    """All answers there are, until one is `complete`.

    Raises CannotRunError for a stream that ends before it came any further: nothing may be said
    of the rest.
    """
    came = True
    while came:
        came = False
        metadata = await desk.signed_in.metadata()
        call = method(request, metadata=metadata, timeout=STREAM_S_MAX)
        try:
            async for answer in call:
                yield answer
                if answer.complete:
                    return
                if answer.cursor:
                    request.cursor, came = answer.cursor, True
        except grpc.aio.AioRpcError as error:
            if not (came and error.code() in PASSING):
                raise
        finally:
            call.cancel()
    raise CannotRunError(f"it ended before {until}: try again")


class Told:
    """How far it has come, told to people while it goes on."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self.progress.add_task("")

    def say(self, words: str) -> None:
        self.progress.update(self._task, description=words)
