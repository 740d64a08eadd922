"""Which words two texts have in common, in French and English. Pure: knows no index."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from chassis.errors import AppError, Kind, Violation

QUERY_LENGTH_MAX = 200
LOCALE_DEFAULT = "fr"
LOCALES = ("fr", "en")
# Shorter words lose their meaning with their last letter: bus, gaz, os.
PLURAL_LENGTH_MIN = 4
# A number and its unit are written together or apart: 18V, 18 V, 2.5 mm.
UNIT_LENGTH_MAX = 3

WORD = re.compile(r"[^\W_]+")
PARTS = re.compile(r"[0-9]+|[^\W\d_]+")
# Ligatures that Unicode does not take apart.
LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
# In nearly every description, so that they tell nothing and only exclude.
STOP_WORDS = {
    "fr": frozenset(
        "a au aux avec c d de des du en et l la le les ou pour qu s sur un une".split()
    ),
    "en": frozenset("a an and at by for from in of on or s the to with".split()),
}


class InvalidQueryError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_QUERY"


class InvalidLocaleError(AppError):
    kind, reason = Kind.INVALID_ARGUMENT, "INVALID_LOCALE"


@dataclass(frozen=True, slots=True)
class Asked:
    """One word as it was typed, folded: a sku is matched whole, anything else by its words."""

    code: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for. Without `asked` it is everything, unless `is_empty` is false."""

    locale: str
    asked: tuple[Asked, ...]
    is_empty: bool
    category_id: str = ""

    @property
    def name(self) -> str:
        """The same for whatever finds the same in the same order."""
        words = " ".join(word.code + "," + ",".join(word.words) for word in self.asked)
        return f"search {self.locale} {self.category_id} {self.is_empty} {words}"


def query_of(text: str, *, locale: str, category_id: str = "") -> Query:
    """Raises InvalidQueryError, InvalidLocaleError."""
    if len(text) > QUERY_LENGTH_MAX:
        raise InvalidQueryError(
            f"a query has at most {QUERY_LENGTH_MAX} characters",
            violations=(Violation("query", f"at most {QUERY_LENGTH_MAX} characters"),),
            length_max=QUERY_LENGTH_MAX,
        )
    locale = check_locale(locale)
    return Query(
        locale=locale,
        asked=asked_in(text, locale),
        is_empty=not text.strip(),
        category_id=category_id,
    )


def check_locale(locale: str) -> str:
    """The language to search in. Raises InvalidLocaleError."""
    if locale and locale not in LOCALES:
        raise InvalidLocaleError(
            f"words are found in {' and '.join(LOCALES)}",
            violations=(Violation("locale", f"one of {', '.join(LOCALES)}, or empty"),),
        )
    return locale or LOCALE_DEFAULT


def asked_in(text: str, locale: str) -> tuple[Asked, ...]:
    """Without the words that tell nothing, unless there are no others."""
    asked = [Asked(code_of(typed), tuple(WORD.findall(typed))) for typed in folded(text).split()]
    telling = [telling_of(word, locale) for word in asked if word.words]
    kept = [word for word in telling if word.words]
    return tuple(kept or [word for word in asked if word.words])


def telling_of(word: Asked, locale: str) -> Asked:
    stop_words = STOP_WORDS[locale]
    return Asked(word.code, tuple(w for w in word.words if w not in stop_words))


def folded(text: str) -> str:
    """Without case and accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold().translate(LIGATURES))
    return "".join(part for part in parts if not unicodedata.combining(part))


def code_of(text: str) -> str:
    """A sku as people type it: PER-1801, per 1801."""
    return "".join(WORD.findall(folded(text)))


def words_in(text: str) -> Iterator[str]:
    """The words of a text to be found: also a number and its unit, together and apart."""
    number = ""
    for word in WORD.findall(folded(text)):
        yield word
        if word.isalpha():
            if number and len(word) <= UNIT_LENGTH_MAX:
                yield number + word
            number = ""
        else:
            number = word if word.isdecimal() else ""
            if not number:
                yield from PARTS.findall(word)


@lru_cache(maxsize=50_000)
def stem_of(word: str, locale: str) -> str:
    """What a word and its plural have in common. Not a word of the language."""
    if len(word) < PLURAL_LENGTH_MIN or not word.isalpha():
        return word
    return french_stem(word) if locale == "fr" else english_stem(word)


def french_stem(word: str) -> str:
    """Clés, couteaux, tuyaux and métaux as clé, couteau, tuyau and métal."""
    if word.endswith("aux") and not word.endswith(("eaux", "yaux")):
        return word[:-3] + "al"
    return word[:-1] if word.endswith(("s", "x")) else word


def english_stem(word: str) -> str:
    """Blades, boxes, batteries as blade, box, battery; box and axe lose an e that plurals hide."""
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ie") and len(word) >= PLURAL_LENGTH_MIN:
        return word[:-2] + "y"
    hides = word.endswith(("se", "xe", "ze", "che", "she", "oe"))
    return word[:-1] if hides and len(word) >= PLURAL_LENGTH_MIN else word
