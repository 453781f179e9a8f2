"""What does not change the meaning does not change the answer; no text breaks anything."""

from __future__ import annotations

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.nlu.corpus import read_corpus
from bot.nlu.fitting import Training, fit_calibrated
from bot.nlu.parser import Parser
from bot.nlu.words import LONGEST_TEXT, words_of

CORPUS = read_corpus(Path("data/nlu"))
TEXTS = [phrase.text for phrase in CORPUS]
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u202a\u202c"
ENDINGS = (".", "?", "!!!", "…", " ?", " 🙏", "😭😭", " 👍🏽", "\ufe0f", ":", ";", ",", "~")
PROBES = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def parser() -> Parser:
    """Return a parser of every twelfth phrase: enough to disagree with itself, quick to fit."""
    model = fit_calibrated(CORPUS[::12], [], Training(copies=0, parts=2))
    return Parser(model, model.gazetteer, threshold=0.0)


def meant(parser: Parser, text: str) -> tuple[str, float]:
    found = parser.parse(text)
    return found.intent, round(found.confidence, 4)


@PROBES
@given(text=st.sampled_from(TEXTS), form=st.sampled_from(("NFC", "NFD", "NFKC", "NFKD")))
def test_the_form_of_unicode_does_not_matter(parser: Parser, text: str, form: str) -> None:
    assert meant(parser, unicodedata.normalize(form, text)) == meant(parser, text)


@PROBES
@given(text=st.sampled_from(TEXTS), case=st.sampled_from((str.upper, str.lower, str.title)))
def test_capitals_do_not_matter(parser: Parser, text: str, case: object) -> None:
    assert meant(parser, case(text)) == meant(parser, text)  # type: ignore[operator]


@PROBES
@given(text=st.sampled_from(TEXTS), ending=st.sampled_from(ENDINGS), times=st.integers(1, 3))
def test_endings_and_pictures_do_not_matter(
    parser: Parser, text: str, ending: str, times: int
) -> None:
    if any(char.isalnum() for char in text):
        assert meant(parser, text + ending * times) == meant(parser, text)


@PROBES
@given(data=st.data(), text=st.sampled_from(TEXTS), form=st.sampled_from(("NFC", "NFD")))
def test_invisible_characters_do_not_matter(
    parser: Parser, data: st.DataObject, text: str, form: str
) -> None:
    typed = unicodedata.normalize(form, text)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(typed)))
        typed = typed[:at] + data.draw(st.sampled_from(INVISIBLE)) + typed[at:]

    assert meant(parser, typed) == meant(parser, text)


@PROBES
@given(text=st.sampled_from(TEXTS))
def test_wide_letters_do_not_matter(parser: Parser, text: str) -> None:
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)

    assert meant(parser, wide) == meant(parser, text)


@PROBES
@given(
    text=st.text(max_size=300) | st.text(alphabet="hồsơ 0129.-gGh@:/\u0301\u200b🙏", max_size=300)
)
def test_any_text_is_parsed(parser: Parser, text: str) -> None:
    found = parser.parse(text)

    assert 0.0 <= found.confidence <= 1.0
    assert all(0 <= item["start"] < item["end"] <= len(text) for item in found.entities)


LONG = (
    "a", "a.", "a-", "0", "0 ", "h53.08-", "G ", "hồ sơ ", "không ", "một chấm ", "@", "\u0301",
    "🙏", "xã bến lức ", "https://", "thủ tục đất đai ", "12/3 ", "a@a",
)  # fmt: skip


@pytest.mark.parametrize("piece", LONG)
def test_time_grows_with_the_length_and_ends_at_the_cap(parser: Parser, piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        started = time.process_time()
        parser.parse(text)
        return time.process_time() - started

    parser.parse(piece)
    half = min(seconds(LONGEST_TEXT // 2) for _ in range(3))
    whole = min(seconds(LONGEST_TEXT) for _ in range(3))
    beyond = min(seconds(LONGEST_TEXT * 20) for _ in range(3))

    assert whole <= 4 * half + 0.02
    assert beyond <= 2 * whole + 0.02


def test_only_the_first_part_of_a_long_text_is_read() -> None:
    assert len(words_of("à " * LONGEST_TEXT)) == LONGEST_TEXT // 2
