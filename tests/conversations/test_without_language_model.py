"""With the model missing the desk still answers codes, photos, buttons, menu and STOP."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from tests.conversations.test_transcripts import picture
from tests.desk_process import Chat, RunningDesk, running_desk

CODE = "000.00.19.H39-260915-0001"


@pytest.fixture(scope="module")
def mute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk whose model folder is empty."""
    folder = tmp_path_factory.mktemp("mute")
    with running_desk(folder, {"MOTCUA_MODEL_DIR": str(folder / "none")}, start=False) as desk:
        desk.start("web")
        desk.start("worker")
        wait_until_it_listens(desk)
        yield desk


def wait_until_it_listens(desk: RunningDesk) -> None:
    """Wait for the web process; the desk as a whole never gets ready without its model."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if requests.get(f"{desk.url}/healthz", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise TimeoutError(desk.log("web"))


@pytest.fixture
def chat(mute: RunningDesk) -> Chat:
    return Chat(mute.url)


def said(messages: list[dict[str, str]]) -> str:
    return "\n".join(message["text"] for message in messages)


def test_what_needs_no_language_is_answered(chat: Chat) -> None:
    assert "đang được giải quyết" in said(chat.say(f"hs {CODE.lower()} sao roi"))
    assert CODE in said(chat.show(picture(CODE)))
    assert "lĩnh vực" in said(chat.say("/list_services"))
    assert "giúp được các việc" in said(chat.say("menu"))
    assert "không tự gửi tin" in said(chat.say("STOP"))
    assert "0272 000 1022" in said(chat.say("cho gặp cán bộ"))


def test_free_text_gets_an_honest_sentence(chat: Chat) -> None:
    assert "chưa trả lời được câu này" in said(chat.say("làm khai sinh cần giấy gì"))


def test_the_desk_says_that_it_is_not_whole(mute: RunningDesk) -> None:
    answer = requests.get(f"{mute.url}/readyz", timeout=5)

    assert answer.status_code == 503
    assert answer.json()["ready"] is False
