"""What each service keeps, as a release before or after may have to read it.

`python -m tests.architecture.kept_records` prints it; `make release-contracts` keeps it in
protos/released_records.json.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from chassis.acts import ACTS
from chassis.key_records import WRAPPED_KEYS
from chassis.progress import CONSUMER_KINDS
from chassis.records import Kind
from services.associate.main import KINDS as ASSOCIATE
from services.catalog.kinds import KINDS as CATALOG
from services.collect.kinds import KINDS as COLLECT
from services.customer.kinds import ERASURE_KINDS, KEY_KINDS
from services.customer.kinds import KINDS as CUSTOMER
from services.inventory.kinds import KINDS as INVENTORY

Shape: TypeAlias = Any
Described: TypeAlias = Mapping[str, Any]

KINDS: Mapping[str, tuple[Kind[Any], ...]] = {
    "associate": tuple(ASSOCIATE),
    "catalog": tuple(CATALOG),
    "collect": tuple(COLLECT),
    "customer": (*CUSTOMER, *KEY_KINDS, *ERASURE_KINDS),
    "inventory": tuple(INVENTORY),
    "every service": (*CONSUMER_KINDS, ACTS, WRAPPED_KEYS),
}
# What is said of a type, not what it is.
WORDS = ("title", "description", "default")


def described() -> dict[str, Described]:
    """Every kind, by service and collection."""
    return {
        f"{service} {kind.collection}": description_of(kind)
        for service, kinds in KINDS.items()
        for kind in kinds
    }


def description_of(kind: Kind[Any]) -> Described:
    schema = msgspec.json.schema(kind.type)
    shape = whole({"$ref": schema["$ref"]}, schema["$defs"])
    return {"reads": kind.schema, "writes": kind.written, "shape": shape}


def whole(part: Any, types: Mapping[str, Any]) -> Shape:
    """With every type in place of its name, and without words."""
    if isinstance(part, list):
        return [whole(each, types) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return whole(types[part["$ref"].removeprefix("#/$defs/")], types)
    if "properties" in part:
        fields = {name: whole(field, types) for name, field in part["properties"].items()}
        return {"fields": fields, "required": part.get("required", [])}
    return {name: whole(value, types) for name, value in part.items() if name not in WORDS}


def unreadable(released: Described, now: Described, upgrades: Mapping[int, Any]) -> Iterator[str]:
    """Why replicas of the release before and of this one could not work side by side."""
    if now["reads"] < released["reads"]:
        yield f"schema {released['reads']} was released: it cannot become {now['reads']}"
    elif now["writes"] > released["reads"]:
        yield (
            f"schema {now['writes']} is written, and the release before reads {released['reads']}"
            f" at most: set writes={released['reads']}, with its downgrade, for one release"
        )
    elif now["reads"] > released["reads"]:
        # Whether an upgrade and a downgrade are right is for the tests of their service.
        for schema in range(released["writes"], now["reads"]):
            if schema not in upgrades:
                yield f"what was written as schema {schema} has no upgrade"
    else:
        yield from changes(released["shape"], now["shape"])


def changes(released: Shape, now: Shape, at: str = "it") -> Iterator[str]:
    """Where one of the two would not read, or would misread, what the other one wrote."""
    if isinstance(released, dict) and isinstance(now, dict) and "fields" in released:
        if "fields" in now:
            yield from field_changes(released, now, at)
            return
    if isinstance(released, dict) and isinstance(now, dict) and released.keys() == now.keys():
        for name, part in released.items():
            yield from changes(part, now[name], at)
    elif isinstance(released, list) and isinstance(now, list) and len(released) == len(now):
        for part, other in zip(released, now, strict=True):
            yield from changes(part, other, at)
    elif released != now:
        yield f"{at} was {released} and is {now}: raise its schema"


def field_changes(released: Shape, now: Shape, at: str) -> Iterator[str]:
    was, becomes = released["fields"], now["fields"]
    for name in was:
        # With a default it would read, but as if nobody had ever set it: a field that was
        # given another name loses what is in it.
        if name not in becomes:
            yield f"{at}.{name} is gone, which the release before reads: raise the schema"
    for name in now["required"]:
        if name not in was:
            yield f"{at}.{name} is new and has no default: give it one, or raise the schema"
    for name in was.keys() & becomes.keys():
        yield from changes(was[name], becomes[name], f"{at}.{name}")


if __name__ == "__main__":
    json.dump(described(), sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")
