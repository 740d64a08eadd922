"""What every import shares: its options, the file, the line to the house, exit codes."""

import asyncio
import inspect
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO, TypeAlias

import typer
from rich.console import Console

from clients.cli import imports
from clients.cli.files import readable
from clients.cli.formats import Format, format_of
from clients.cli.report import Count, Report
from clients.house import Access, CannotRunError, access_from

SOME_REJECTED, CANNOT_RUN, INTERRUPTED = 1, 2, 130

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
SecretFile: TypeAlias = Annotated[Path | None, typer.Option(help="Its secret, in a file.")]
Panel: TypeAlias = Annotated[
    Path | None, typer.Option(help="Of a local stack; .comptoir/panel.json if that is there.")
]
Address: TypeAlias = Annotated[str, typer.Option(help="HOST:PORT")]
Authority: TypeAlias = Annotated[
    Path | None, typer.Option(help="Of the services' certificates, PEM; plain without.")
]


def importing(
    service: str, formats: tuple[Format, ...]
) -> Callable[[Callable[..., Work]], Callable[..., None]]:
    """Makes a command of what says which work a file and its format are.

    The command has the options of every import, that of the service's address, and those
    that are keyword-only there. Raises typer.Exit where not all went in.
    """

    def command_of(work_of: Callable[..., Work]) -> Callable[..., None]:
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
            addresses = {"associate": associate, service: own.pop(service)}
            with told(rejects) as (console, sink), readable(file) as file:
                form = format_of(file, format, among=formats)
                work = work_of(file, form, **own)
                access = access_from(
                    client_id=client,
                    panel=panel,
                    secret_file=secret_file,
                    addresses=addresses,
                    ca_file=ca,
                )
                run(access, service, work, Report(console, place=form.word, rejects=sink))

        command.__name__ = work_of.__name__
        command.__signature__ = signature_of(command, service, work_of)  # type: ignore[attr-defined]
        return command

    return command_of


def signature_of(
    command: Callable[..., None], service: str, work_of: Callable[..., Work]
) -> inspect.Signature:
    """What typer reads the options from: in place of `own`, what stands in it."""
    only = inspect.Parameter.KEYWORD_ONLY
    shared = [p for p in inspect.signature(command).parameters.values() if p.name != "own"]
    address = inspect.Parameter(service, only, default="", annotation=Address)
    own = [p for p in inspect.signature(work_of).parameters.values() if p.kind is only]
    return inspect.Signature([*shared, *own, address])


@contextmanager
def told(rejects: Path | None) -> Iterator[tuple[Console, TextIO | None]]:
    """Turns what stops the program into words and an exit code."""
    console = Console(stderr=True)
    try:
        with nullcontext() if rejects is None else rejects.open("w", encoding="utf-8") as sink:
            yield console, sink
    except CannotRunError as error:
        end(console, f"could not run: {error}", CANNOT_RUN)
    except OSError as error:
        end(console, f"could not run: {error.filename}: {error.strerror}", CANNOT_RUN)
    except KeyboardInterrupt:
        end(console, "interrupted; run it again: what went in stays unchanged", INTERRUPTED)


def end(console: Console, words: str, code: int) -> NoReturn:
    console.print(words, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(code)


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
