"""A stock Rasa server behind the Dialogue protocol."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from bot.core.errors import DialogueUnavailable
from bot.core.messages import Button, Reply
from bot.dialogue.rest import RestDialogue, merged
from bot.dialogue.speech import replies_and_effects
from tests.adapters.nlu_model import model_for_tests

_FAKE_ACTION = """
from rasa_sdk import Action
from rasa_sdk.events import SlotSet

class Greet(Action):
    def name(self):
        return "action_greet"

    def run(self, dispatcher, tracker, domain):
        text = f"one\\n\\n{tracker.sender_id} {tracker.get_slot('area')}"
        buttons = [{"title": "B", "payload": "https://example.org", "url": "https://example.org"}]
        ours = {"motcua": {"meta": {"notice_id": 3}, "effects": [{"effect": "stop"}]}}
        dispatcher.utter_message(text="first\\n\\nbubble", json_message={"motcua": {}})
        dispatcher.utter_message(text=text, buttons=buttons, json_message=ours)
        return [SlotSet("field", "land"), SlotSet("area", None)]
"""


def test_torn_messages_are_put_together() -> None:
    pieces = [
        {"recipient_id": "7", "text": "one"},
        {"recipient_id": "7", "text": "two"},
        {"recipient_id": "7", "custom": {"motcua": {"meta": {"notice_id": 1}}}},
        {"recipient_id": "7", "text": "three", "buttons": [{"title": "A", "payload": "/a"}]},
        {"recipient_id": "7", "custom": {"motcua": {"effects": [{"effect": "stop"}]}}},
    ]

    replies, effects = replies_and_effects(merged(pieces))

    assert replies == (
        Reply("one\n\ntwo", meta={"notice_id": 1}),
        Reply("three", (Button("A", payload="/a"),)),
    )
    assert effects == ({"effect": "stop"},)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(DialogueUnavailable):
        RestDialogue(f"http://127.0.0.1:{_free_port()}", timeout=2).respond(7, "x", {})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("rest")
    model = model_for_tests(folder)
    package = folder / "fake_actions"
    package.mkdir()
    (package / "__init__.py").write_text(_FAKE_ACTION, encoding="utf-8")
    port, action_port = _free_port(), _free_port()
    endpoints = folder / "endpoints.yml"
    endpoints.write_text(f"action_endpoint:\n  url: http://127.0.0.1:{action_port}/webhook\n")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(Path.cwd()), str(folder))),
        "RASA_TELEMETRY_ENABLED": "false",
    }
    commands = (
        ["run", "actions", "--actions", "fake_actions", "-p", str(action_port)],
        ["run", "--enable-api", "-i", "127.0.0.1", "-p", str(port), "-m", str(model),
         "--endpoints", str(endpoints), "--credentials", "credentials.yml"],
    )  # fmt: skip
    with (folder / "log.txt").open("wb") as log:
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "rasa", *command], env=environment, stdout=log, stderr=log
            )
            for command in commands
        ]
        try:
            _wait_for(f"http://127.0.0.1:{port}/status")
            _wait_for(f"http://127.0.0.1:{action_port}/health")
            yield f"http://127.0.0.1:{port}"
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait(timeout=30)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_stock_server_answers_like_the_embedded_one(server: str) -> None:
    dialogue = RestDialogue(server, timeout=30)

    turn = dialogue.respond(7, "/greet", {"area": "xa-my-yen", "procedure": "1.001193"})

    buttons = (Button("B", url="https://example.org"),)
    assert turn.replies == (
        Reply("first\n\nbubble"),
        Reply("one\n\n7 xa-my-yen", buttons, meta={"notice_id": 3}),
    )
    assert turn.context == {"procedure": "1.001193", "field": "land"}
    assert turn.effects == ({"effect": "stop"},)
    assert turn.intent == "greet"

    again = dialogue.respond(7, "tạm biệt nhé", {})
    assert again.intent == "goodbye"
    assert again.context == {}

    left = requests.get(f"{server}/conversations/7/tracker?include_events=ALL", timeout=10).json()
    assert [event["event"] for event in left["events"]] == ["restart"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str) -> None:
    ends_at = time.monotonic() + 120
    while time.monotonic() < ends_at:
        try:
            if requests.get(address, timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.5)
    raise AssertionError("the Rasa server did not come up")
