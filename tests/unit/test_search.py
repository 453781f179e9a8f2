"""Reading queries as terms and ranking names against them."""

import pytest

from bot.core.services.lexicon import Lexicon
from bot.core.services.search import CONFIDENT, OFFER, Name, rank, score, weigh

LEXICON = Lexicon(
    [
        ("subject", ["khai sinh", "gks", "giấy khai sinh"]),
        ("subject", ["bằng lái", "giấy phép lái xe"]),
        ("subject", ["lương hưu"]),
        ("change", ["mất", "bị mất"]),
        ("change", ["đổi"]),
        ("ask", ["muốn", "làm thủ tục"]),
        ("weak", ["giấy"]),
        ("filler", ["em", "cho", "thì", "mà", "ơi"]),
    ]
)


def common(term):
    return 0.5


def name(text):
    return Name.of([term for term in LEXICON.read_name(text) if term.kind != "ask"])


def query(text, repair=None):
    return weigh(LEXICON.read(text, repair), common)


def ranked(text, names, absent=()):
    real = [(key, False, name(part)) for key, parts in names.items() for part in parts]
    missing = [(part, True, name(part)) for part in absent]
    return rank(query(text), [*real, *missing], common)


NAMES = {
    "birth": ["đăng ký khai sinh", "khai sinh"],
    "copy": ["bản sao giấy khai sinh", "mất giấy khai sinh"],
    "swap": ["đổi giấy phép lái xe"],
}


@pytest.mark.parametrize("text", ["gks", "giấy khai sinh", "khaisinh", "KHAI  SINH", "khai sinh"])
def test_every_name_of_a_matter_is_one_term(text):
    assert [term.id for term in LEXICON.read(text, lambda letters: None)] == ["xkhaisinh"]


def test_a_syllable_with_other_marks_is_another_word():
    LEXICON.learn("mặt")

    assert [term.id for term in LEXICON.read("mặt")] == ["mat"]
    assert [term.id for term in LEXICON.read("mat")] == ["xmat"]
    assert [term.id for term in LEXICON.read("mất")] == ["xmat"]


def test_telex_left_overs_are_read():
    LEXICON.learn("giay khai")

    assert [term.id for term in LEXICON.read("ddooi giays khai sinh")] == ["xdoi", "xkhaisinh"]


def test_a_slip_is_repaired_only_by_the_given_function():
    meant = {"khaisihn": "khaisinh"}

    assert [t.id for t in LEXICON.read("khai sihn", meant.get)] == ["xkhaisinh"]
    assert [t.id for t in LEXICON.read("khai sihn")] == ["khai", "sihn"]


def test_a_change_to_a_matter_decides_between_its_procedures():
    assert ranked("em bị mất giấy khai sinh", NAMES)[0].key == "copy"
    assert ranked("khai sinh cho em", NAMES)[0].key == "birth"


def test_the_right_one_alone_is_confident():
    best = ranked("đổi bằng lái", NAMES)

    assert [item.key for item in best] == ["swap"]
    assert best[0].score >= CONFIDENT


def test_two_that_fit_alike_are_offered_not_chosen():
    twins = {"one": ["khai sinh"], "two": ["giấy khai sinh"]}

    best = ranked("khai sinh", twins)

    assert {item.key for item in best} == {"one", "two"}
    assert all(OFFER <= item.score < CONFIDENT for item in best)


def test_an_absent_matter_that_fits_best_stands_alone():
    names = {"account": ["đổi tài khoản lương hưu"]}

    found = ranked("lương hưu", names, absent=["lương hưu"])

    assert [(item.key, item.absent) for item in found] == [("lương hưu", True)]
    assert ranked("lương hưu", {"pension": ["lương hưu"]}, absent=["lương hưu"])


@pytest.mark.parametrize("text", ["", "em ơi", "!!!", "muốn", "giấy"])
def test_words_that_name_nothing_find_nothing(text):
    assert query(text).empty or not ranked(text, NAMES)


def test_what_follows_a_wish_weighs_more():
    asked = query("bằng lái em đổi mà muốn khai sinh")

    assert asked.weights["xkhaisinh"] > asked.weights["xbanglai"]


def test_a_name_never_scores_above_one():
    assert score(query("khai sinh khai sinh"), name("khai sinh"), common) == 1.0
