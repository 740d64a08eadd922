"""`make bench-large`: what takes too long for `make bench`. Needs some 4 GB of disk.

Prints a table and writes latest-large.json.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from benchmarks import availability, proof, replicas, reservations
from benchmarks.figures import Figure, to_list, to_table
from benchmarks.run import opened, say
from deploy.local.errors import LocalError

LATEST = Path(__file__).parent / "latest-large.json"


def main() -> int:
    try:
        figures = asyncio.run(measured())
    except LocalError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    LATEST.write_text(json.dumps(to_list(figures), indent=2) + "\n")
    print(f"\n{to_table(figures)}\n\nwritten to {LATEST}")
    return 0


async def measured() -> list[Figure]:
    size = proof.LARGE
    with tempfile.TemporaryDirectory(prefix="comptoir-bench-") as name:
        async with opened(Path(name)) as house:
            await reservations.stocked(house)
            say("reservations by fewer callers")
            figures = [await reservations.of_few(house)]
            say(f"{size.rows:,} stock rows with {size.movements} movements each, proven")
            few_ms = await availability.few(house)
            figures += await proof.verified(house, size)
            figures += await availability.answered(house, size.location_ids, few_ms)
            say("two replicas of inventory, also over streams and where callers keep to none")
            return [*figures, *await replicas.compared(house, large=True)]


if __name__ == "__main__":
    sys.exit(main())
