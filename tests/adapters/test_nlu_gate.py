"""A new model replaces the old one only if the floors hold; the old one can be had again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.nlu import gate, shelf
from bot.nlu import train as training
from bot.nlu.evaluate import Judged
from bot.nlu.model import Folders, latest_model, model_path
from bot.nlu.parser import FALLBACK
from bot.nlu.train import REFUSED, ModelRefused, ensure_model, main

FLOORS = {"all": 0.75, "each_way": 0.5, "out_of_scope_with_a_topic": 0.5}


class Workshop:
    """A model folder with a training that costs nothing, sources that change by number, and a
    gate that says how good the next model is."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.models = folder / "models"
        self.folders = Folders(self.models, Path("data/province"), folder / "evaluation")
        self.sources, self.share, self.trained, self.judged = 1, 1.0, 0, 0
        self.said: list[str] = []
        self.folders.evaluation_dir.mkdir()
        self.set_floors(FLOORS)
        (self.folders.evaluation_dir / gate.PHRASES).write_text("text,intent,way\na,b,c\n")
        monkeypatch.setattr(training, "_train", self._train)
        monkeypatch.setattr("bot.nlu.model.fingerprint", lambda *_: f"{self.sources:012d}")
        monkeypatch.setattr(gate.Parser, "open", lambda path: path)
        monkeypatch.setattr(gate, "judge", self._judge)

    def set_floors(self, floors: object) -> None:
        (self.folders.evaluation_dir / gate.FLOORS).write_text(json.dumps(floors))

    def make(self, **options: bool) -> Path:
        return ensure_model(self.folders, say=self.said.append, **options)

    def name(self, sources: int) -> str:
        return f"motcua-{sources:012d}.tar.gz"

    def answering(self) -> str:
        path = latest_model(self.folders)
        return path.name if path else ""

    def _train(self, folder: Path, name: str) -> Path:
        self.trained += 1
        (folder / name).write_text(f"training {self.trained}")
        return folder / name

    def _judge(self, parser: object, rows: list[dict[str, str]]) -> list[Judged]:
        self.judged += 1
        right = round(self.share * 100)
        return [a_judged("ask_fee" if n < right else "greet") for n in range(100)]


def a_judged(understood: str, meant: str = "ask_fee", way: str = "short") -> Judged:
    return Judged("phí", meant, way, understood, 0.9)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    return Workshop(tmp_path, monkeypatch)


def test_a_model_that_holds_the_floors_answers_and_the_one_before_stays(shop: Workshop) -> None:
    shop.make()
    shop.sources = 2

    assert shop.make() == model_path(shop.folders)

    assert shop.answering() == shop.name(2)
    assert [path.name for path in shelf.usable(shop.models)] == [shop.name(2), shop.name(1)]
    assert shelf.read(shop.models).accepted[0].figures["all"] == 1.0


def test_a_second_start_neither_trains_nor_judges(shop: Workshop) -> None:
    shop.make()
    shop.make()

    assert (shop.trained, shop.judged) == (1, 1)


def test_a_model_below_the_floors_is_refused_and_not_trained_again(shop: Workshop) -> None:
    shop.make()
    shop.sources, shop.share = 2, 0.6

    for _ in range(3):
        with pytest.raises(ModelRefused, match=r"does not hold all\. .*1\.tar\.gz keeps answer"):
            shop.make()

    assert shop.answering() == shop.name(1)
    assert (shop.trained, shop.judged) == (2, 2)
    assert any("60.0%   at least 75.0%   NOT HELD" in line for line in shop.said)


def test_mended_phrases_are_a_new_chance(shop: Workshop) -> None:
    shop.make()
    shop.sources, shop.share = 2, 0.6
    with pytest.raises(ModelRefused):
        shop.make()

    shop.sources, shop.share = 3, 0.9
    shop.make()

    assert shop.answering() == shop.name(3)
    assert shelf.read(shop.models).refused is None
    assert not list(shop.models.glob("refused-*"))


def test_other_floors_judge_a_refused_model_again_without_training(shop: Workshop) -> None:
    shop.make()
    shop.sources, shop.share = 2, 0.6
    with pytest.raises(ModelRefused):
        shop.make()

    shop.set_floors({"all": 0.5})
    shop.make()

    assert shop.answering() == shop.name(2)
    assert (shop.trained, shop.judged) == (2, 3)


def test_a_refused_model_is_taken_when_asked_without_training_again(shop: Workshop) -> None:
    shop.make()
    shop.sources, shop.share = 2, 0.6
    with pytest.raises(ModelRefused):
        shop.make()

    shop.make(force_accept=True)

    assert shop.answering() == shop.name(2)
    assert shop.trained == 2
    assert shelf.read(shop.models).accepted[0].note == "below the floors"


def test_the_first_model_is_taken_with_a_warning(shop: Workshop) -> None:
    shop.share = 0.1

    shop.make()

    assert shop.answering() == shop.name(1)
    assert any(line.startswith("WARNING") for line in shop.said)


def test_a_forced_training_that_fails_leaves_the_model_of_the_same_sources(shop: Workshop) -> None:
    before = shop.make().read_text()
    shop.share = 0.1

    with pytest.raises(ModelRefused):
        shop.make(force=True)

    assert shop.make().read_text() == before


def test_without_phrases_a_model_is_taken_unjudged(shop: Workshop) -> None:
    (shop.folders.evaluation_dir / gate.PHRASES).unlink()

    shop.make()

    assert shelf.read(shop.models).accepted[0].note == "not judged"
    assert any("not judged" in line for line in shop.said)


@pytest.mark.parametrize("floors", ["not json", "[1]"])
def test_floors_nobody_can_read_stop_the_training_with_a_sentence(
    shop: Workshop, floors: str
) -> None:
    (shop.folders.evaluation_dir / gate.FLOORS).write_text(floors)

    with pytest.raises(gate.BadEvaluation, match=r"floors\.json"):
        shop.make()


def test_a_restored_model_answers_until_another_training_is_accepted(shop: Workshop) -> None:
    shop.make()
    shop.sources = 2
    shop.make()

    assert shelf.restore(shop.models).name == shop.name(1)
    assert shop.make().name == shop.name(1)  # the next start
    assert shop.answering() == shop.name(1)

    shop.sources = 3
    shop.make()
    assert shop.answering() == shop.name(3)
    assert not shelf.read(shop.models).pinned


def test_phrases_put_back_bring_their_model_back_without_training(shop: Workshop) -> None:
    shop.make()
    shop.sources = 2
    shop.make()
    shop.sources = 1

    shop.make()

    assert shop.answering() == shop.name(1)
    assert shop.trained == 2


def test_only_a_few_models_are_kept(shop: Workshop) -> None:
    for shop.sources in range(1, 7):
        shop.make()

    names = sorted(path.name for path in shop.models.glob("*.tar.gz"))
    assert names == [shop.name(4), shop.name(5), shop.name(6)]


def test_models_from_before_the_record_can_be_restored(shop: Workshop) -> None:
    shop.models.mkdir()
    (shop.models / "motcua-old.tar.gz").touch()
    shop.make()

    assert shelf.restore(shop.models).name == "motcua-old.tar.gz"


def test_there_is_nothing_to_restore_but_what_is_there(shop: Workshop) -> None:
    shop.make()

    with pytest.raises(LookupError):
        shelf.restore(shop.models)
    with pytest.raises(LookupError, match="motcua-x"):
        shelf.restore(shop.models, "motcua-x")


def test_a_damaged_record_leaves_the_newest_model_answering(shop: Workshop) -> None:
    shop.make()
    (shop.models / "record.json").write_text('{"accepted": [{"x": 1}]}')

    assert shop.answering() == shop.name(1)


def test_the_command_says_by_its_exit_status_what_became_of_the_model(
    shop: Workshop, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--models", str(shop.models), "--evaluation", str(shop.folders.evaluation_dir)]
    assert main(words) == 0
    shop.sources, shop.share = 2, 0.6

    assert main(words) == REFUSED
    assert "--force-accept" in capsys.readouterr().err
    assert main([*words, "--restore"]) == 2
    assert main([*words, "--force-accept"]) == 0
    assert main([*words, "--restore"]) == 0
    assert shop.answering() == shop.name(1)


def test_the_figures_are_counted_as_the_floors_mean_them() -> None:
    judged = [
        *(a_judged("ask_fee") for _ in range(8)),
        a_judged("greet", way="slip"),
        a_judged("ask_fee", way="slip"),
        a_judged(FALLBACK, meant="out_of_scope"),
        a_judged("ask_fee", meant="out_of_scope"),
    ]

    found = gate.verdict(judged, {**FLOORS, "each_intent": 0.9})

    assert found.figures["all"] == pytest.approx(10 / 12)
    assert found.figures["each_way"] == 0.5
    assert found.figures["out_of_scope_with_a_topic"] == 0.5
    assert found.failures == ()
    assert found.unknown == ("each_intent",)
    assert gate.verdict(judged, {"out_of_scope_with_a_topic": 0.4}).failures
