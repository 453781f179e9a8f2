"""Taking documents in from the command line: reports, repeats, kills, and what the doctor says."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bot.cli import documents as commands
from bot.cli.documents import documents
from bot.core.documents.signature import Signature, Verdict
from bot.core.errors import SettingsError
from bot.settings import Settings
from bot.store import Store, open_store
from bot.wiring.worker import build_rounds
from bot.wording import TemplateWording
from tests.signed_pdfs import altered, authority, plain_pdf, signed_pdf

ROOT = Path(__file__).parents[2]
HEADING = ["SoKyHieu", "NgayBanHanh", "NguoiKy", "TrichYeu", "CoQuanBanHanh", "TepDinhKem"]
Run = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "in"
    made.mkdir()
    return made


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = open_store(f"sqlite:///{tmp_path / 'var' / 'motcua.db'}")
    made.upgrade()
    yield made
    made.close()


@pytest.fixture
def run(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr("bot.sources.documents.folder._STILL", 0.0)

    def run_it(*words: object, **settings: str) -> Result:
        environ = {"MOTCUA_DATA_DIR": str(tmp_path / "var"), "MOTCUA_DATABASE_URL": ""}
        runner = CliRunner(env={**environ, **settings})
        return runner.invoke(documents, [str(word) for word in words])

    return run_it


@pytest.fixture
def unsigned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the process that looks at signatures, where they do not matter."""
    monkeypatch.setattr("bot.pdf.check.PdfSignatures.__call__", lambda *_: Signature(Verdict.NONE))


def fill(folder: Path, count: int = 3, data: bytes | None = None) -> None:
    """Put ``count`` documents and a list of them into a folder."""
    with (folder / "index.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEADING)
        for number in range(count):
            name = f"{number}.pdf"
            (folder / name).write_bytes(data or plain_pdf(f"number {number}"))
            rows.writerow([f"{number}/TB", "20/11/2026", "Mẫu", f"Việc {number}", "UBND", name])


def add_row(folder: Path, *cells: str) -> None:
    with (folder / "index.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(cells)


@pytest.mark.usefixtures("unsigned")
def test_a_folder_is_taken_in_once(run: Run, store: Store, folder: Path) -> None:
    fill(folder)

    first, second = run("import", folder), run("import", folder)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "3 new, 0 changed, 0 known" in first.output
    assert "0 new, 0 changed, 3 known" in second.output
    assert store.documents.counts() == {"waiting": 3}
    assert store.audit.verify() is None


@pytest.mark.usefixtures("unsigned")
def test_bad_rows_are_told_by_line_and_the_good_ones_kept(
    run: Run, store: Store, folder: Path
) -> None:
    fill(folder)
    add_row(folder, "7/TB", "hôm qua", "", "Việc", "UBND", "0.pdf")
    add_row(folder, "8/TB", "20/11/2026", "", "Việc", "UBND", "gone.pdf")
    add_row(folder, "9/TB", "20/11/2026", "", "Việc", "UBND", "../0.pdf")

    result = run("import", folder)

    assert result.exit_code == 1
    assert "3 new" in result.output
    assert "3 bad" in result.output
    for line in ("index.csv line 5: ", "index.csv line 6: gone.pdf", "index.csv line 7: "):
        assert line in result.output
    assert store.documents.counts() == {"waiting": 3}


@pytest.mark.usefixtures("unsigned")
def test_a_changed_file_is_a_new_version(run: Run, store: Store, folder: Path) -> None:
    fill(folder, 1)
    run("import", folder)
    fill(folder, 1, plain_pdf("changed"))

    result = run("import", folder)

    assert "0 new, 1 changed" in result.output
    assert store.documents.counts() == {"waiting": 1, "replaced": 1}
    assert "v2" in run("list", "--state", "waiting").output


def test_signatures_are_judged_and_judged_anew_with_other_roots(
    run: Run, store: Store, folder: Path, tmp_path: Path
) -> None:
    fill(folder, 1, signed_pdf())
    (folder / "bad.pdf").write_bytes(altered(signed_pdf()))
    add_row(folder, "bad", "20/11/2026", "", "Việc", "UBND", "bad.pdf")

    run("import", folder)
    before = run("list").output
    trust = authority().keep_root(tmp_path / "trust")
    checked = run("check", MOTCUA_DOCUMENT_TRUST=str(trust))

    assert "unknown" in before
    assert "invalid" in before
    assert "document 1: unknown -> valid" in checked.output
    assert "2 checked, 1 changed" in checked.output
    verdicts = {each.number: each.signature.verdict for each in store.documents.page()}
    assert verdicts == {"0/TB": Verdict.VALID, "bad": Verdict.INVALID}


def test_without_a_place_it_says_what_to_do(run: Run) -> None:
    result = run("import")

    assert result.exit_code == 2
    assert "MOTCUA_DOCUMENT_SOURCE" in result.output


def test_places_that_cannot_be_used_are_told_in_one_sentence(run: Run, tmp_path: Path) -> None:
    plain = run("import", "http://example.vn/list")
    gone = run("import", tmp_path / "gone")

    assert (plain.exit_code, gone.exit_code) == (2, 1)
    for result in (plain, gone):
        assert len(result.output.strip().splitlines()) == 1
        assert "MOTCUA_DOCUMENT_SOURCE" in result.output


@pytest.mark.usefixtures("unsigned")
def test_the_setting_is_used_where_no_place_is_named(run: Run, folder: Path) -> None:
    fill(folder, 1)

    assert "1 new" in run("import", MOTCUA_DOCUMENT_SOURCE=str(folder)).output


def test_a_token_goes_to_the_place_of_the_settings_only(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens: list[str] = []

    class Source:
        name = "http 1"

        def __init__(self, address: str, zone: Any, token: str) -> None:
            tokens.append(token)

        def entries(self, since: Any) -> list[Any]:
            return []

    monkeypatch.setattr("bot.wiring.documents.HttpSource", Source)
    given = {"MOTCUA_DOCUMENT_SOURCE": "https://a.vn/x", "MOTCUA_DOCUMENT_TOKEN": "secret-1"}
    run("import", **given)
    run("import", "https://b.vn/x", **given)

    assert tokens == ["secret-1", ""]


@pytest.mark.slow
def test_killed_again_and_again_it_keeps_each_document_once(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    fill(folder, 6)
    environ = {**os.environ, "MOTCUA_DATA_DIR": str(tmp_path / "var"), "MOTCUA_DATABASE_URL": ""}
    program = "from bot.cli.documents import documents; documents()"
    command = [sys.executable, "-c", program, "import"]
    killed = 0
    for wanted in (1, 3):
        process = subprocess.Popen([*command, str(folder)], cwd=ROOT, env=environ)
        while process.poll() is None and store.documents.counts().get("waiting", 0) < wanted:
            time.sleep(0.02)
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()

    subprocess.run([*command, str(folder)], cwd=ROOT, env=environ, check=True)

    assert killed == 2
    kept = store.documents.page()
    assert sorted(each.number for each in kept) == sorted(f"{number}/TB" for number in range(6))
    assert all(store.files.find(each.file_digest) for each in kept)
    assert store.audit.verify() is None


def says(settings: Settings, **options: bool) -> list[str]:
    return [each.line for each in commands.findings(settings, **{"offline": False, **options})]


def test_the_doctor_says_whether_documents_can_come(tmp_path: Path, folder: Path) -> None:
    trust = authority().keep_root(tmp_path / "trust")
    good = Settings(document_source=str(folder), document_trust=str(trust))

    assert says(Settings()) == ["ok   documents: switched off (MOTCUA_DOCUMENT_SOURCE is not set)"]
    assert says(good) == ["ok   documents", "ok   trusted roots: 1"]
    (trust / "bad.pem").write_text("no")
    assert says(good)[1].startswith("fix: trusted roots: no certificate in bad.pem")
    gone = Settings(document_source=str(tmp_path / "gone"), document_trust=str(tmp_path / "x"))
    assert [line[:4] for line in says(gone)] == ["fix:", "fix:"]
    assert says(Settings(document_source="https://127.0.0.1:9/x"), offline=True)[0][:2] == "ok"
    assert says(Settings(document_source="https://127.0.0.1:9/x"))[0][:4] == "fix:"


@pytest.mark.usefixtures("unsigned")
def test_the_worker_looks_only_where_it_is_told_to(
    store: Store, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.sources.documents.folder._STILL", 0.0)
    fill(folder, 2)

    def rounds(**settings: Any) -> dict[str, Any]:
        chosen = Settings(data_dir=tmp_path / "var", **settings)
        made = build_rounds(chosen, store, TemplateWording(), {}, lambda: False)
        return {each.name: each.step for each in made}

    assert "documents" not in rounds()
    step = rounds(document_source=str(folder))["documents"]
    assert [step(lambda: None), step(lambda: None)] == [2, 0]
    assert store.documents.counts() == {"waiting": 2}
    with pytest.raises(SettingsError, match="MOTCUA_DOCUMENT_MINUTES"):
        rounds(document_source=str(folder), document_minutes=0)


def test_the_token_is_not_shown() -> None:
    assert "secret-1" not in repr(Settings(document_token="secret-1"))
