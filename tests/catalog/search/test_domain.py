"""Which words find each other."""

import pytest

from services.catalog.search.domain import (
    QUERY_LENGTH_MAX,
    InvalidLocaleError,
    InvalidQueryError,
    code_of,
    folded,
    query_of,
    stem_of,
    words_in,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Échelle", "echelle"),
        ("CŒUR", "coeur"),
        ("Straße", "strasse"),
        ("mm²", "mm2"),
        ("e\u0301chelle", "echelle"),
        ("PER", "per"),
    ],
)
def test_case_and_accents_do_not_matter(text: str, plain: str) -> None:
    assert folded(text) == plain


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("clé", "clés"),
        ("marteau", "marteaux"),
        ("tuyau", "tuyaux"),
        ("métal", "métaux"),
        ("chou", "choux"),
        ("prix", "prix"),
        ("perceuse", "perceuses"),
    ],
)
def test_french_plurals_find_each_other(one: str, many: str) -> None:
    assert stem_of(folded(one), "fr") == stem_of(folded(many), "fr")


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("blade", "blades"),
        ("box", "boxes"),
        ("axe", "axes"),
        ("brush", "brushes"),
        ("switch", "switches"),
        ("hose", "hoses"),
        ("glass", "glasses"),
        ("battery", "batteries"),
        ("cookie", "cookies"),
        ("shoe", "shoes"),
        ("tape", "tapes"),
        ("bus", "buses"),
    ],
)
def test_english_plurals_find_each_other(one: str, many: str) -> None:
    assert stem_of(one, "en") == stem_of(many, "en")


@pytest.mark.parametrize(("one", "other"), [("tap", "tape"), ("plan", "plane"), ("cap", "cape")])
def test_words_that_are_no_plurals_stay_apart(one: str, other: str) -> None:
    assert stem_of(one, "en") != stem_of(other, "en")


@pytest.mark.parametrize("word", ["bus", "gaz", "os", "18v", "m8"])
def test_short_words_and_numbers_are_their_own_stem(word: str) -> None:
    assert stem_of(word, "fr") == word


@pytest.mark.parametrize("text", ["18 V", "18V", "18-V"])
def test_a_number_and_its_unit_are_found_together_and_apart(text: str) -> None:
    assert {"18", "v", "18v"} <= set(words_in(text))


def test_words_that_tell_nothing_are_not_asked_for() -> None:
    query = query_of("l'échelle de bois", locale="fr")

    assert [word.words for word in query.asked] == [("echelle",), ("bois",)]


def test_words_that_tell_nothing_are_asked_for_if_there_are_no_others() -> None:
    assert [word.words for word in query_of("de la", locale="fr").asked] == [("de",), ("la",)]


def test_a_sku_is_the_same_however_it_is_typed() -> None:
    assert code_of("PER-1801") == code_of("per 1801") == "per1801"


@pytest.mark.parametrize(("text", "is_empty"), [("", True), ("  ", True), ("!?", False)])
def test_only_a_query_without_anything_is_empty(text: str, is_empty: bool) -> None:
    query = query_of(text, locale="")

    assert (query.is_empty, query.asked, query.locale) == (is_empty, (), "fr")


def test_a_query_has_an_end() -> None:
    with pytest.raises(InvalidQueryError):
        query_of("x" * (QUERY_LENGTH_MAX + 1), locale="fr")


def test_words_are_found_in_two_languages() -> None:
    with pytest.raises(InvalidLocaleError):
        query_of("Bohrer", locale="de")


def test_queries_that_find_the_same_have_one_name() -> None:
    assert query_of("Échelles!", locale="").name == query_of("  echelles", locale="fr").name
    assert query_of("a b", locale="fr").name != query_of("a b", locale="en").name
    assert query_of("", locale="fr", category_id="x").name != query_of("x", locale="fr").name
