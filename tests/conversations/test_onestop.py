"""The whole desk joined to a one-stop system that falls silent and comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.conversations.test_without_language_model import said, wait_until_it_listens
from tests.desk_process import Chat, RunningDesk, running_desk
from tests.onestop import OneStop
from tests.onestop.world import CLIENT

CODE = "H39.21-261102-0301"
LATER = "H39.21-261112-0304"
SILENT = "đang không trả lời"
PLANTED = ("Mơ Ước", "0912345678", "mo.uoc", "080190012345", "Ngọc Lam", "0933111222", CLIENT[1])


@pytest.fixture(scope="module")
def system() -> Iterator[OneStop]:
    with OneStop() as running:
        yield running


@pytest.fixture(scope="module")
def desk(system: OneStop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk without a language model: codes are answered all the same."""
    folder = tmp_path_factory.mktemp("onestop")
    settings = {
        "MOTCUA_MODEL_DIR": folder / "none",
        "MOTCUA_DOSSIER_SOURCES": "onestop register",
        "MOTCUA_ONESTOP_URL": system.url,
        "MOTCUA_ONESTOP_TOKEN_URL": system.token_url,
        "MOTCUA_ONESTOP_CLIENT_ID": CLIENT[0],
        "MOTCUA_ONESTOP_CLIENT_SECRET": CLIENT[1],
        "MOTCUA_ONESTOP_FRESH_SECONDS": "1",
        "MOTCUA_ONESTOP_TIMEOUT": "1",
    }
    with running_desk(folder, settings, start=False) as running:
        running.start("web")
        running.start("worker")
        wait_until_it_listens(running)
        yield running


def until(words: str, ask: Callable[[], str]) -> str:
    """Ask again until the answer holds the words: a rest of the source may be under way."""
    deadline = time.monotonic() + 60
    while words not in (text := ask()) and time.monotonic() < deadline:
        time.sleep(0.5)
    return text


def test_a_system_goes_and_comes_back(system: OneStop, desk: RunningDesk) -> None:
    chat = Chat(desk.url)

    def ask(code: str = CODE) -> str:
        return said(chat.say(code.lower()))

    assert "đang được giải quyết" in ask()

    for mood in ("down", "hang", "html", "half"):
        system.feel(mood)
        known, unknown = until(SILENT, ask), ask(LATER)
        assert "đang được giải quyết" in known
        assert SILENT in known
        assert SILENT in unknown
        assert "0272 000 1022" in unknown

    system.feel("well")
    system.world.move(CODE, 9)
    text = until("đã có kết quả", ask)
    assert "đã có kết quả" in text
    assert SILENT not in text

    desk.kill("worker")
    system.feel("down")
    desk.start("worker")
    text = until(SILENT, ask)
    assert "đã có kết quả" in text
    assert SILENT in text


def test_nothing_personal_is_anywhere_after_that(desk: RunningDesk) -> None:
    desk.stop()
    files = [path for path in desk.data_dir.iterdir() if path.is_file()]

    assert "known.db" in {path.name for path in files}
    for path in files:
        text = path.read_bytes().decode(errors="ignore")
        assert not [word for word in PLANTED if word in text], path.name
