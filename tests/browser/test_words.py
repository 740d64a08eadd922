"""The words of both pages: all there, in each language, and each of them used."""

import re
from typing import Any

import pytest

from services.gateway.pages import WEB
from tests.browser.screens import Screen

# What differs between the two languages only by its words: keys, their values, what is put in.
WORDS = """async () => {
  const { EN } = await import('/shared/words/en.js');
  const { FR } = await import('/shared/words/fr.js');
  return { en: EN, fr: FR };
}"""
SCRIPTS = [file for file in WEB.rglob("*.js") if file.parent.name not in ("words", "made")]
SAID = re.compile(r"""["'`]([a-z_]\w*(?:\.[\w.]*)?)["'`]""")
BEGUN = re.compile(r"`([\w.]+\.)\$\{")
PUT_IN = re.compile(r"\{\w+\}")


@pytest.fixture
async def words(phone: Screen) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = await phone.page.evaluate(WORDS)
    return found


async def test_each_language_says_all_that_the_other_says(words: dict[str, dict[str, Any]]) -> None:
    english, french = words["en"], words["fr"]
    assert english.keys() == french.keys()
    for key in english:
        assert shape(english[key]) == shape(french[key]), key
        assert (
            all(text.strip() for text in texts(french[key]) + texts(english[key])) or key == ""
        ), key


async def test_no_key_is_shown_in_place_of_words(words: dict[str, dict[str, Any]]) -> None:
    asked = {
        key for file in SCRIPTS for key in re.findall(r"\bt\(\s*\"([^\"]+)\"", file.read_text())
    }
    assert asked
    assert asked <= words["fr"].keys()


async def test_no_words_are_left_that_nobody_says(words: dict[str, dict[str, Any]]) -> None:
    sources = "\n".join(file.read_text() for file in SCRIPTS)
    said, begun = set(SAID.findall(sources)), tuple(BEGUN.findall(sources))
    assert [key for key in words["fr"] if key not in said and not key.startswith(begun)] == []


def texts(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value.values())


def shape(value: Any) -> Any:
    """What is put in, by form; which of the forms, and a problem's advice, where there are any."""
    if isinstance(value, dict):
        return sorted(value), {part for text in value.values() for part in PUT_IN.findall(text)}
    return sorted(PUT_IN.findall(value)), value.count("|")
