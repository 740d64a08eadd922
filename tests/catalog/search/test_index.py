"""What is found, in which order, and that changes leave no trace."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.catalog.product.domain import Product
from services.catalog.search.domain import query_of
from services.catalog.search.index import Index, Place

DRILL = Product(
    sku="PER-1801",
    category_path=("tools", "drills"),
    title={"fr": "Perceuse à percussion 18 V", "en": "18 V hammer drill"},
    description={"fr": "Pour le béton et les métaux.", "en": "For concrete and metals."},
    brand="Varenne",
    revision=1,
)
LADDER = Product(
    sku="ECH-3",
    category_path=("ladders",),
    title={"fr": "Échelle pliante"},
    description={"fr": "Vernis d'une perceuse."},
    brand="Brostal",
    revision=1,
)


def index_of(*products: Product) -> Index:
    index = Index()
    for product in products:
        index.put(product)
    return index


def found(index: Index, text: str, locale: str = "fr", category_id: str = "") -> list[str]:
    query = query_of(text, locale=locale, category_id=category_id)
    result = index.find(query, limit=100)
    assert result.total_count == len(result.places)
    return [place.sku for place in result.places]


@pytest.mark.parametrize(
    "text",
    [
        "perceuse",
        "PERCEUSES",
        "percussion 18v",
        "béton perceuse",
        "beton",
        "metal",
        "varenne",
        "PER-1801",
        "per1801",
        "perc",
        "perceuse vare",
        "perceuse per-18",
    ],
)
def test_a_product_is_found_by_its_words(text: str) -> None:
    assert found(index_of(DRILL), text) == ["PER-1801"]


@pytest.mark.parametrize("text", ["hammer", "perceuse brostal", "per cuss echelle", "p", "!?"])
def test_all_words_must_match_in_the_language_asked_for(text: str) -> None:
    assert found(index_of(DRILL), text) == []


def test_only_the_last_word_may_be_a_beginning() -> None:
    assert found(index_of(DRILL), "perce varenne") == []


def test_a_text_that_is_missing_is_found_in_the_default_language() -> None:
    assert found(index_of(LADDER), "échelle", locale="en") == ["ECH-3"]


def test_titles_go_before_brands_before_skus_before_descriptions() -> None:
    bare = replace(DRILL, title={"fr": "Outil"}, brand="", description={})
    index = index_of(
        replace(bare, sku="A", description={"fr": "Varenne"}),
        replace(bare, sku="varenne"),
        replace(bare, sku="C", brand="Varenne"),
        replace(bare, sku="D", title={"fr": "Varenne"}),
    )

    assert found(index, "varenne") == ["D", "C", "varenne", "A"]


def test_a_whole_word_goes_before_a_beginning_in_the_same_field() -> None:
    bare = replace(DRILL, brand="", description={})
    index = index_of(
        replace(bare, sku="A", title={"fr": "Visseuse"}),
        replace(bare, sku="B", title={"fr": "Vis à bois"}),
    )

    assert found(index, "vis") == ["B", "A"]


def test_equal_matches_go_by_sku() -> None:
    index = index_of(*(replace(DRILL, sku=sku) for sku in "CAB"))

    assert found(index, "perceuse") == ["A", "B", "C"]


def test_a_category_holds_what_is_in_it_and_below() -> None:
    index = index_of(DRILL, LADDER)

    assert found(index, "", category_id="tools") == ["PER-1801"]
    assert found(index, "perceuse", category_id="ladders") == ["ECH-3"]
    assert found(index, "", category_id="unknown") == []
    assert [index.count(c) for c in ("tools", "drills", "ladders", "unknown")] == [1, 1, 1, 0]


def test_without_words_everything_is_listed_by_sku() -> None:
    assert found(index_of(DRILL, LADDER), "") == ["ECH-3", "PER-1801"]


def test_what_a_product_no_longer_says_does_not_find_it() -> None:
    index = index_of(DRILL)
    index.put(replace(DRILL, title={"fr": "Visseuse"}, category_path=("tools",), revision=2))

    assert found(index, "perceuse") == []
    assert found(index, "visseuse") == ["PER-1801"]
    assert index.count("drills") == 0


def test_an_older_product_is_ignored() -> None:
    index = index_of(replace(DRILL, revision=2))
    index.put(replace(DRILL, title={"fr": "Visseuse"}, revision=1))

    assert found(index, "perceuse") == ["PER-1801"]


WORDS = st.sampled_from(["perceuse", "perceuses", "métal", "métaux", "18V", "vis", "visseuse"])
TEXTS = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
PRODUCTS = st.builds(
    lambda sku, title, description, category_id: replace(
        DRILL,
        sku=sku,
        title={"fr": title},
        description={"fr": description},
        category_path=(category_id,),
    ),
    st.sampled_from(["A-1", "A-2", "vis"]),
    TEXTS,
    TEXTS,
    st.sampled_from(["tools", "other"]),
)
QUERIES = st.sampled_from(["", "perceuse", "metal", "vis", "18 v", "a1", "perceuse vi"])


@given(st.lists(PRODUCTS, max_size=8), QUERIES, st.sampled_from(["", "tools"]))
def test_however_it_came_about_an_index_finds_what_a_fresh_one_does(
    history: list[Product], text: str, category_id: str
) -> None:
    numbered = [replace(product, revision=n) for n, product in enumerate(history, 1)]
    fresh = index_of(*{product.sku: product for product in numbered}.values())

    assert found(index_of(*numbered), text, category_id=category_id) == found(
        fresh, text, category_id=category_id
    )


@given(st.integers(1, 7), QUERIES)
def test_pages_join_into_the_whole(limit: int, text: str) -> None:
    titles = ["Perceuse", "Vis", "Visseuse à métaux", "Perceuse visseuse 18 V"]
    index = index_of(*(replace(DRILL, sku=f"A-{n}", title={"fr": titles[n % 4]}) for n in range(9)))
    query, places, after = query_of(text, locale="fr"), list[Place](), None
    while page := index.find(query, limit=limit, after=after).places:
        places += page
        after = page[-1]

    assert [place.sku for place in places] == found(index, text)


def test_a_page_goes_on_behind_the_last_one_whatever_is_written_meanwhile() -> None:
    index = index_of(*(replace(DRILL, sku=sku) for sku in "BDF"))
    query = query_of("perceuse", locale="fr")
    first = index.find(query, limit=2)
    for sku in "AE":
        index.put(replace(DRILL, sku=sku))
    index.put(replace(DRILL, sku="D", title={"fr": "Scie"}, description={}, revision=2))

    rest = index.find(query, limit=9, after=first.places[-1])
    assert [place.sku for place in (*first.places, *rest.places)] == ["B", "D", "E", "F"]
