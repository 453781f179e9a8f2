"""Rasa inside the process: the turn, its limits, and what it leaves behind."""

from __future__ import annotations

import gc
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path

import pytest

from bot.core.conversation.intents import ANSWERS
from bot.core.desk import Answer, Ask, Desk
from bot.core.errors import DialogueUnavailable, SourceUnavailable
from bot.core.messages import Button, Reply
from bot.dialogue.embedded import EmbeddedDialogue
from bot.nlu.parser import Parser
from tests.adapters.nlu_model import model_for_tests

pytestmark = pytest.mark.filterwarnings("ignore")  # Rasa's own imports warn a lot
NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)


class FakeDesk:
    """Remembers what it was asked; ``answer`` may be replaced by a test."""

    def __init__(self) -> None:
        self.asked: list[Ask] = []
        self.answer: Callable[[Ask], Answer] = _echo

    def _answer(self, ask: Ask) -> Answer:
        self.asked.append(ask)
        return self.answer(ask)

    def as_desk(self) -> Desk:
        names = {name for name in ANSWERS.values() if name.startswith("action_")}
        return Desk(dict.fromkeys(names, self._answer), lambda: NOW)


def _echo(ask: Ask) -> Answer:
    reply = Reply(f"answer to {ask.intent}", meta={"dossier_code": "H53"})
    return Answer((reply,))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return model_for_tests(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def loaded(model: Path) -> Iterator[tuple[EmbeddedDialogue, FakeDesk]]:
    fake = FakeDesk()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dialogue = EmbeddedDialogue(model, desk=fake.as_desk())
    yield dialogue, fake
    dialogue.close()
    gc.unfreeze()


@pytest.fixture
def dialogue(loaded: tuple[EmbeddedDialogue, FakeDesk]) -> EmbeddedDialogue:
    return loaded[0]


@pytest.fixture
def desk(loaded: tuple[EmbeddedDialogue, FakeDesk]) -> FakeDesk:
    fake = loaded[1]
    fake.asked.clear()
    fake.answer = _echo
    return fake


def test_free_text_reaches_the_desk_with_its_entities_and_the_context(
    dialogue: EmbeddedDialogue, desk: FakeDesk
) -> None:
    turn = dialogue.respond(7, "hồ sơ h53.08-261110-0117 của tôi tới đâu rồi", {"field": "land"})

    [ask] = desk.asked
    assert ask.intent == turn.intent == "lookup_dossier"
    assert ask.citizen_id == 7
    assert ask.first("dossier_code") == "H53.08-261110-0117"
    assert ask.context == {"field": "land"}
    assert turn.replies[0].meta["dossier_code"] == "H53"


def test_a_payload_goes_straight_to_its_action(dialogue: EmbeddedDialogue, desk: FakeDesk) -> None:
    turn = dialogue.respond(7, '/ask_fee{"procedure": "1.001193"}', {})

    assert desk.asked[0].intent == "ask_fee"
    assert desk.asked[0].first("procedure") == "1.001193"
    assert turn.confidence == 1.0


def test_the_new_context_is_the_old_one_with_the_answers_changes(
    dialogue: EmbeddedDialogue, desk: FakeDesk
) -> None:
    desk.answer = lambda ask: Answer((Reply("x"),), {"procedure": "2.000815", "topic": None})

    turn = dialogue.respond(7, "/ask_fee", {"procedure": "1", "topic": "flood", "area": "a"})

    assert turn.context["procedure"] == "2.000815"
    assert turn.context["area"] == "a"
    assert "topic" not in turn.context


def test_bubbles_buttons_pictures_and_effects_come_through_whole(
    dialogue: EmbeddedDialogue, desk: FakeDesk
) -> None:
    buttons = (
        Button("A", payload="/greet"),
        Button("B", url="https://example.org/x"),
        Button("C", phone="1900"),
    )
    replies = (Reply("one\n\ntwo", buttons, meta={"notice_id": 3}), Reply("three", (), "/p.png"))
    desk.answer = lambda ask: Answer(replies, effects=({"effect": "stop"},))

    turn = dialogue.respond(7, "/unsubscribe_topic", {})

    assert turn.replies == replies
    assert turn.effects == ({"effect": "stop"},)


def test_a_fixed_answer_needs_no_action(dialogue: EmbeddedDialogue, desk: FakeDesk) -> None:
    turn = dialogue.respond(7, "/thank", {"procedure": "1"})

    assert not desk.asked
    assert turn.replies
    assert turn.context == {"procedure": "1"}


@pytest.mark.parametrize("text", ["/restart", "/etc/passwd", '/no_such{"a": 1}', "/ask_fee{", "/"])
def test_a_slash_that_is_no_payload_is_plain_words(
    dialogue: EmbeddedDialogue, desk: FakeDesk, text: str
) -> None:
    turn = dialogue.respond(7, text, {})

    assert turn.intent in ANSWERS
    assert turn.replies


def test_one_turn_knows_nothing_of_another(dialogue: EmbeddedDialogue, desk: FakeDesk) -> None:
    dialogue.respond(7, '/ask_fee{"procedure": "1.001193"}', {"procedure": "1.001193"})

    dialogue.respond(7, "/ask_duration", {})

    assert desk.asked[-1].context == {}
    assert desk.asked[-1].entities == ()


def test_turns_of_several_threads_do_not_mix(dialogue: EmbeddedDialogue, desk: FakeDesk) -> None:
    both_inside = threading.Barrier(2, timeout=10)

    def answer(ask: Ask) -> Answer:
        both_inside.wait()  # passes only if two actions run at the same time
        return Answer((Reply(f"{ask.citizen_id} {ask.context['area']}"),))

    desk.answer = answer
    with ThreadPoolExecutor(2) as pool:
        turns = list(pool.map(lambda i: dialogue.respond(i, "/greet", {"area": f"a{i}"}), (1, 2)))

    assert [turn.replies[0].text for turn in turns] == ["1 a1", "2 a2"]


def test_a_turn_that_takes_too_long_is_given_up(
    dialogue: EmbeddedDialogue, desk: FakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    desk.answer = lambda ask: Answer((Reply(str(release.wait(10))),))
    monkeypatch.setattr(dialogue, "_turn_seconds", 0.05)

    with pytest.raises(DialogueUnavailable):
        dialogue.respond(7, "/greet", {})
    release.set()


def test_a_failing_action_is_not_silence(dialogue: EmbeddedDialogue, desk: FakeDesk) -> None:
    def broken(ask: Ask) -> Answer:
        raise ValueError(ask.text)

    desk.answer = broken
    with pytest.raises(DialogueUnavailable, match="^ValueError$"):
        dialogue.respond(7, "/greet", {})


def test_the_desks_own_errors_come_through(dialogue: EmbeddedDialogue, desk: FakeDesk) -> None:
    def silent(ask: Ask) -> Answer:
        raise SourceUnavailable

    desk.answer = silent
    with pytest.raises(SourceUnavailable):
        dialogue.respond(7, "/greet", {})


def test_no_log_and_no_output_holds_what_the_citizen_wrote(
    dialogue: EmbeddedDialogue,
    desk: FakeDesk,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = "Zyxwvutsrq"
    for text in (f"hồ sơ của {secret} đâu", f"/{secret}", f'/ask_fee{{"procedure": "{secret}"}}'):
        dialogue.respond(7, text, {"procedure": secret})

    out, err = capfd.readouterr()
    assert secret not in caplog.text + out + err


def test_nothing_of_a_turn_stays_in_memory(dialogue: EmbeddedDialogue, desk: FakeDesk) -> None:
    secret = "Qwertyzxcv"
    dialogue.respond(7, f"hồ sơ của {secret} đâu", {"procedure": secret})
    desk.asked.clear()
    gc.collect()

    kinds = (dict, list, tuple)
    assert not [
        item for item in gc.get_objects() if isinstance(item, kinds) and _quotes(item, secret)
    ]


def _quotes(item: dict[object, object] | list[object] | tuple[object, ...], word: str) -> bool:
    """Whether a text in ``item`` holds ``word`` and more (the bare word is this test's own)."""
    values = list(item.values()) if isinstance(item, dict) else list(item)
    return any(isinstance(value, str) and word in value and value != word for value in values)


@pytest.mark.parametrize(
    "text",
    [
        "cho em hỏi làm khai sinh cho con cần giấy tờ gì",
        "ho so h53.08-261110-0117 dong may dong",
        "ubnd xã mỹ yên ở đâu vậy",
        "bữa nay có tin bão gì ở tân an không",
        "qwrtpsdfg zxcvb",
        "👍",
        "...",
    ],
)
def test_the_parser_without_rasa_understands_the_same(
    dialogue: EmbeddedDialogue, model: Path, text: str
) -> None:
    theirs = dialogue._run(dialogue._understand(text), 10)
    ours = Parser.open(model).parse(text)

    assert ours.intent == theirs["intent"]["name"]
    assert ours.confidence == pytest.approx(theirs["intent"]["confidence"])
    assert [item["name"] for item in ours.ranking] == [
        item["name"] for item in theirs["intent_ranking"]
    ]
    assert ours.entities == [
        {key: item[key] for key in ("entity", "start", "end", "value")}
        for item in theirs["entities"]
    ]


def test_a_missing_model_says_so(tmp_path: Path) -> None:
    with pytest.raises(DialogueUnavailable):
        EmbeddedDialogue(tmp_path / "none.tar.gz")
