"""Staff read what the desk was unsure of and take it along as phrases."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from bot.cli.nlu import nlu
from bot.nlu import shelf
from bot.nlu.corpus import read_corpus
from bot.store import open_store
from bot.wiring.desk import utc_now
from tests.contract.store_builders import talk
from tests.contract.test_store_review import an_effect


@pytest.fixture
def store(tmp_path):
    made = open_store(f"sqlite:///{tmp_path / 'motcua.db'}")
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def run(tmp_path):
    def run_it(*words, answer=None):
        environ = {
            "MOTCUA_DATA_DIR": str(tmp_path),
            "MOTCUA_MODEL_DIR": str(tmp_path / "models"),
            "MOTCUA_DATABASE_URL": "",
        }
        runner = CliRunner(env=environ)
        return runner.invoke(nlu, [str(word) for word in words], input=answer)

    return run_it


@pytest.fixture
def noted(store):
    effects = (
        an_effect("phí <số> bao nhiêu"),
        an_effect("cái giấy kia đâu", reason="picked", picked="lookup_dossier"),
        an_effect("- [x](procedure) {y}", guessed="ask_fee"),
        an_effect("blop", guessed="nlu_fallback"),
    )
    return talk(store, effects=effects, now=utc_now())


def test_the_list_shows_reason_count_guess_and_choice(run, noted):
    shown = run("review").output.splitlines()

    assert len(shown) == 5
    assert any(
        line.startswith("picked") and "lookup_dossier" in line and "cái giấy kia đâu" in line
        for line in shown
    )


def test_an_empty_list_says_so(run, store):
    assert "Nothing to review" in run("review", "--since", "7d").output


def test_phrases_are_written_under_the_intent_meant_and_can_be_trained_on(run, noted, tmp_path):
    path = tmp_path / "out" / "phrases.yml"
    path.parent.mkdir()

    result = run("review", "--export", path)

    assert result.exit_code == 0, result.output
    text = path.read_text(encoding="utf-8")
    assert yaml.safe_load(text)["version"] == "3.1"
    assert {(phrase.text, phrase.intent) for phrase in read_corpus(path.parent)} == {
        ("phí <số> bao nhiêu", "ask_fee"),
        ("cái giấy kia đâu", "lookup_dossier"),
        ("(x)(procedure) (y)", "ask_fee"),
    }
    assert "Đọc từng câu" in text
    assert text.endswith("# - blop\n")


def test_an_export_overwrites_nothing_and_goes_nowhere_it_would_be_trained_on(run, noted):
    with CliRunner().isolated_filesystem():
        Path("a.yml").write_text("mine")
        Path("data/nlu").mkdir(parents=True)

        for path in ("a.yml", "a.txt", "data/nlu/a.yml", "no/such/a.yml"):
            assert run("review", "--export", path).exit_code == 2, path
        assert Path("a.yml").read_text() == "mine"


def test_what_was_written_can_be_cleared(run, noted, store, tmp_path):
    kept = run("review", "--export", tmp_path / "a.yml", "--clear", answer="n\n")
    assert kept.exit_code == 1
    assert len(store.review.rows()) == 4

    gone = run("review", "--export", tmp_path / "b.yml", "--clear", "--yes")
    assert gone.exit_code == 0, gone.output
    assert store.review.rows() == []


def test_only_what_was_shown_is_cleared(run, noted, store):
    run("review", "--limit", "1", "--clear", "--yes")

    assert len(store.review.rows()) == 3


@pytest.mark.parametrize("span", ["7", "d", "-1d", "7x", "99999d"])
def test_a_span_nobody_understands_is_refused(run, store, span):
    assert run("review", "--since", span).exit_code == 2


def test_models_are_listed_and_restored(run, tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    assert "No model yet" in run("models").output
    for name in ("motcua-a.tar.gz", "motcua-b.tar.gz"):
        (models / name).touch()
        shelf.change(
            models, lambda record, name=name: record.with_first(shelf.Accepted(name, "now"))
        )

    result = run("restore")

    assert "motcua-a.tar.gz answers" in result.output
    assert run("models").output.startswith("restored  motcua-a.tar.gz")
    assert run("restore", "motcua-x").exit_code == 2
