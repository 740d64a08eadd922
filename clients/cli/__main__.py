"""The command line: what can be imported, and what operators do. All else lies beside it."""

from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from clients.cli import (
    closing,
    credentials,
    enrolling,
    erasing,
    imports,
    members,
    parked,
    signing_in,
    stuck,
    verifying,
)
from clients.cli.entries import Entry
from clients.cli.formats import (
    Format,
    customers_in,
    format_of,
    goods_in,
    levels_in,
    locations_in,
    points_in,
    staff_in,
)
from clients.cli.importing import Work, importing
from clients.cli.people import KNOWN as KNOWN_CUSTOMERS
from clients.cli.places import LOCATION_KNOWN as KNOWN_LOCATIONS
from clients.cli.places import STOCK_KNOWN as KNOWN_STOCK
from clients.cli.points import KNOWN as KNOWN_POINTS
from clients.cli.products import KNOWN as KNOWN_PRODUCTS
from clients.cli.staff import KNOWN as KNOWN_STAFF
from clients.house import CannotRunError

OWN = (Format.CSV, Format.JSONL)
LOCATIONS_MAX = 1000

RUN = (
    "Run it from the repository's root with PYTHONPATH=.:gen. Where options are silent, "
    "addresses come from COMPTOIR_CATALOG, _INVENTORY, _CUSTOMER, _COLLECT and _ASSOCIATE, secrets "
    "from the folder COMPTOIR_SECRETS, certificates from COMPTOIR_CA; or all from the local "
    "stack's panel."
)
EPILOG = f"Exit codes: 0 all in, 1 some rejected, 2 could not run. {RUN} More in docs/import.md."
PRODUCTS_HELP = f"""Products with their prices and categories: csv, jsonl or retail-demo-store.

CSV columns, or fields of a JSON object a line: {KNOWN_PRODUCTS}.

A category that the catalogue does not know is made, named after its id; one it knows keeps its
name. The same file again writes nothing."""
LOCATIONS_HELP = f"""Shops and warehouses: csv, jsonl or bestbuy.

CSV columns, or fields of a JSON object a line: {KNOWN_LOCATIONS}."""
CUSTOMERS_HELP = f"""Customers by their id in another system: csv, jsonl or retail-demo-users.

CSV columns, or fields of a JSON object a line: {KNOWN_CUSTOMERS}.

They get no password and cannot sign in; two with one e-mail address both come in."""
STAFF_HELP = f"""Who works in the shops: csv or jsonl.

CSV columns, or fields of a JSON object a line: {KNOWN_STAFF}.

An empty PIN leaves the one there is. Who is left out stays: say `active` false to end somebody."""
POINTS_HELP = f"""Where customers collect, counters and lockers: csv or jsonl.

CSV columns, or fields of a JSON object a line: {KNOWN_POINTS}."""
STOCK_HELP = f"""What is sellable where, set as a count does: csv, jsonl or retail-demo-store.

CSV columns, or fields of a JSON object a line: {KNOWN_STOCK}. Of retail-demo-store each location
named gets `current_stock`."""

# Plain help: its lines are as wide as the terminal.
app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    epilog=f"{RUN} More in docs/import.md and docs/operations.md.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
import_app = typer.Typer(
    no_args_is_help=True, help="Bring a retailer's files in.", epilog=EPILOG, rich_markup_mode=None
)
token_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Tokens for 10 minutes, of programs and of staff.",
    epilog="Exit codes: 0 done, 2 could not run or was refused.",
)
token_app.command()(credentials.client)
token_app.command()(signing_in.staff)
app.add_typer(token_app, name="token")
app.add_typer(credentials.app, name="clients")
app.add_typer(enrolling.terminals, name="terminals")
app.add_typer(enrolling.cabinets, name="cabinets")
app.add_typer(members.app, name="staff")
app.add_typer(import_app, name="import")
app.add_typer(stuck.app, name="orders")
app.add_typer(parked.app, name="events")
app.add_typer(erasing.app, name="customers")
app.command()(parked.acts)
app.command()(verifying.verify)
app.command()(closing.close)

Where: TypeAlias = Annotated[
    list[str] | None, typer.Option(help="Gets the stock of a file that names none; repeatable.")
]
WhereFrom: TypeAlias = Annotated[
    Path | None, typer.Option(help="Takes them from a file of locations.", exists=True)
]
HowMany: TypeAlias = Annotated[
    int, typer.Option(min=1, max=LOCATIONS_MAX, help="At most so many of that file.")
]


@app.callback()
def comptoir() -> None:
    """Comptoir's command line."""


@import_app.command(help=PRODUCTS_HELP, epilog=EPILOG)
@importing("catalog", (*OWN, Format.RETAIL_DEMO_STORE))
def products(file: Path, form: Format) -> Work:
    return partial(imports.import_products, goods=goods_in(file, form))


@import_app.command(help=LOCATIONS_HELP, epilog=EPILOG)
@importing("inventory", (*OWN, Format.BESTBUY))
def locations(file: Path, form: Format) -> Work:
    return partial(imports.import_locations, locations=locations_in(file, form))


@import_app.command(help=CUSTOMERS_HELP, epilog=EPILOG)
@importing("customer", (*OWN, Format.RETAIL_DEMO_USERS))
def customers(file: Path, form: Format) -> Work:
    return partial(imports.import_customers, customers=customers_in(file, form))


@import_app.command(help=STOCK_HELP, epilog=EPILOG)
@importing("inventory", (*OWN, Format.RETAIL_DEMO_STORE))
def stock(
    file: Path,
    form: Format,
    *,
    location: Where = None,
    locations_from: WhereFrom = None,
    count: HowMany = 20,
) -> Work:
    where = location_ids(form, location or [], locations_from, count)
    return partial(imports.import_stock, levels=levels_in(file, form, where))


@import_app.command(name="staff", help=STAFF_HELP, epilog=EPILOG)
@importing("associate", OWN)
def staff_members(file: Path, form: Format) -> Work:
    return partial(imports.import_staff, members=staff_in(file, form))


@import_app.command(help=POINTS_HELP, epilog=EPILOG)
@importing("collect", OWN)
def points(file: Path, form: Format) -> Work:
    return partial(imports.import_points, points=points_in(file, form))


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


if __name__ == "__main__":
    app()
