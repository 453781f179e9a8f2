"""The worker changes models while citizens write: every message is answered."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest

from bot.nlu import shelf
from bot.nlu.model import Folders, latest_model
from tests.desk_process import Chat, RunningDesk, running_desk

CITIZENS = 3
SWAPS = 2


@pytest.mark.slow
def test_models_change_under_talking_citizens_and_a_broken_one_changes_nothing(
    tmp_path: Path,
) -> None:
    models = tmp_path / "models"
    two_models(models)
    with running_desk(tmp_path, {"MOTCUA_MODEL_DIR": models}) as desk:
        done = threading.Event()
        answers: list[list[str]] = [[] for _ in range(CITIZENS)]
        talks = [
            threading.Thread(target=talk, args=[Chat(desk.url), said, done]) for said in answers
        ]
        for each in talks:
            each.start()
        for swap in range(1, SWAPS + 1):
            assert desk.flask("nlu", "restore").returncode == 0
            wait_for(desk, "event=model_swapped", swap)
        (models / "motcua-bad.tar.gz").write_bytes(b"no model")
        shelf.change(models, lambda record: record.with_first(shelf.Accepted("motcua-bad.tar.gz")))
        wait_for(desk, "event=model_not_loaded", 1)
        time.sleep(1)
        done.set()
        for each in talks:
            each.join(30)

        told = [text for said in answers for text in said]
        assert len(told) > SWAPS * CITIZENS
        assert all("phí" in text.lower() for text in told)
        assert "turn_failed" not in desk.log("worker")
        assert "dialogue_unavailable" not in desk.log("worker")


def two_models(folder: Path) -> None:
    model = latest_model(Folders())
    assert model is not None, "no model: run `make train`"
    folder.mkdir()
    for name in ("motcua-a.tar.gz", "motcua-b.tar.gz"):
        shutil.copy(model, folder / name)


def talk(chat: Chat, said: list[str], done: threading.Event) -> None:
    while not done.is_set():
        entries = chat.say("đăng ký khai sinh phí bao nhiêu vậy em")
        said.append(" ".join(entry["text"] for entry in entries))
        time.sleep(0.1)


def wait_for(desk: RunningDesk, event: str, times: int) -> None:
    deadline = time.monotonic() + 60
    while desk.log("worker").count(event) < times:
        assert time.monotonic() < deadline, desk.log("worker")[-1500:]
        time.sleep(0.2)
