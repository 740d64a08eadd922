"""What every command of an operator shares: its options, the line to a service, what it shows."""

import asyncio
import inspect
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import grpc
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clients.cli.commands import Authority, Panel, SecretFile, command_of, told
from clients.house import (
    CALL_S_MAX,
    Access,
    CannotRunError,
    GivenToken,
    Session,
    access_from,
    printable,
    words_of,
)

SOMETHING_LEFT = 1
PAGE_SIZE, PAGES_MAX = 200, 100
PIPE_WIDTH = 1000

Client: TypeAlias = Annotated[str, typer.Option(help="Id of a machine client to sign in as.")]
SignInAddress: TypeAlias = Annotated[
    str, typer.Option(help="HOST:PORT of associate, where clients sign in.")
]
ServiceAddress: TypeAlias = Annotated[
    str, typer.Option(help="HOST:PORT of the service that is asked.")
]
TokenFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(help="Access token of an operator who signed in, instead of a client's secret."),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="A JSON object a line.")]
AtLocation: TypeAlias = Annotated[str, typer.Option("--location", help="Only those of this shop.")]
Cause: TypeAlias = Annotated[str, typer.Option(help="Why, kept for ever: no person's name.")]
Row: TypeAlias = Mapping[str, Any]


class Service(StrEnum):
    catalog = "catalog"
    inventory = "inventory"
    customer = "customer"
    collect = "collect"
    associate = "associate"


@dataclass(frozen=True, slots=True)
class Desk:
    """A channel to one service, and what every call on it carries."""

    channel: grpc.aio.Channel
    signed_in: Session | GivenToken

    async def call(self, method: Any, request: Any) -> Any:
        metadata = await self.signed_in.metadata()
        return await method(request, metadata=metadata, timeout=CALL_S_MAX)

    async def pages(
        self, method: Any, request: Any, field: str, *, enough: int | None = None
    ) -> list[Any]:
        """All of a list, or its first `enough`. Raises CannotRunError where it has no end."""
        found: list[Any] = []
        for _ in range(PAGES_MAX):
            page = await self.call(method, request)
            found += getattr(page, field)
            if not page.next_page_token or (enough is not None and len(found) >= enough):
                return found[:enough]
            request.page_token = page.next_page_token
        raise CannotRunError(f"more than {len(found)}: something larger is wrong, see the logs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command shows: rows that all have the same names, and a sentence.

    Attributes:
        is_open: Whether there is something left that somebody must look at.
    """

    rows: Sequence[Row]
    words: str
    is_open: bool = False


Work: TypeAlias = Callable[..., Coroutine[Any, Any, Outcome]]


def operating(
    service: Service | None = None, *, who: str = "operator"
) -> Callable[[Work], Callable[..., None]]:
    """Makes a command of work at a desk of `service`, or of the one that `--service` names.

    `who` is the client it is done as where none is named. The command has the work's own
    parameters, and the options that all have.
    """

    def made_of(work: Work) -> Callable[..., None]:
        def command(
            client: Client = who,
            secret_file: SecretFile = None,
            token_file: TokenFile = None,
            panel: Panel = None,
            associate: SignInAddress = "",
            address: ServiceAddress = "",
            ca: Authority = None,
            json: Json = False,
            **own: Any,
        ) -> None:
            asked = service or own["service"]
            default = associate if asked is Service.associate else ""
            with told(if_interrupted="list again what is left"):
                access = access_from(
                    client_id=client,
                    panel=panel,
                    secret_file=secret_file,
                    addresses={"associate": associate, asked.value: address or default},
                    ca_file=ca,
                    has_token=token_file is not None,
                )
                show(asyncio.run(done(access, token_file, asked, work, own)), as_json=json)

        own = [p for p in inspect.signature(work).parameters.values() if p.name != "desk"]
        return command_of(work, own, command)

    return made_of


async def done(
    access: Access, token_file: Path | None, service: Service, work: Work, own: Mapping[str, Any]
) -> Outcome:
    async with desk_at(access, token_file, service) as desk:
        return await work(desk, **own)


@asynccontextmanager
async def desk_at(access: Access, token_file: Path | None, service: Service) -> AsyncIterator[Desk]:
    """Raises CannotRunError for whatever a service refuses."""
    async with access.channel(service.value) as channel:
        try:
            if token_file is not None:
                yield Desk(channel, GivenToken(token_file))
                return
            async with access.channel("associate") as associate:
                yield Desk(channel, Session(access, associate))
        except grpc.aio.AioRpcError as error:
            raise CannotRunError(words_of(error)) from error


def show(outcome: Outcome, *, as_json: bool) -> None:
    """Rows to stdout, the sentence to stderr. Raises typer.Exit where something is left."""
    if as_json:
        for row in outcome.rows:
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    elif outcome.rows:
        # A file or a pipe has no width: rows stay whole there, to be searched and cut.
        Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table_of(outcome.rows))
    if not as_json:
        Console(stderr=True).print(outcome.words, markup=False, highlight=False, soft_wrap=True)
    if outcome.is_open:
        raise typer.Exit(SOMETHING_LEFT)


def table_of(rows: Sequence[Row]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in rows[0]:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(text_of(value))) for value in row.values()))
    return table


def text_of(value: Any) -> str:
    """Of a cell: texts as they are, lists by commas, maps as `name value`."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(text_of(each) for each in value)
    return "" if value is None else str(value)


def time_of(message: Any, field: str) -> str | None:
    """In UTC, to the second; None where it is not set."""
    if not message.HasField(field):
        return None
    return f"{getattr(message, field).ToDatetime().isoformat(timespec='seconds')}Z"
