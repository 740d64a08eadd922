"""What operators type to close the books and to prove what was closed."""

import json
from dataclasses import replace

from chassis.changes import Changed
from chassis.records import Ref, Where
from services.inventory.period.store import ARCHIVES, CARRIED
from services.inventory.stock.domain import Bucket, Place
from tests.clients.programs import Ended, run
from tests.clients.shop import Shop

PLACES = "".join(
    f'{{"location_id":"{each}","name":"{each}","country":"FR","time_zone":"Europe/Paris"}}\n'
    for each in ("lyon", "lille")
)
LEVELS = "location_id;sku;sellable_quantity\nlyon;LAMP;7\nlyon;CUP;3\nlille;LAMP;1\n"


async def test_what_was_closed_is_told_with_the_hash_to_keep(house: Shop) -> None:
    await stock_of(house)
    ended = await command(house, "close", "--json")
    again = await command(house, "close")
    lyon, lille = await house.inventory.select(ARCHIVES, Where(limit=9, descending=True))

    assert (ended.code, [json.loads(each) for each in ended.out.splitlines()]) == (
        0,
        [
            {"location_id": each.location_id, "last_archive": 1, "archive_hash": each.archive_hash}
            for each in (lille, lyon)
        ],
    )
    nothing = "everywhere: 0 movements closed in 0 archives\n"
    assert (again.code, again.out, again.err) == (0, "", nothing)


async def test_one_location_is_closed_and_rows_are_proven_as_before(house: Shop) -> None:
    await stock_of(house)
    ended = await command(house, "close", "lyon")
    proven = await command(house, "verify")

    assert (ended.code, ended.err) == (0, "lyon: 2 movements closed in 1 archives\n")
    assert (proven.code, proven.err) == (0, "everywhere: 3 rows, 0 not what their ledger says\n")


async def test_what_is_younger_than_may_be_closed_stays(house: Shop) -> None:
    await stock_of(house)
    long_ago = await command(house, "close", "--before", "2020-01-01")
    ahead = await command(house, "close", "--before", "2999-01-01")

    assert (long_ago.code, long_ago.err) == (0, "everywhere: 0 movements closed in 0 archives\n")
    assert (ahead.code, "PERIOD_OPEN" in ahead.err) == (2, True)


async def test_archives_are_proven_and_a_difference_is_shown(house: Shop) -> None:
    await stock_of(house)
    await command(house, "close")
    whole = await command(house, "verify", "--archives")
    await spoil(house)
    spoilt = await command(house, "verify", "lyon", "--archives", "--json")

    assert (whole.code, whole.err) == (0, "everywhere: 2 archives, 0 differences\n")
    assert (spoilt.code, json.loads(spoilt.out)) == (
        1,
        {
            "location_id": "lyon",
            "problem": "carried",
            "archive": None,
            "sku": "LAMP",
            "what": "sellable",
            "carried": 9,
            "archived": 7,
        },
    )
    both = await command(house, "verify", "--archives", "--sku", "LAMP")
    assert (both.code, "leave --sku out" in both.err) == (2, True)


async def spoil(house: Shop) -> None:
    found = await house.inventory.find(CARRIED, Place("lyon", "LAMP"))
    assert found is not None
    wrong = replace(found, units={Bucket.SELLABLE: 9})
    await house.inventory.update(
        [Ref(CARRIED, found.place)],
        lambda state: Changed(answer=None, records=(wrong,)),
        answer=type(None),
        timeout_s=2,
    )


async def stock_of(house: Shop) -> None:
    await house.cli("locations", house.file("places.jsonl", PLACES))
    await house.cli("stock", house.file("stock.csv", LEVELS))


async def command(house: Shop, *words: str) -> Ended:
    return await run("clients.cli", *words, "--client", "importer", *house.panel())
