"""Callers who mean harm: borrowed cookies, lines that never hang up, a registry gone missing."""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from bot.core.errors import SourceUnavailable
from bot.core.messages import Reply
from bot.settings import Settings
from bot.web.serving import STALLED, _let_go, limit_stalls, worth_a_line
from bot.web.sessions import COOKIE
from server import create_app
from tests.adapters.web_parts import Parts, Talker, answer_all, some_parts, web_app


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    made = some_parts(tmp_path)
    yield made
    made.store.close()


@pytest.mark.parametrize("other", ["Basic YTpi", "", "Digest x"])
def test_another_kind_of_authorization_does_not_open_the_cookie_to_foreign_pages(
    parts: Parts, other: str
) -> None:
    talker = Talker(web_app(parts))
    browser = talker.client()
    browser.set_cookie(COOKIE, talker.token)

    answer = browser.post(
        "/chat/api/messages",
        json={"text": "xin chào"},
        headers={"Origin": "https://evil.example", "Authorization": other},
    )

    assert answer.status_code == 403


def test_a_talk_can_be_read_while_the_registry_is_away(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    talker = Talker(web_app(parts))
    talker.say('/ask_fee{"procedure": "1.001193"}')
    answer_all(parts, Reply("Dạ, miễn phí."))

    def away(code: str) -> Any:
        raise SourceUnavailable

    monkeypatch.setattr(parts.catalogue, "find", away, raising=False)

    asked, answered = talker.messages()
    assert asked["meta"]["payload"] == '/ask_fee{"procedure": "1.001193"}'
    assert answered["text"] == "Dạ, miễn phí."


def test_lines_on_which_nothing_moves_are_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        limit_stalls(listener)
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
                    size = struct.calcsize("ll")
                    limit = accepted.getsockopt(socket.SOL_SOCKET, option, size)
                    assert struct.unpack("ll", limit) == (STALLED, 0)


def test_after_letting_go_nobody_waits_for_the_caller_again() -> None:
    ours, caller = socket.socketpair()
    with ours, caller:
        caller.shutdown(socket.SHUT_WR)
        _let_go(ours)

        assert caller.recv(1) == b""
        assert ours.recv(1) == b""  # at once: this is what the accepting thread will do


def test_a_stalled_caller_is_no_news() -> None:
    def record(error: Exception) -> logging.LogRecord:
        info = (type(error), error, None)
        return logging.LogRecord("gunicorn.error", logging.ERROR, "", 0, "Socket error", (), info)

    assert not worth_a_line(record(BlockingIOError()))
    assert worth_a_line(record(OSError()))


def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    taken = tmp_path / "file"
    taken.write_text("not a folder")

    with pytest.raises(click.ClickException, match="MOTCUA_DATA_DIR"):
        create_app(Settings(data_dir=taken))
