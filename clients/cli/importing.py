"""What every import shares: its options, the file, the line to the house, what it answers."""

import asyncio
import inspect
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any, TextIO, TypeAlias

import typer
from rich.console import Console

from clients.cli import imports
from clients.cli.commands import Authority, Panel, SecretFile, command_of, told
from clients.cli.files import readable
from clients.cli.formats import Format, format_of
from clients.cli.report import Count, Report
from clients.house import Access, CannotRunError, access_from

SOME_REJECTED = 1

# Sends what is in a file, given the line to its service and the report.
Work: TypeAlias = Callable[..., Coroutine[Any, Any, list[Count]]]

File: TypeAlias = Annotated[Path, typer.Argument(help="UTF-8; - for what is piped in.")]
Form: TypeAlias = Annotated[
    Format | None, typer.Option("--format", help="Guessed by content when not given.")
]
Rejects: TypeAlias = Annotated[
    Path | None, typer.Option(help="Every rejection and note goes there, a JSON object a line.")
]
Client: TypeAlias = Annotated[str, typer.Option(help="Id to sign in with.")]
Address: TypeAlias = Annotated[str, typer.Option(help="HOST:PORT")]


def importing(
    service: str, formats: tuple[Format, ...]
) -> Callable[[Callable[..., Work]], Callable[..., None]]:
    """Makes a command of what says which work a file and its format are.

    The command has the options of every import, that of the service's address, and those
    that are keyword-only there. Raises typer.Exit where not all went in.
    """

    def made_of(work_of: Callable[..., Work]) -> Callable[..., None]:
        def command(
            file: File,
            format: Form = None,
            rejects: Rejects = None,
            client: Client = "importer",
            secret_file: SecretFile = None,
            panel: Panel = None,
            associate: Address = "",
            ca: Authority = None,
            **own: Any,
        ) -> None:
            addresses = {service: own.pop(service, ""), "associate": associate}
            ended = told(if_interrupted="run it again: what went in stays unchanged")
            with ended, opened(rejects, file) as sink, readable(file) as file:
                form = format_of(file, format, among=formats)
                work = work_of(file, form, **own)
                access = access_from(
                    client_id=client,
                    panel=panel,
                    secret_file=secret_file,
                    addresses=addresses,
                    ca_file=ca,
                )
                report = Report(Console(stderr=True), place=form.word, rejects=sink)
                run(access, service, work, report)

        return command_of(work_of, own_of(work_of, service), command)

    return made_of


def own_of(work_of: Callable[..., Work], service: str) -> list[inspect.Parameter]:
    """What is keyword-only there, and the address of the service unless all imports have it."""
    only = inspect.Parameter.KEYWORD_ONLY
    own = [p for p in inspect.signature(work_of).parameters.values() if p.kind is only]
    if service == "associate":  # Where every import signs in, and its address an option of all.
        return own
    return [*own, inspect.Parameter(service, only, default="", annotation=Address)]


def opened(rejects: Path | None, file: Path) -> AbstractContextManager[TextIO | None]:
    """Where rejections go; nowhere without. Raises CannotRunError where they are of that file."""
    if rejects is None:
        return nullcontext()
    if rejects.exists() and file.exists() and rejects.samefile(file):
        raise CannotRunError(f"{file} is what is imported: give --rejects another file")
    return rejects.open("w", encoding="utf-8")


def run(
    access: Access,
    service: str,
    work: Work,
    report: Report,
) -> None:
    """Raises typer.Exit where something was rejected, after the sum of all."""

    async def done() -> list[Count]:
        async with imports.line_to(access, service) as line:
            return await work(line, report=report)

    with report:
        try:
            counts = asyncio.run(done())
        finally:
            report.close()
    for count in counts:
        sys.stdout.write(f"{count}\n")
    if report.noted_count:
        sys.stdout.write(f"{report.noted_count} in with a note, see above\n")
    if report.rejected:
        raise typer.Exit(SOME_REJECTED)
