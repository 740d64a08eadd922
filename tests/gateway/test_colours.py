"""The pages' colours: in one place, and legible there by day and by night (WCAG 2.2)."""

import re
from itertools import product
from pathlib import Path

import pytest

from services.gateway.pages import WEB

TOKENS = WEB / "shared" / "tokens.css"
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|oklch|color-mix)a?\(")
TOKEN = re.compile(r"--([a-z-]+): (?:light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)|(#[0-9a-f]{6}));")
GROUNDS = ("paper", "surface", "sunken")
TEXTS = ("ink", "soft", "accent-text", "pine-text", "ochre-text")
TINTED = {
    "accent-tint": ("accent-text", "ink"),
    "pine-tint": ("pine-text", "ink"),
    "ochre-tint": ("ochre-text", "ink"),
    "sky-tint": ("sky-text", "ink"),
    "accent-fill": ("on-accent",),
    "ochre": ("on-ochre",),
    "bar": ("on-bar",),
    "ink": ("paper",),
}
PAIRS = [
    *product(TEXTS, GROUNDS),
    *((text, ground) for ground, texts in TINTED.items() for text in texts),
]
# What is drawn, not read: edges of fields, the focus, the signs of a state.
SIGNS = list(product(("line-strong", "sky-text", "accent", "pine"), ("paper", "surface")))


def colours() -> dict[str, tuple[str, str]]:
    """Each token by day and by night."""
    found = TOKEN.findall(TOKENS.read_text())
    return {name: (one or day, one or night) for name, day, night, one in found}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("file", sorted(WEB.rglob("*.css")), ids=lambda file: file.name)
def test_colours_stand_in_one_place(file: Path) -> None:
    if file != TOKENS:
        assert not COLOUR.findall(file.read_text())


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_every_text_can_be_read_where_it_stands(night: bool) -> None:
    told = colours()
    faint = {
        (text, ground): round(contrast(told[text][night], told[ground][night]), 2)
        for text, ground in PAIRS
        if contrast(told[text][night], told[ground][night]) < 4.5
    }
    assert not faint


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
def test_every_sign_can_be_seen_where_it_stands(night: bool) -> None:
    told = colours()
    faint = {
        (sign, ground): round(contrast(told[sign][night], told[ground][night]), 2)
        for sign, ground in SIGNS
        if contrast(told[sign][night], told[ground][night]) < 3
    }
    assert not faint
