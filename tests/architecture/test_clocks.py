"""Holds and orders go by one clock: whatever of these services asks for the time gets it."""

import ast
import inspect
from types import ModuleType

import pytest

from services.collect import main as collect
from services.inventory import main as inventory


@pytest.mark.parametrize("main", [collect, inventory], ids=lambda main: main.__name__)
def test_all_that_asks_for_a_clock_is_handed_the_engines(main: ModuleType) -> None:
    made = [call for call in calls_in(main) if asks_for_a_clock(main, call)]

    without = [ast.unparse(call.func) for call in made if not has_the_engines(call)]

    assert made
    assert not without


def calls_in(main: ModuleType) -> list[ast.Call]:
    tree = ast.parse(inspect.getsource(main))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def asks_for_a_clock(main: ModuleType, call: ast.Call) -> bool:
    made = getattr(main, call.func.id, None) if isinstance(call.func, ast.Name) else None
    if not inspect.isclass(made) or not made.__module__.startswith("services."):
        return False
    return "clock" in inspect.signature(made).parameters


def has_the_engines(call: ast.Call) -> bool:
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    return given.get("clock") == "opened.clock"
