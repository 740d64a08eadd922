"""The command line: options, files, exit codes. Everything else lies beside it."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, NoReturn, TextIO, TypeAlias

import typer
from rich.console import Console

from clients.cli import imports
from clients.cli.entries import Entry
from clients.cli.formats import Format, format_of, goods_in, levels_in, locations_in
from clients.cli.places import LOCATION_KNOWN as KNOWN_LOCATIONS
from clients.cli.places import STOCK_KNOWN as KNOWN_STOCK
from clients.cli.products import KNOWN as KNOWN_PRODUCTS
from clients.cli.report import Count, Report
from clients.house import Access, CannotRunError, access_from

SOME_REJECTED, CANNOT_RUN, INTERRUPTED = 1, 2, 130

OWN = (Format.CSV, Format.JSONL)
LOCATIONS_MAX = 1000

EPILOG = (
    "Exit codes: 0 all in, 1 some rejected, 2 could not run. Run it from the repository's root "
    "with PYTHONPATH=.:gen. Where options are silent, the secret and the addresses come from the "
    "local stack's panel. More in docs/import.md."
)
PRODUCTS_HELP = f"""Products with their prices and categories: csv, jsonl or retail-demo-store.

CSV columns, or fields of a JSON object a line: {KNOWN_PRODUCTS}.

A category that the catalogue does not know is made, named after its id; one it knows keeps its
name. The same file again writes nothing."""
LOCATIONS_HELP = f"""Shops and warehouses: csv, jsonl or bestbuy.

CSV columns, or fields of a JSON object a line: {KNOWN_LOCATIONS}."""
STOCK_HELP = f"""What is sellable where, set as a count does: csv, jsonl or retail-demo-store.

CSV columns, or fields of a JSON object a line: {KNOWN_STOCK}. Of retail-demo-store each location
named gets `current_stock`."""

# Plain help: its lines are as wide as the terminal.
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    epilog=EPILOG,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
import_app = typer.Typer(
    no_args_is_help=True, help="Bring a retailer's files in.", epilog=EPILOG, rich_markup_mode=None
)
app.add_typer(import_app, name="import")

File: TypeAlias = Annotated[Path, typer.Argument(help="UTF-8", exists=True, dir_okay=False)]
Form: TypeAlias = Annotated[
    Format | None, typer.Option("--format", help="Guessed by content when not given.")
]
Rejects: TypeAlias = Annotated[
    Path | None, typer.Option(help="Every rejection and note goes there, a JSON object a line.")
]
Where: TypeAlias = Annotated[
    list[str] | None, typer.Option(help="Gets the stock of a file that names none; repeatable.")
]
WhereFrom: TypeAlias = Annotated[
    Path | None, typer.Option(help="Takes them from a file of locations.", exists=True)
]
HowMany: TypeAlias = Annotated[
    int, typer.Option(min=1, max=LOCATIONS_MAX, help="At most so many of that file.")
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


@app.callback()
def comptoir() -> None:
    """Comptoir's command line."""


@import_app.command(help=PRODUCTS_HELP, epilog=EPILOG)
def products(
    file: File,
    format: Form = None,
    rejects: Rejects = None,
    client: Client = "importer",
    secret_file: SecretFile = None,
    panel: Panel = None,
    associate: Address = "",
    catalog: Address = "",
    ca: Authority = None,
) -> None:
    with told(rejects) as (console, sink):
        form = format_of(file, format, among=(*OWN, Format.RETAIL_DEMO_STORE))
        access = access_from(
            client_id=client,
            panel=panel,
            secret_file=secret_file,
            addresses={"associate": associate, "catalog": catalog},
            ca_file=ca,
        )
        work = partial(imports.import_products, goods=goods_in(file, form))
        run(access, "catalog", work, Report(console, place=form.word, rejects=sink))


@import_app.command(help=LOCATIONS_HELP, epilog=EPILOG)
def locations(
    file: File,
    format: Form = None,
    rejects: Rejects = None,
    client: Client = "importer",
    secret_file: SecretFile = None,
    panel: Panel = None,
    associate: Address = "",
    inventory: Address = "",
    ca: Authority = None,
) -> None:
    with told(rejects) as (console, sink):
        form = format_of(file, format, among=(*OWN, Format.BESTBUY))
        access = access_from(
            client_id=client,
            panel=panel,
            secret_file=secret_file,
            addresses={"associate": associate, "inventory": inventory},
            ca_file=ca,
        )
        work = partial(imports.import_locations, locations=locations_in(file, form))
        run(access, "inventory", work, Report(console, place=form.word, rejects=sink))


@import_app.command(help=STOCK_HELP, epilog=EPILOG)
def stock(
    file: File,
    format: Form = None,
    location: Where = None,
    locations_from: WhereFrom = None,
    count: HowMany = 20,
    rejects: Rejects = None,
    client: Client = "importer",
    secret_file: SecretFile = None,
    panel: Panel = None,
    associate: Address = "",
    inventory: Address = "",
    ca: Authority = None,
) -> None:
    with told(rejects) as (console, sink):
        form = format_of(file, format, among=(*OWN, Format.RETAIL_DEMO_STORE))
        where = location_ids(form, location or [], locations_from, count)
        access = access_from(
            client_id=client,
            panel=panel,
            secret_file=secret_file,
            addresses={"associate": associate, "inventory": inventory},
            ca_file=ca,
        )
        work = partial(imports.import_stock, levels=levels_in(file, form, where))
        run(access, "inventory", work, Report(console, place=form.word, rejects=sink))


def location_ids(form: Format, given: list[str], file: Path | None, count: int) -> list[str]:
    """Where the stock of a file that does not say lies. Raises CannotRunError."""
    if form in OWN:
        if given or file:
            raise CannotRunError(f"{form} names its locations itself: leave --location out")
        return []
    found = list(dict.fromkeys(given))
    if file is not None:
        entries = locations_in(file, format_of(file, None, among=(*OWN, Format.BESTBUY)))
        named = (read.value.location_id for read in entries if isinstance(read, Entry))
        found += [each for each in islice(named, count) if each not in found]
    if not found:
        raise CannotRunError(f"{form} names no location: give --location or --locations-from")
    return found


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
    work: Callable[..., Coroutine[Any, Any, list[Count]]],
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


if __name__ == "__main__":
    app()
