"""The worker changes its model between two turns; a model that fails changes nothing."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from bot.core.desk import Desk
from bot.core.errors import DialogueUnavailable
from bot.core.messages import Reply, Turn
from bot.nlu import shelf
from bot.settings import Settings
from bot.wiring.worker import ModelKeeper, SwitchableDialogue, keep_model


class FakeDialogue:
    """Answers its own name; a turn may be held up."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()
        self.closed = False

    def respond(self, citizen_id, text, context):
        self.asked.set()
        self.go_on.wait(10)
        if self.closed:
            raise DialogueUnavailable("closed under a running turn")
        return Turn((Reply(self.name),))

    def close(self):
        self.closed = True


class Models:
    """The models on the shelf and what became of them."""

    def __init__(self, *names: str) -> None:
        self.names = list(names)
        self.broken: set[str] = set()
        self.loaded: list[FakeDialogue] = []
        self.tried: list[str] = []

    def load(self, name: str) -> FakeDialogue:
        self.tried.append(name)
        if name in self.broken:
            raise DialogueUnavailable("broken")
        self.loaded.append(FakeDialogue(name))
        return self.loaded[-1]


@pytest.fixture
def dialogue():
    return SwitchableDialogue(patience=10)


def keeper(dialogue, models):
    return ModelKeeper(dialogue, lambda: models.names, models.load)


def answer(dialogue):
    return dialogue.respond(1, "xin chào", {}).replies[0].text


def test_a_new_model_takes_over_and_the_old_one_is_closed(dialogue):
    models = Models("a")
    keep = keeper(dialogue, models)
    keep.step()
    assert answer(dialogue) == "a"

    models.names = ["b", "a"]
    keep.step()
    keep.step()

    assert answer(dialogue) == "b"
    assert [item.closed for item in models.loaded] == [True, False]
    assert models.tried == ["a", "b"]


def test_a_running_turn_ends_with_the_model_it_began_with(dialogue):
    models = Models("a")
    keep = keeper(dialogue, models)
    keep.step()
    models.loaded[0].go_on.clear()
    said: list[str] = []
    turn = threading.Thread(target=lambda: said.append(answer(dialogue)))
    turn.start()
    models.loaded[0].asked.wait(10)

    models.names = ["b"]
    swap = threading.Thread(target=keep.step)
    swap.start()
    deadline = time.monotonic() + 10
    while dialogue._held.dialogue.name != "b" and time.monotonic() < deadline:
        pass  # until the new one is in place; the old turn still runs
    assert answer(dialogue) == "b"
    assert not models.loaded[0].closed

    models.loaded[0].go_on.set()
    turn.join(10)
    swap.join(10)

    assert said == ["a"]
    assert models.loaded[0].closed


def test_a_model_that_fails_changes_nothing_and_is_not_tried_at_every_look(dialogue, caplog):
    models = Models("a")
    keep = keeper(dialogue, models)
    keep.step()
    models.names, models.broken = ["b", "a"], {"b"}

    for _ in range(5):
        keep.step()

    assert answer(dialogue) == "a"
    assert models.tried == ["a", "b"]
    assert "event=model_not_loaded model=b reason=broken answers=a" in caplog.text

    for _ in range(40):
        keep.step()
    assert models.tried == ["a", "b", "b"]


def test_a_mended_file_is_tried_at_once(dialogue):
    models = Models("a")
    keep = keeper(dialogue, models)
    keep.step()
    models.names, models.broken = ["b@1", "a"], {"b@1"}
    keep.step()

    models.names = ["b@2", "a"]
    keep.step()

    assert answer(dialogue) == "b@2"


def test_with_none_loaded_the_earlier_model_answers(dialogue):
    models = Models("b", "a")
    models.broken = {"b"}

    keeper(dialogue, models).step()

    assert answer(dialogue) == "a"


def test_without_a_model_texts_are_refused_until_one_comes(dialogue):
    models = Models()
    keep = keeper(dialogue, models)
    keep.step()
    with pytest.raises(DialogueUnavailable):
        answer(dialogue)

    models.names = ["a"]
    keep.step()

    assert answer(dialogue) == "a"


def test_no_turn_fails_while_models_come_and_go(dialogue):
    models = Models("0")
    keep = keeper(dialogue, models)
    keep.step()
    said: list[str] = []
    done = threading.Event()

    def talk():
        while not done.is_set():
            said.append(answer(dialogue))

    lanes = [threading.Thread(target=talk) for _ in range(4)]
    for lane in lanes:
        lane.start()
    for number in range(1, 60):
        models.names = [str(number)]
        keep.step()
    done.set()
    for lane in lanes:
        lane.join(10)

    assert answer(dialogue) == "59"
    assert all(item.closed for item in models.loaded[:-1])


def test_the_shelf_says_which_model_is_wanted(tmp_path: Path, monkeypatch):
    for name in ("motcua-a.tar.gz", "motcua-b.tar.gz"):
        (tmp_path / name).touch()
    loaded: list[str] = []
    monkeypatch.setattr(
        "bot.wiring.worker._embedded",
        lambda model, desk: loaded.append(model.name) or FakeDialogue(model.name),
    )
    desk = Desk({}, lambda: None)  # type: ignore[arg-type, return-value]
    keep = keep_model(Settings(model_dir=tmp_path), desk, SwitchableDialogue())
    shelf.restore(tmp_path, "motcua-a")
    keep.step()

    shelf.restore(tmp_path, "motcua-b")
    keep.step()
    keep.step()

    assert loaded == ["motcua-a.tar.gz", "motcua-b.tar.gz"]
