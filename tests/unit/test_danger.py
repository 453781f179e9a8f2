"""Somebody in danger hears the fitting number first; a figure of speech is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.core.conversation.danger import SafetyAnswers
from bot.core.phrases import Aspects, Phrases, spaced
from bot.wiring.desk import read_acts
from tests.builders import WORDING, an_ask

PHRASES = yaml.safe_load(Path("tests/unit/danger.yml").read_text(encoding="utf-8"))
CALLS = [(text, number) for number, texts in PHRASES["calls"].items() for text in texts]
ACTS = read_acts()


@pytest.mark.parametrize(("text", "number"), CALLS)
def test_danger_is_heard_and_the_fitting_number_comes_first(text: str, number: str) -> None:
    assert ACTS.in_danger(text)
    reply = SafetyAnswers(WORDING, ACTS.dangers).safety(an_ask(text)).replies[0]
    assert reply.buttons[0].phone == number
    assert {button.phone for button in reply.buttons} == {"111", "113", "114", "115"}


@pytest.mark.parametrize("text", PHRASES["harmless"])
def test_what_only_sounds_like_danger_is_left_alone(text: str) -> None:
    assert not ACTS.in_danger(text)


def test_every_kind_of_danger_has_its_own_advice() -> None:
    for danger in ACTS.dangers.kinds:
        numbers = list(danger.call)
        said = WORDING.replies("talk/safety", kind=danger.kind, numbers=numbers)[0].text
        assert numbers[0] in said.splitlines()[0] or danger.kind == "help"


def test_danger_in_a_long_story_about_papers_is_still_heard() -> None:
    story = "Tôi đi nộp hồ sơ sang tên, bảo hiểm, trợ cấp cho má. Má tôi vừa té bất tỉnh ở quầy"

    assert ACTS.in_danger(story)


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("cháy nhà", "CHAY NHA!!", True),
        ("cháy nhà", "chạy nhà", False),
        ("=đang cháy", "dang chay", False),
        ("=hỏa hoạn", "hoả hoạn", True),
        ("<who> .. ngã", "ba em vừa mới ngã", True),
        ("<who> .. ngã", "ba em hồi sáng này bị ngã", False),
        ("gọi 113|công_an", "gọi công an", True),
        ("^cứu", "xin cứu", False),
    ],
)
def test_phrases_match_by_marks_gaps_and_names(phrase: str, text: str, found: bool) -> None:
    phrases = Phrases([phrase], {"who": ["ba em", "má em"]})

    assert phrases.found_in(spaced(text)) is found


def test_an_empty_list_matches_nothing() -> None:
    assert not Phrases([]).found_in("gì cũng được")
    assert Aspects.from_lists({"none": []}).of("") is None
