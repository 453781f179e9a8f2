"""Which model is current, when one is trained, and the command that shows what it understands."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.nlu import nlu
from bot.nlu.corpus import Phrase, read_corpus
from bot.nlu.fitting import fit_calibrated
from bot.nlu.gate import judge
from bot.nlu.gazetteer import learn
from bot.nlu.intent_model import IntentModel
from bot.nlu.model import (
    Folders,
    ModelSettings,
    current_model,
    fingerprint,
    latest_model,
    model_path,
)
from bot.nlu.parser import FALLBACK, Parser
from bot.nlu.province import known_names, sources_digest
from bot.nlu.report import report
from bot.nlu.words import words_of

SMALL = [
    Phrase(text, intent, entities)
    for intent, texts in {
        "ask_fee": ("làm khai sinh hết bao nhiêu tiền", "phí kết hôn", "khai sinh đóng mấy đồng"),
        "ask_duration": ("khai sinh mấy ngày xong", "kết hôn bao lâu có", "chờ bao nhiêu ngày"),
        "greet": ("xin chào", "chào em", "alo"),
    }.items()
    for text in texts
    for entities in [
        tuple(
            ("procedure", text.index(name), text.index(name) + len(name))
            for name in ("khai sinh", "kết hôn")
            if name in text
        )
    ]
]


@pytest.fixture(scope="module")
def small() -> Parser:
    model = fit_calibrated(SMALL * 2, [("procedure", "sổ đỏ"), ("area", "Xã Mỹ Yên")])
    return Parser(model, model.gazetteer, threshold=0.0)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("config.yml", "bot/core/vietnamese.py", "bot/core/dossiers/codes.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(name, tmp_path / name)
    phrases = tmp_path / "data/nlu/talk/phrases.yml"
    phrases.parent.mkdir(parents=True)
    phrases.write_text("nlu: []", encoding="utf-8")
    return tmp_path


def _settings(root: Path) -> ModelSettings:
    return Folders(root / "models", Path("data/province"))


def test_another_phrase_is_another_model(root: Path) -> None:
    before = fingerprint(Path("data/province"), root)
    assert fingerprint(Path("data/province"), root) == before

    (root / "data/nlu/talk/phrases.yml").write_text("nlu: [1]", encoding="utf-8")

    assert fingerprint(Path("data/province"), root) != before


def test_a_model_counts_only_while_its_sources_stay(root: Path) -> None:
    settings = _settings(root)
    assert current_model(settings, root) is None
    path = model_path(settings, root)
    path.parent.mkdir()
    path.touch()
    assert current_model(settings, root) == path

    (root / "config.yml").write_text("language: vi", encoding="utf-8")

    assert current_model(settings, root) is None
    assert latest_model(settings, root) == path


def test_choosing_a_model_and_parsing_never_import_rasa() -> None:
    code = (
        "import sys, bot.nlu.train, bot.nlu.parser; "
        "from bot.nlu.model import current_model; current_model(bot.nlu.train.Folders()); "
        "heavy = {'rasa', 'tensorflow', 'sklearn', 'rasa_sdk'} & set(sys.modules); "
        "sys.exit(str(heavy) if heavy else 0)"
    )

    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)

    assert done.returncode == 0, done.stderr


def test_a_question_is_the_same_whatever_the_procedure(small: Parser) -> None:
    found = small.parse("sổ đỏ hết bao nhiêu tiền")

    assert found.intent == "ask_fee"
    assert found.entities == [{"entity": "procedure", "start": 0, "end": 5, "value": "sổ đỏ"}]


def test_marks_slips_and_short_forms_do_not_matter(small: Parser) -> None:
    for text in ("so do het bao nhieu tien", "khai sinh het bn tien", "KHAI SINH HẾT BN TIỀN 😵"):
        assert small.parse(text).intent == "ask_fee"


def test_a_dossier_code_is_found_by_its_grammar(small: Parser) -> None:
    found = small.parse("cho hỏi h53.08 – 261110–0117")

    assert found.entities[0]["entity"] == "dossier_code"
    assert found.text[found.entities[0]["start"] :] == "h53.08 – 261110–0117"


def test_digits_never_are_features(small: Parser) -> None:
    first, second = (
        small.parse("phí ngày 12/3 gọi 0912345678"),
        small.parse("phí ngày 1/4 gọi 0387654321"),
    )

    assert first.confidence == second.confidence


def test_an_empty_line_is_not_understood(small: Parser) -> None:
    found = small.parse("   ")

    assert found.ranking == []
    assert json.loads(found.as_json())["entities"] == []


def test_a_payload_is_its_intent(small: Parser) -> None:
    found = small.parse('/ask_fee{"procedure": "1.001193"}')

    assert (found.intent, found.confidence) == ("ask_fee", 1.0)
    assert found.entities[0]["value"] == "1.001193"


def test_a_saved_model_answers_the_same(tmp_path: Path) -> None:
    model = fit_calibrated(SMALL, [])
    model.save(tmp_path)

    again = IntentModel.load(tmp_path)

    words = words_of("khai sinh bao nhiêu tiền")
    assert [name for name, _ in again.rank(words)] == [name for name, _ in model.rank(words)]
    assert again.rank(words)[0][1] == pytest.approx(model.rank(words)[0][1], abs=0.01)


def test_an_area_with_its_kind_is_taken_out_of_the_office() -> None:
    text = "ubnd xã mỹ yên ở đâu"
    names = learn([("office", "ubnd"), ("office", "ubnd xã"), ("area", "Xã Mỹ Yên")], [])

    found = [
        (item.entity, text[item.start : item.end]) for item in names.find(words_of(text), "x")
    ]

    assert found == [("office", "ubnd"), ("area", "xã mỹ yên")]


def test_topics_are_looked_for_in_announcements_only() -> None:
    names = learn([("topic", "bão")], [])

    assert names.find(words_of("tin bão"), "ask_announcements")
    assert not names.find(words_of("tin bão"), "ask_fee")


def test_the_provinces_tables_give_names_without_generic_words() -> None:
    names = set(known_names(Path("data/province")))

    assert ("procedure", "khai sinh") in names
    assert {"procedure", "field", "topic", "area"} <= {entity for entity, _ in names}


def test_marked_names_of_the_phrases_stand_where_they_say() -> None:
    phrases = read_corpus(Path("data/nlu"))

    assert len(phrases) > 1000
    assert all("](" not in phrase.text for phrase in phrases)
    assert {name for phrase in phrases for name, _, _ in phrase.entities} <= {
        "procedure", "dossier_code", "field", "topic", "area", "office",
    }  # fmt: skip


def test_not_understanding_what_is_out_of_scope_is_right(small: Parser) -> None:
    silent = Parser(small._model, small._gazetteer, threshold=1.1)
    rows = [
        {"text": "trời đẹp", "intent": "out_of_scope", "way": "short"},
        {"text": "phí", "intent": "ask_fee", "way": "short"},
    ]

    judged = judge(silent, rows)

    assert [item.understood for item in judged] == [FALLBACK, FALLBACK]
    assert [item.is_right for item in judged] == [True, False]
    assert "one to three words" in report({"all": judged})


def test_the_parse_command_writes_one_object_per_line(
    small: Parser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = tmp_path / "model.tar.gz"
    monkeypatch.setattr("bot.cli.nlu.latest_model", lambda settings: model)
    monkeypatch.setattr("bot.cli.nlu.Parser.open", lambda path: small)

    done = CliRunner().invoke(nlu, ["parse"], input="xin chào\n\nphí kết hôn\n".encode())

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["text"] for line in lines] == ["xin chào", "", "phí kết hôn"]
    assert set(lines[0]) == {"text", "intent", "confidence", "ranking", "entities"}


def test_rasas_cache_is_told_when_a_table_changes(tmp_path: Path) -> None:
    before = sources_digest(tmp_path)

    (tmp_path / "areas.csv").write_text("name", encoding="utf-8")

    assert sources_digest(tmp_path) != before
    assert sources_digest(tmp_path / "nowhere") == sources_digest()
