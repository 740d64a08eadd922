"""An inverted index of the whole catalogue in memory. Pure: knows no store and no log.

For each language it keeps, by term, the products that have it and in which
field. Terms are whole words as they were written, folded, beside a map from
stems to terms: prefixes are a range of the sorted terms, plurals a stem, and
typing errors and facets can be added beside them without another structure.
"""

from array import array
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import islice
from typing import NamedTuple, TypeAlias

from services.catalog.product.domain import Product, text_in
from services.catalog.search.domain import LOCALES, Query, code_of, stem_of, words_in

# Where a term stands, and what that is worth: title before brand before sku before description.
TITLE, BRAND, SKU, DESCRIPTION, SKU_BEGINNING = 4, 3, 2, 1, 0
FIELD_BITS = 3
FIELD_MASK = (1 << FIELD_BITS) - 1
# One letter begins a third of all words, and means none of them.
BEGINNING_LENGTH_MIN = 2
# Behind the last character that a word can hold, so that a range ends behind a prefix.
LAST = chr(0x10FFFF)

# How well each product matches, by its number.
Scores: TypeAlias = dict[int, int]


class Place(NamedTuple):
    """Where a product stands among what was found: best first, then by sku."""

    rank: int
    sku: str


class Found(NamedTuple):
    """A page of what was found, and how much there is on all pages."""

    places: tuple[Place, ...]
    total_count: int


@dataclass(slots=True)
class Terms:
    """The products of each term, as number and field in one integer, in order of number."""

    entries: dict[str, "array[int]"] = field(default_factory=dict)
    sorted: list[str] = field(default_factory=list)

    def add(self, term: str, number: int, where: int) -> bool:
        """Whether the term is new. Numbers grow, so each goes to the end."""
        entries = self.entries.get(term)
        if is_new := entries is None:
            entries = self.entries[term] = array("Q")
            insort(self.sorted, term)
        entries.append(number << FIELD_BITS | where)
        return is_new

    def remove(self, term: str, number: int) -> bool:
        """Whether that was its last product."""
        entries = self.entries[term]
        del entries[bisect_left(entries, number << FIELD_BITS)]
        if entries:
            return False
        del self.entries[term]
        del self.sorted[bisect_left(self.sorted, term)]
        return True

    def beginning_with(self, prefix: str) -> list[str]:
        first, last = bisect_left(self.sorted, prefix), bisect_left(self.sorted, prefix + LAST)
        return self.sorted[first:last]


class Words:
    """The words of titles, brands and descriptions in one language."""

    def __init__(self, locale: str) -> None:
        self._locale = locale
        self._terms = Terms()
        self._terms_of_stem: dict[str, list[str]] = {}

    def add(self, product: Product, number: int) -> tuple[str, ...]:
        """The terms it is found by now."""
        fields = fields_of(product, self._locale)
        for term, where in fields.items():
            if self._terms.add(term, number, where):
                self._terms_of_stem.setdefault(stem_of(term, self._locale), []).append(term)
        return tuple(fields)

    def remove(self, terms: Iterable[str], number: int) -> None:
        for term in terms:
            if self._terms.remove(term, number):
                stem = stem_of(term, self._locale)
                self._terms_of_stem[stem].remove(term)
                if not self._terms_of_stem[stem]:
                    del self._terms_of_stem[stem]

    def scores(self, word: str, *, begins: bool) -> Scores:
        """A whole word is worth more than a beginning in the same field, and less than a field."""
        whole = self._terms_of_stem.get(stem_of(word, self._locale), [])
        scores = Scores()
        for term in self._terms.beginning_with(word) if begins else ():
            raise_scores(scores, self._terms.entries[term], lambda where: 2 * where)
        for term in whole:
            raise_scores(scores, self._terms.entries[term], lambda where: 2 * where + 1)
        return scores


class Index:
    """Every product, found by words, by sku and by category."""

    def __init__(self) -> None:
        self._words = {locale: Words(locale) for locale in LOCALES}
        self._codes = Terms()
        self._numbers: dict[str, int] = {}
        self._products: dict[int, Indexed] = {}
        # Sorted skus of each category and all below; of the empty one, all there are.
        self._skus: dict[str, list[str]] = {}
        self._next_number = 1

    def revision(self, sku: str) -> int:
        """Which one is found; 0 if none is."""
        number = self._numbers.get(sku)
        return self._products[number].revision if number else 0

    def count(self, category_id: str) -> int:
        """Products in the category and below."""
        return len(self._skus.get(category_id, ()))

    def put(self, product: Product) -> None:
        """Find the product as it is now. One older than what is there is ignored."""
        if product.revision <= self.revision(product.sku):
            return
        self._remove(product.sku)
        number, self._next_number = self._next_number, self._next_number + 1
        self._numbers[product.sku] = number
        self._codes.add(code_of(product.sku), number, SKU)
        for category_id in ("", *product.category_path):
            insort(self._skus.setdefault(category_id, []), product.sku)
        self._products[number] = Indexed(
            sku=product.sku,
            revision=product.revision,
            category_ids=product.category_path,
            terms={locale: words.add(product, number) for locale, words in self._words.items()},
        )

    def find(self, query: Query, *, limit: int, after: Place | None = None) -> Found:
        """At most `limit` of what matches, behind `after`."""
        if query.is_empty:
            skus = self._skus.get(query.category_id, [])
            first = bisect_right(skus, after.sku) if after else 0
            return Found(tuple(Place(0, s) for s in skus[first : first + limit]), len(skus))
        scores = self._matching(query)
        return Found(tuple(islice(self._places(scores, limit, after), limit)), len(scores))

    def _places(self, scores: Scores, limit: int, after: Place | None) -> Iterator[Place]:
        """In order, behind `after`, at least `limit` if there are so many."""
        by_rank: dict[int, list[int]] = {}
        for number, score in scores.items():
            by_rank.setdefault(-score, []).append(number)
        for rank in sorted(by_rank):
            if after is not None and rank < after.rank:
                continue
            skus = (self._products[number].sku for number in by_rank[rank])
            if after is not None and rank == after.rank:
                skus = (sku for sku in skus if sku > after.sku)
            # Of the many that match a common word a page needs only the first.
            yield from (Place(rank, sku) for sku in nsmallest(limit, skus))

    def _matching(self, query: Query) -> Scores:
        scores, category_id = added(self._scores(query)), query.category_id
        if not category_id:
            return scores
        return {n: s for n, s in scores.items() if category_id in self._products[n].category_ids}

    def _scores(self, query: Query) -> Iterator[Scores]:
        for word in query.asked:
            is_last = word is query.asked[-1]
            by_words = self._scores_of_words(query.locale, word.words, is_last)
            by_code = self._scores_of_code(word.code, begins=is_last and is_long(word.code))
            yield better(by_words, by_code)

    def _scores_of_words(self, locale: str, words: tuple[str, ...], is_last: bool) -> Scores:
        *whole, last = words
        each = [self._words[locale].scores(word, begins=False) for word in whole]
        return added([*each, self._words[locale].scores(last, begins=is_last and is_long(last))])

    def _scores_of_code(self, code: str, *, begins: bool) -> Scores:
        scores = Scores()
        for term in self._codes.beginning_with(code) if begins else ():
            raise_scores(scores, self._codes.entries[term], lambda where: 2 * SKU_BEGINNING + 1)
        raise_scores(scores, self._codes.entries.get(code, ()), lambda where: 2 * where + 1)
        return scores

    def _remove(self, sku: str) -> None:
        number = self._numbers.pop(sku, None)
        if number is None:
            return
        gone = self._products.pop(number)
        self._codes.remove(code_of(sku), number)
        for category_id in ("", *gone.category_ids):
            skus = self._skus[category_id]
            del skus[bisect_left(skus, sku)]
        for locale, terms in gone.terms.items():
            self._words[locale].remove(terms, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """What must be known of a product to take it out again."""

    sku: str
    revision: int
    category_ids: tuple[str, ...]
    terms: dict[str, tuple[str, ...]]


def fields_of(product: Product, locale: str) -> dict[str, int]:
    """Each term of the product with the best field it stands in."""
    texts = (
        (DESCRIPTION, text_in(product.description, locale)),
        (BRAND, product.brand),
        (TITLE, text_in(product.title, locale)),
    )
    return {word: where for where, text in texts for word in words_in(text)}


def is_long(word: str) -> bool:
    """Whether words are found by it that it is only the beginning of."""
    return len(word) >= BEGINNING_LENGTH_MIN


def raise_scores(scores: Scores, entries: Iterable[int], worth: Callable[[int], int]) -> None:
    """Each to the best that one of the entries is worth."""
    worths = [worth(where) for where in range(FIELD_MASK + 1)]
    news = {entry >> FIELD_BITS: worths[entry & FIELD_MASK] for entry in entries}
    for number in scores.keys() & news.keys():
        if scores[number] > news[number]:
            del news[number]
    scores.update(news)


def added(each: Iterable[Scores]) -> Scores:
    """Of what is in all of them."""
    total: Scores | None = None
    for scores in each:
        if total is None:
            total = scores
        else:
            total = {n: s + scores[n] for n, s in total.items() if n in scores}
    return total or {}


def better(one: Scores, other: Scores) -> Scores:
    return one | {n: s for n, s in other.items() if s > one.get(n, 0)}
