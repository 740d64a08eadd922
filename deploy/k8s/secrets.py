"""Which secrets an operator must bring, and under which keys: what no one in the cluster makes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

PASSWORD = "password"  # The key that MongoDB's operator reads, unless told another.


def needed(resources: Iterable[dict[str, Any]]) -> dict[str, list[str]]:
    """Keys by the name of the secret, in order."""
    listed = list(resources)
    keys: dict[str, set[str]] = defaultdict(set)
    for name, key in (*mounted(listed), *passwords(listed)):
        keys[name].add(key)
    made = set(made_in_the_cluster(listed))
    return {name: sorted(keys[name]) for name in sorted(keys.keys() - made)}


def mounted(resources: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for resource in resources:
        if resource["kind"] == "Deployment":
            for volume in resource["spec"]["template"]["spec"].get("volumes", ()):
                for source in volume.get("projected", {}).get("sources", ()):
                    secret = source["secret"]
                    yield from ((secret["name"], item["key"]) for item in secret["items"])


def passwords(resources: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for resource in resources:
        if resource["kind"] == "MongoDBCommunity":
            for user in resource["spec"]["users"]:
                yield user["passwordSecretRef"]["name"], PASSWORD


def made_in_the_cluster(resources: Iterable[dict[str, Any]]) -> Iterator[str]:
    """By cert-manager and by MongoDB's operator."""
    for resource in resources:
        if resource["kind"] == "Certificate":
            yield resource["spec"]["secretName"]
        if resource["kind"] == "MongoDBCommunity":
            yield from (user["connectionStringSecretName"] for user in resource["spec"]["users"])
