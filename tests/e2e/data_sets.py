"""The files of a retailer that is brought in: real ones, and a sample in the same formats."""

import gzip
import json
import os
from dataclasses import dataclass
from pathlib import Path

from tests.suite import ROOT

DATA = Path(os.environ.get("COMPTOIR_SHARED_DATA", ROOT.parent / "shared" / "data"))
PEOPLE = "users.json.gz"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSet:
    """Files and how many entries each has; stock is every product in the first shops.

    Attributes:
        begins: What ids of its locations begin with, and those of no other test.
        near: Latitude and longitude of the first shop.
    """

    products: Path
    shops: Path
    people: Path
    products_count: int
    shops_count: int
    people_count: int
    stocked_count: int
    begins: str
    near: str

    @property
    def counts(self) -> dict[str, int]:
        """Entries that an import of each kind reads."""
        return {
            "products": self.products_count,
            "locations": self.shops_count,
            "customers": self.people_count,
            "stock": self.products_count * self.stocked_count,
        }


def is_real_there() -> bool:
    return all((DATA / name).exists() for name in ("products.yaml", "stores.json", PEOPLE))


def real(folder: Path, *, stocked_count: int) -> DataSet:
    """What nobody on this project wrote; unpacked into `folder` where it is packed."""
    people = folder / "users.json"
    people.write_bytes(gzip.decompress((DATA / PEOPLE).read_bytes()))
    return DataSet(
        products=DATA / "products.yaml",
        shops=DATA / "stores.json",
        people=people,
        products_count=2465,
        shops_count=1565,
        people_count=5250,
        stocked_count=stocked_count,
        begins="bestbuy-",
        near="44.85466,-93.24565",
    )


def sample(folder: Path) -> DataSet:
    """Little of each, written here, where the real data are not there."""
    files = [folder / name for name in ("products.yaml", "stores.json", "users.json")]
    contents = (
        "".join(map(product, range(30))),
        json.dumps([shop(number) for number in range(6)]),
        json.dumps([person(number) for number in range(40)]),
    )
    for file, content in zip(files, contents, strict=True):
        file.write_text(content)
    products, shops, people = files
    return DataSet(
        products=products,
        shops=shops,
        people=people,
        products_count=30,
        shops_count=6,
        people_count=40,
        stocked_count=4,
        begins="bestbuy-sample-",
        near="21.3,-157.8",
    )


def product(number: int) -> str:
    return f"""\
- id: sample-{number}
  current_stock: {number + 3}
  name: Sample Backpack {number}
  category: accessories
  style: backpack
  description: Holds what a day on the beach asks for,
    and {number} things more.
  price: {number + 9}.99
  image: sample-{number}.jpg
  where_visible: UI
"""


def shop(number: int) -> dict[str, object]:
    """In Honolulu, which has none of the real ones' neighbours."""
    return {
        "id": f"sample-{number}",
        "type": "BigBox",
        "name": f"Sample {number}",
        "address": f"{number + 1} Ala Moana",
        "address2": "",
        "city": "Honolulu",
        "state": "HI",
        "zip": "96814",
        "location": {"lat": 21.3 + number / 10, "lon": -157.8},
        "hours": "Mon: 10-9:30; Tue: 10-9:30; Wed: 10-9:30; Thurs: 10-9:30; Fri: 10-9:30; "
        "Sat: 10-9:30; Sun: 11-7",
        "services": ["Windows Store"],
    }


def person(number: int) -> dict[str, object]:
    return {
        "id": f"sample-{number}",
        "persona": "books_apparel",
        "gender": "F",
        "first_name": "Ann",
        "last_name": f"Sample{number}",
        "email": f"ann{number}@example.com",
        "age": 31,
        "traits": {},
        "platforms": {},
        "addresses": [],
    }
