"""Operators' slips and broken files end in a sentence, never in a trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.channels.zalo.events import understand
from bot.cli.notices import notices
from bot.cli.privacy import privacy
from bot.cli.qr import qr
from bot.core.messages import InboundKind
from bot.registry.build import import_dossiers
from tests.adapters.registry_parts import NOW, built_registry

HEADING = "MaHoSo,TrangThaiHoSo,NgayHenTra\n"


@pytest.fixture
def registry(tmp_path: Path) -> Path:
    own = tmp_path / "registry.db"
    own.write_bytes(built_registry().read_bytes())
    return own


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("deep.json", '[{"MaHoSo": "H39-260915-0001", "x": ' + "[" * 5000),
        ("row.json", "[" * 5000),
    ],
    ids=("in a row", "instead of a row"),
)
def test_a_file_nested_without_end_is_a_bad_row(registry: Path, name: str, text: str) -> None:
    source = registry.with_name(name)
    source.write_text(text, encoding="utf-8")

    report = import_dossiers(source, registry, NOW)

    assert report.bad == 1


def test_a_status_of_thousands_of_digits_is_only_a_label(registry: Path) -> None:
    source = registry.with_name("d.csv")
    source.write_text(f"{HEADING}H39-260915-0001,{'9' * 5000},\n", encoding="utf-8")

    assert import_dossiers(source, registry, NOW).kept == {"d.csv": 1}


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (notices, ["list", "--limit", "99999999999999999999"]),
        (notices, ["list", "--limit", "-1"]),
        (privacy, ["erase", "--citizen", "99999999999999999999", "--yes"]),
        (qr, ["draw", "H39-260915-0001", "-o", "/nowhere/at/all.png"]),
        (qr, ["draw", "H39-260915-0001", "--link", "a" * 5000]),
    ],
)
def test_a_slip_at_the_command_line_is_told_in_a_sentence(
    group: object, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    runner = CliRunner(env={"MOTCUA_DATA_DIR": str(tmp_path), "MOTCUA_DATABASE_URL": ""})

    result = runner.invoke(group, words)  # type: ignore[arg-type]

    assert result.exit_code in (1, 2)
    assert "Error: " in result.output


@pytest.mark.parametrize(
    "url", ["http://a.vn", "https://a.vn/x y", "https://a.vn)\n[Gift](https://evil.example"]
)
def test_a_notice_links_to_one_plain_address(url: str, tmp_path: Path) -> None:
    runner = CliRunner(env={"MOTCUA_DATA_DIR": str(tmp_path), "MOTCUA_DATABASE_URL": ""})

    result = runner.invoke(notices, ["publish", "--topic", "x", "--file", "x", "--url", url])

    assert result.exit_code == 2
    assert "https://" in result.output


def test_an_event_name_with_a_nul_is_still_understood() -> None:
    event = {
        "event_name": "user_send_text\x00",
        "timestamp": "1763769600000",
        "sender": {"id": "1"},
        "recipient": {"id": "2"},
        "message": {"msg_id": "m", "text": "xin chào"},
    }

    (inbound,) = understand(json.loads(json.dumps(event)), "2", NOW).inbounds

    assert inbound.kind is InboundKind.TEXT
