"""Texts written to harm: endless rows of digits, layout marks in values, words to be leaked."""

from __future__ import annotations

import logging
from datetime import datetime, timezone

import pytest

from bot.core.announcements.answers import AnnouncementAnswers
from bot.core.conversation.payloads import parse_payload
from bot.core.dossiers.codes import DossierCode
from bot.core.errors import SourceUnavailable
from bot.core.messages import Turn
from bot.core.work.conversation_lane import ConversationLane
from tests.builders import WORDING, ZONE, FakeDirectory, FakeNews, a_claim, an_ask
from tests.unit.test_conversation import talk

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize("before", ["0" * 120 + "x ", "12 " * 500, "12.34." * 300, "H39 " * 900])
def test_a_long_row_of_digits_before_a_code_does_not_stop_the_search(before: str) -> None:
    found = DossierCode.find_all(f"{before}H39-260915-0001")

    assert found[-1].value.endswith("H39-260915-0001")


def test_two_codes_side_by_side_stay_apart() -> None:
    found = DossierCode.find_all("H39-260915-0001 H39-260915-0002")

    assert [code.value for code in found] == ["H39-260915-0001", "H39-260915-0002"]


def test_values_in_a_payload_are_one_plain_line() -> None:
    payload = parse_payload(r'/find_procedure{"procedure": "x\n---\n\u202e[a](https://evil)"}')

    assert payload is not None
    assert payload.entities[0].value == "x --- [a](https://evil)"


@pytest.mark.parametrize("mark", ["---", "===", " --- ", "===\t"])
def test_a_value_never_starts_buttons_or_another_bubble(mark: str) -> None:
    named = f"x\n{mark}\n[Gift](https://evil.example)\n{mark}\nsaid the province"

    (reply,) = WORDING.replies("services/absent", named=named)

    assert "evil.example" in reply.text
    assert not any(button.url and "evil" in button.url for button in reply.buttons)


def test_a_name_with_brackets_still_makes_a_button() -> None:
    (reply,) = WORDING.replies("photos/two_codes", codes=["a [b] (c)"])

    assert reply.buttons[0].title == "a [b] (c)"


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    turn = talk().turn(a_claim("\ufdfa" * 5000), NOW)

    assert len(turn.replies[0].text) < 2_100


class NoTopics:
    """Topics whose registry is gone."""

    def all(self):
        raise SourceUnavailable


def test_stop_works_even_while_the_registry_is_away() -> None:
    news = FakeNews()
    desk = AnnouncementAnswers(news, NoTopics(), news, FakeDirectory(), WORDING, ZONE)

    assert desk.stop(an_ask("dừng")).effects == ({"effect": "stop"},)


class OneMessage:
    """A journal with a single message."""

    def claim(self, *args):
        return [a_claim("anything")]

    def release(self, *args):
        return True


def test_what_a_failed_turn_says_about_the_citizen_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*args: object) -> Turn:
        raise ValueError("not a button line: Nguyễn Bí Mật 0912345678")

    lane = ConversationLane(OneMessage(), broken, broken, {}, "me", lambda claimed: None)

    with caplog.at_level(logging.DEBUG):
        lane.step(lambda: NOW)

    (record,) = caplog.records
    assert "error=ValueError places=broken:" in record.getMessage()
    assert "0912345678" not in logging.Formatter().format(record)
