"""Plays every written conversation through the whole desk: page API or webhook, model, store."""

from __future__ import annotations

import io
import itertools
import re
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image, ImageFilter

from tests.desk_process import Chat, RunningDesk
from tests.receipts import a_receipt
from tests.simulator import Simulator

HERE = Path(__file__).parent
Say = Callable[[Any], list[dict[str, Any]]]
NUMBERED = re.compile(r"^(\d+)\. (.+)$", re.MULTILINE)
_people = itertools.count(1)


def transcripts() -> Iterator[Any]:
    for path in sorted(HERE.glob("*.yml")):
        for talk in yaml.safe_load(path.read_text(encoding="utf-8")):
            for channel in talk.get("channels", ["web", "zalo"]):
                yield pytest.param(talk, channel, id=f"{path.stem}: {talk['title']} ({channel})")


@pytest.mark.parametrize(("talk", "channel"), transcripts())
def test_transcript(
    talk: dict[str, Any], channel: str, desk: RunningDesk, zalo: Simulator
) -> None:
    ways = {"web": lambda: on_the_page(desk), "zalo": lambda: on_zalo(zalo)}
    say = ways.get(channel, lambda: on_the_bot(zalo))()
    answers: list[dict[str, Any]] = []
    for line in talk["talk"]:
        if "citizen" in line:
            answers = say(line["citizen"])
            continue
        whole = "\n".join(answer["text"] for answer in answers)
        check(line["bot"], whole, answers)


def test_every_way_of_writing_is_played() -> None:
    talks = yaml.safe_load((HERE / "understanding.yml").read_text(encoding="utf-8"))

    assert {way for talk in talks for way in talk["ways"]} == {
        "standard", "no_marks", "teencode", "typo", "dialect", "short", "story", "coded", "noisy",
    }  # fmt: skip


def check(expected: Any, whole: str, answers: list[dict[str, Any]]) -> None:
    """Compare one line of the transcript with what the desk said."""
    wanted = {"contains": expected} if isinstance(expected, str) else expected
    for text in as_list(wanted.get("contains")):
        assert nfc(text) in nfc(whole), whole
    for text in as_list(wanted.get("lacks")):
        assert nfc(text) not in nfc(whole), whole
    titles = [button["title"] for answer in answers for button in answer.get("buttons", ())]
    for title in as_list(wanted.get("button")):
        assert title in titles, titles
    if "silent" in wanted:
        assert not answers


def on_the_page(desk: RunningDesk) -> Say:
    chat = Chat(desk.url)

    def say(what: Any) -> list[dict[str, Any]]:
        if isinstance(what, str):
            return chat.say(what)
        if "photo" in what:
            return chat.show(picture(what["photo"]))
        return chat.say(payload_of(chat.messages(), what["press"]))

    return say


def payload_of(messages: list[dict[str, Any]], title: str) -> str:
    """Return the payload of the newest button with this title."""
    buttons = [button for message in messages for button in message.get("buttons", ())]
    return next(str(item["payload"]) for item in reversed(buttons) if item["title"] == title)


def on_zalo(zalo: Simulator) -> Say:
    person = f"20000000000000{next(_people):05d}"

    def say(what: Any) -> list[dict[str, Any]]:
        before = len(zalo.sent_to(person))
        if isinstance(what, str):
            zalo.citizen_says(person, what)
        elif "photo" in what:
            zalo.citizen_sends_photo(person, picture(what["photo"]))
        else:
            zalo.citizen_presses(person, what["press"])
        sent = all_answers(zalo, person, before)
        return [{"text": item.text, "buttons": list(item.buttons)} for item in sent[before:]]

    return say


def on_the_bot(zalo: Simulator) -> Say:
    person = f"20000000000000{next(_people):05d}"
    numbers: dict[str, str] = {}

    def say(what: Any) -> list[dict[str, Any]]:
        before = len(zalo.bot.sent_to(person))
        if isinstance(what, str):
            zalo.bot.says(person, what)
        elif "photo" in what:
            zalo.bot.sends_photo(person, zalo.add_media(picture(what["photo"])))
        else:
            zalo.bot.says(person, numbers[what["press"]])
        sent = settled(lambda: zalo.bot.sent_to(person), before)[before:]
        texts = [str(item.values.get("text", "")) for item in sent]
        numbers.clear()
        numbers.update({title: n for text in texts for n, title in NUMBERED.findall(text)})
        return [
            {"text": text, "buttons": [{"title": title} for _, title in NUMBERED.findall(text)]}
            for text in texts
        ]

    return say


def all_answers(zalo: Simulator, person: str, before: int) -> list[Any]:
    """Return everything sent so far, once an answer came and no more follow."""
    return settled(lambda: zalo.sent_to(person), before)


def settled(sent_to: Callable[[], list[Any]], before: int) -> list[Any]:
    """Return what was sent, once there is more than ``before`` and no more follows."""
    deadline = time.monotonic() + 20
    while len(sent_to()) <= before and time.monotonic() < deadline:
        time.sleep(0.05)
    sent = sent_to()
    while True:
        time.sleep(0.4)  # parts of one answer come within milliseconds
        more = sent_to()
        if len(more) == len(sent):
            return more
        sent = more


def picture(code: str) -> bytes:
    """Return a phone's photo of the receipt with this code: turned, soft and compressed."""
    page = Image.open(io.BytesIO(a_receipt(code))).convert("RGB")
    turned = page.rotate(7, expand=True, fillcolor=(96, 96, 96), resample=Image.Resampling.BICUBIC)
    soft = turned.filter(ImageFilter.GaussianBlur(1.2))
    photo = io.BytesIO()
    soft.save(photo, "JPEG", quality=55)
    return photo.getvalue()


def as_list(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
