"""Owners are known by what they know; the register keeps only digests of it."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import timedelta

import pytest
from click.testing import CliRunner

from bot.cli.registry import registry as commands
from bot.core.dossiers.codes import DossierCode
from bot.core.errors import SourceUnavailable
from bot.registry.build import build, import_dossiers
from bot.registry.owners import OwnerDigests
from bot.settings import Settings
from bot.sources.register import RegisterSource
from bot.wiring.keys import desk_secret, owner_digests
from bot.wiring.sources import build_sources
from tests.adapters.registry_parts import NOW, PROVINCE, built_registry, written

CODE = DossierCode("H39.30-261101-0001")
OTHER = DossierCode("H39.30-261101-0002")
HEAD = "MaHoSo,TrangThaiHoSo,SoDienThoai,MaTraCuu\n"
OWNERS = OwnerDigests("a secret")


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "var" / "registry.db"
    path.parent.mkdir()
    shutil.copyfile(built_registry(), path)
    return path


@pytest.fixture
def bring(target, tmp_path):
    def import_text(text, owners=OWNERS):
        return import_dossiers(written(tmp_path, "a.csv", text), target, NOW, owners=owners)

    return import_text


@pytest.fixture
def source(target):
    return RegisterSource(target, clock=lambda: NOW, owners=OWNERS)


@pytest.mark.parametrize(
    ("phone", "typed", "right"),
    [
        ("0900 000 641", "0641", True),
        ("0900000641", "0900 000 641", True),
        ("+84 900.000.641", "0641", True),
        ("900000641", " 06 41 ", True),
        ("(0272) 3826 641; 0900000999", "6641", True),
        ("0900 000 641 0900 000 999", "0641", True),
        ("0900000641 - 02723826123", "0641", True),
        ("+1 202 555 0123", "0123", True),
        ("0900000641", "0640", False),
        ("0900000641", "641", False),
        ("0900000641", "", False),
        ("không có", "0641", False),
        ("", "0641", False),
    ],
)
def test_the_last_four_digits_of_the_phone_prove_an_owner(bring, source, phone, typed, right):
    bring(HEAD + f"{CODE.value},4,{phone},\n")

    assert source.confirm(CODE, "phone", typed) is right


def test_the_look_up_secret_proves_an_owner_however_it_is_typed(bring, source):
    bring(HEAD + f"{CODE.value},4,,k7-P2\n{OTHER.value},4,,\n")

    assert source.confirm(DossierCode("h39 30 261101 0001"), "secret", " K7p2 ")
    assert not source.confirm(CODE, "secret", "K7P3")
    assert not source.confirm(CODE, "secret", "")
    assert not source.confirm(CODE, "phone", "K7P2")
    assert not source.confirm(OTHER, "secret", "")
    assert not source.confirm(DossierCode("H39.30-261101-0009"), "secret", "K7P2")


def test_neither_number_nor_secret_nor_equal_digests_are_kept(bring, target):
    bring(HEAD + f"{CODE.value},4,0900000641,QX7P2Z\n{OTHER.value},4,0900000641,QX7P2Z\n")
    connection = sqlite3.connect(target)
    rows = connection.execute(
        "select owner_phone, owner_secret from dossiers where origin = 'import'"
    ).fetchall()
    connection.close()

    assert len({digest for row in rows for digest in row}) == 4
    assert b"0900000641" not in target.read_bytes()
    assert b"QX7P2Z" not in target.read_bytes()


def test_another_secret_confirms_nobody_until_the_file_comes_again(bring, target):
    text = HEAD + f"{CODE.value},4,0900000641,\n"
    bring(text)
    new = OwnerDigests("another secret")
    source = RegisterSource(target, owners=new)
    assert not source.confirm(CODE, "phone", "0641")
    report = bring(text, owners=new)

    assert source.confirm(CODE, "phone", "0641")
    assert (report.dossiers.changed, report.dossiers.noted) == (1, 0)


def test_without_a_secret_nothing_is_kept_or_confirmed(bring, target):
    nobody = OwnerDigests()
    bring(HEAD + f"{CODE.value},4,0900000641,K7P2\n", owners=nobody)

    assert not RegisterSource(target, owners=nobody).confirm(CODE, "phone", "0641")
    assert not RegisterSource(target).confirm(CODE, "secret", "K7P2")


def test_a_file_without_the_column_keeps_the_proof_an_empty_cell_ends_it(bring, source):
    bring(HEAD + f"{CODE.value},4,0900000641,\n")
    bring(f"MaHoSo,TrangThaiHoSo\n{CODE.value},5\n")
    assert source.confirm(CODE, "phone", "0641")
    bring(HEAD + f"{CODE.value},5,,\n")
    assert not source.confirm(CODE, "phone", "0641")


def test_proofs_end_ninety_days_after_the_dossier(target, tmp_path):
    head = "MaHoSo,TrangThaiHoSo,NgayTra,SoDienThoai\n"
    text = head + f"{CODE.value},10,20261101080000,0900000641\n{OTHER.value},4,,0900000641\n"
    path = written(tmp_path, "a.csv", text)
    source = RegisterSource(target, owners=OWNERS)
    import_dossiers(path, target, NOW, owners=OWNERS)
    assert source.confirm(CODE, "phone", "0641")
    later = NOW + timedelta(days=90)
    build(PROVINCE, target, later, force=True, owners=OWNERS)

    assert not source.confirm(CODE, "phone", "0641")
    assert source.confirm(OTHER, "phone", "0641")
    assert import_dossiers(path, target, later, owners=OWNERS).dossiers.unchanged == 2
    assert not source.confirm(CODE, "phone", "0641")


def test_a_missing_register_is_silent_not_a_no(tmp_path):
    with pytest.raises(SourceUnavailable):
        RegisterSource(tmp_path / "none.db", owners=OWNERS).confirm(CODE, "phone", "0641")


def test_a_public_remark_is_shown_one_with_a_number_is_not(bring, source):
    head = "MaHoSo,TrangThaiHoSo,GhiChu,GhiChuCongKhai\n"
    bring(
        head + f"{CODE.value},5,Gọi ông A,Thiếu bản sao hợp đồng\n"
        f"{OTHER.value},5,Gọi ông A,Gọi 0900 000 641\n"
    )

    assert source.fetch(CODE).note == "Thiếu bản sao hợp đồng"
    assert source.fetch(OTHER).note == ""


def test_many_dossiers_are_read_at_once(target, bring):
    rows = "".join(f"H39.30-261101-{number:04},4,,\n" for number in range(1200))
    bring(HEAD + rows)
    source = RegisterSource(target, clock=lambda: NOW)
    asked = [DossierCode(f"h39.30-261101-{number:04}") for number in range(1300)]
    found = source.states([*asked, "H53.08-261110-0117"])

    assert len(found) == 1201
    assert found[CODE.key] == source.fetch(CODE)
    assert source.states([]) == {}


def test_the_demo_shows_both_proofs(tmp_path):
    settings = Settings(data_dir=tmp_path, province_dir=PROVINCE)
    build(PROVINCE, settings.registry_path, NOW, owners=owner_digests(settings))
    (source,) = build_sources(settings)
    code = DossierCode("000.00.19.H39-260915-0001")

    assert source.confirm(code, "phone", "0641")
    assert source.confirm(code, "secret", "k7p2")
    assert not source.confirm(code, "phone", "0447")


def test_the_secret_is_the_operators_or_made_once(tmp_path):
    made = desk_secret(Settings(data_dir=tmp_path / "var"))

    assert made == desk_secret(Settings(data_dir=tmp_path / "var"))
    assert desk_secret(Settings(data_dir=tmp_path / "var", secret_key="mine")) == "mine"
    assert (tmp_path / "var" / "secret.key").stat().st_mode & 0o077 == 0


def test_a_new_secret_is_a_reason_to_build(target, monkeypatch):
    monkeypatch.setenv("MOTCUA_DATA_DIR", str(target.parent))
    run = lambda: CliRunner().invoke(commands, ["build"]).output  # noqa: E731
    run()
    assert "up to date" in run()
    monkeypatch.setenv("MOTCUA_SECRET_KEY", "another")
    assert "up to date" not in run()
