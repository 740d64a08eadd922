"""What a screen reader is given of a page: Chromium's own tree of it, with roles and names."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.async_api import Page

CONTROLS = {"button", "link", "textbox", "searchbox", "combobox", "radio", "checkbox", "radiogroup"}
LANDMARKS = {"banner", "navigation", "main", "region", "search", "dialog"}


@dataclass(frozen=True, slots=True)
class Part:
    role: str
    name: str
    level: int


async def heard(page: Page) -> list[Part]:
    """In the order in which it is read."""
    developer = await page.context.new_cdp_session(page)
    tree = await developer.send("Accessibility.getFullAXTree")
    await developer.detach()
    nodes = {node["nodeId"]: node for node in tree["nodes"]}
    return [part_of(node) for node in walked(tree["nodes"][0], nodes) if not node["ignored"]]


def walked(node: Any, nodes: dict[str, Any]) -> Iterator[Any]:
    yield node
    for child in node.get("childIds", []):
        yield from walked(nodes[child], nodes) if child in nodes else ()


def part_of(node: Any) -> Part:
    told = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
    name = str(node.get("name", {}).get("value", "")).strip()
    return Part(str(node["role"]["value"]), name, int(told.get("level") or 0))


def hard_to_follow(parts: list[Part]) -> list[str]:
    """What of it leaves somebody who does not see it guessing."""
    roles = Counter(part.role for part in parts)
    wrong = [f"a {part.role} without a name" for part in parts if is_nameless(part)]
    if roles["dialog"]:
        return wrong  # All but the question is out of reach.
    if roles["main"] != 1:
        wrong.append(f"{roles['main']} main parts")
    alike = Counter((p.role, p.name) for p in parts if p.role in LANDMARKS)
    wrong += [f"{count} times {one}" for one, count in alike.items() if count > 1]
    levels = [part.level for part in parts if part.role == "heading"]
    if levels.count(1) != 1:
        wrong.append(f"{levels.count(1)} headings of the whole")
    wrong += [f"a heading {b} under one of {a}" for a, b in pairwise(levels) if b > a + 1]
    return wrong


def is_nameless(part: Part) -> bool:
    needs = part.role in CONTROLS or part.role in ("navigation", "dialog", "heading", "image")
    return needs and not part.name
