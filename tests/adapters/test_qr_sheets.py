"""Printed sheets: every layout can be read again, bad rows are told by line, keys and revoking."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from bot.cli.qr import qr
from bot.core.dossiers.codes import DossierCode
from bot.drawing.fonts import font_file
from bot.qr.layouts import A4, GRID, LABELS
from bot.qr.read import read_photo
from bot.qr.reader import PhotoReader
from bot.settings import Settings
from bot.store import open_store
from bot.wiring.desk import open_ready_store
from bot.wiring.lookups import build_proofs
from bot.wiring.slips import build_slips
from tests.contract.store_builders import NOW, talk
from tests.pdf_pages import painted
from tests.receipts import a_code
from tests.without_fonts import without_fonts

CODE = "H53.16-260916-0012"
HEADING = "MaHoSo,TrangThaiHoSo,TenTTHC,CoQuanTiepNhan,NgayTiepNhan,NgayHenTra,ChuHoSo"
ROW = "{code},4,Đăng ký khai sinh,UBND phường Long An,20260916083000,23/09/2026,Nguyễn Thị Mẫu"


@pytest.fixture(autouse=True)
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    settings = Settings(
        data_dir=tmp_path / "var",
        secret_key="only-for-tests",
        public_url="https://motcua.tayninh.gov.vn",
    )
    for name, value in settings.as_environ().items():
        monkeypatch.setenv(name, value)
    return settings


def run(*arguments: object) -> Result:
    return CliRunner().invoke(qr, [str(argument) for argument in arguments])


def a_file(folder: Path, *codes: str, more: str = "") -> Path:
    path = folder / "dossiers.csv"
    rows = [HEADING, *(ROW.format(code=code) for code in codes)]
    path.write_text("\n".join(rows) + f"\n{more}", encoding="utf-8")
    return path


def cells(page: bytes, grid: object = GRID) -> Iterator[bytes]:
    """Yield each cell of a page by itself: one photo shows one label."""
    image = Image.open(io.BytesIO(page))
    scale = image.width / A4[0]
    for index in range(grid.per_page):  # type: ignore[attr-defined]
        x, y = grid.corner(index)  # type: ignore[attr-defined]
        box = (x, y, x + grid.width, y + grid.height)  # type: ignore[attr-defined]
        buffer = io.BytesIO()
        image.crop(tuple(round(side * scale) for side in box)).save(buffer, "PNG")
        yield buffer.getvalue()


def verified(settings: Settings, photo: bytes) -> list[str]:
    """Return the codes whose slips in ``photo`` are ours."""
    store = open_store(settings.store_url)
    slips = build_slips(settings, store)
    found = [slips.verify(payload.slip) for payload in read_photo(photo, 10).payloads]
    store.close()
    return [code.value for code in found if code]


@pytest.mark.parametrize("layout", ["a4", *map(str, LABELS)])
def test_every_label_is_read_again_and_is_a_slip_of_ours(
    tmp_path: Path, desk: Settings, layout: str
) -> None:
    grid = GRID if layout == "a4" else LABELS[int(layout)]
    count = min(grid.per_page + 1, 12)
    codes = [a_code(random.Random(number)) for number in range(count)]
    options = (
        ["--layout", "a4"] if layout == "a4" else ["--layout", "labels", "--per-page", layout]
    )

    result = run("sheet", a_file(tmp_path, *codes), "-o", tmp_path / "s.pdf", *options)

    assert result.exit_code == 0, result.output
    pages = painted((tmp_path / "s.pdf").read_bytes())
    read = [code for page in pages for cell in cells(page, grid) for code in verified(desk, cell)]
    assert read == codes


def test_receipts_stand_one_on_a_page_and_hold_no_name_unless_asked(
    tmp_path: Path, desk: Settings
) -> None:
    codes = [CODE, "000.00.19.H39-260915-0001"]
    file = a_file(tmp_path, *codes)

    plain = run("sheet", file, "-o", tmp_path / "r.pdf", "--layout", "receipt")
    named = run("sheet", file, "-o", tmp_path / "n.pdf", "--layout", "receipt", "--names")

    assert plain.exit_code == named.exit_code == 0, plain.output
    pages = painted((tmp_path / "r.pdf").read_bytes())
    assert [verified(desk, page) for page in pages] == [[code] for code in codes]
    assert (tmp_path / "n.pdf").read_bytes() != (tmp_path / "r.pdf").read_bytes()


def test_a_small_print_is_still_read(tmp_path: Path, desk: Settings) -> None:
    """The smallest label from a cheap scanner: 100 dots an inch, 1.5 a module."""
    run("sheet", a_file(tmp_path, CODE), "-o", tmp_path / "s.pdf", "--layout", "labels",
        "--per-page", "65")  # fmt: skip

    page = painted((tmp_path / "s.pdf").read_bytes(), 100)[0]

    assert verified(desk, next(cells(page, LABELS[65]))) == [CODE]


def test_labels_already_used_stay_empty(tmp_path: Path, desk: Settings) -> None:
    run("sheet", a_file(tmp_path, CODE), "-o", tmp_path / "s.pdf", "--layout", "labels",
        "--skip", "5")  # fmt: skip

    page = painted((tmp_path / "s.pdf").read_bytes())[0]

    found = [bool(verified(desk, cell)) for cell in cells(page, LABELS[24])]
    assert found.index(True) == 5
    assert found.count(True) == 1


def test_bad_rows_are_told_by_line_and_the_others_are_printed(
    tmp_path: Path, desk: Settings
) -> None:
    file = a_file(tmp_path, CODE, CODE, more="080095001234,4,x,y,,,\n1.001193,4,x,y,,,\n")

    result = run("sheet", file, "-o", tmp_path / "s.pdf")

    assert result.exit_code == 1
    assert "line 4: MaHoSo is no dossier code" in result.output
    assert "line 5: MaHoSo is no dossier code" in result.output
    assert "1 rows repeat a code" in result.output
    assert "0800" not in result.output
    assert len(painted((tmp_path / "s.pdf").read_bytes())) == 1


def test_a_file_with_nothing_to_print_leaves_no_file(tmp_path: Path) -> None:
    result = run("sheet", a_file(tmp_path), "-o", tmp_path / "s.pdf")

    assert result.exit_code == 1
    assert "nothing was printed" in result.output
    assert not (tmp_path / "s.pdf").exists()


def test_a_drawn_code_is_a_signed_link_unless_bare(tmp_path: Path, desk: Settings) -> None:
    signed, bare = tmp_path / "signed.png", tmp_path / "bare.png"

    assert run("draw", CODE, "-o", signed).exit_code == 0
    assert run("draw", CODE, "-o", bare, "--bare").exit_code == 0

    assert verified(desk, signed.read_bytes()) == [CODE]
    reading = read_photo(bare.read_bytes(), 10)
    assert [code.value for code in reading.codes] == [CODE]
    assert reading.payloads[0].slip == ""


@pytest.mark.parametrize("module", [2, 3, 10])
def test_small_modules_are_read_again(tmp_path: Path, desk: Settings, module: int) -> None:
    run("draw", CODE, "-o", tmp_path / "c.png", "--module", module)

    assert verified(desk, (tmp_path / "c.png").read_bytes()) == [CODE]


@pytest.mark.parametrize("address", ["http://motcua.vn", "https://motcua.vn:8443"])
def test_an_address_the_reader_would_not_take_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    monkeypatch.setenv("MOTCUA_PUBLIC_URL", address)

    result = run("draw", CODE, "-o", tmp_path / "c.png")

    assert result.exit_code == 1
    assert "--bare" in result.output
    assert not (tmp_path / "c.png").exists()


def test_a_revoked_slip_is_no_proof_and_is_not_drawn_again(tmp_path: Path, desk: Settings) -> None:
    run("draw", CODE, "-o", tmp_path / "c.png")
    code = DossierCode(CODE)
    store = open_ready_store(desk)
    proofs = build_proofs(desk, store, ())
    lan = talk(store, "dạ", effects=[proofs.effect(code, "slip")]).id
    assert proofs.owner(lan, code, NOW)

    first, again = run("revoke", CODE), run("revoke", CODE.lower())

    assert f"{CODE}: revoked, 1 proofs by it ended" in first.output
    assert not proofs.owner(lan, code, NOW)
    store.close()
    assert "was revoked before" in again.output
    assert verified(desk, (tmp_path / "c.png").read_bytes()) == []
    assert run("draw", CODE, "-o", tmp_path / "d.png").exit_code == 1
    store = open_store(desk.store_url)
    assert store.audit.verify() is None
    store.close()


def test_a_new_key_signs_and_the_old_one_verifies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, desk: Settings
) -> None:
    run("draw", CODE, "-o", tmp_path / "old.png")
    key = run("keys", "--new").output.strip()
    monkeypatch.setenv("MOTCUA_SLIP_KEYS", key)
    run("draw", CODE, "-o", tmp_path / "new.png")

    shown = run("keys").output

    assert re.fullmatch(r"b:[\w-]{40,}", key)
    assert shown.splitlines() == [
        "B: signs and verifies, 0 slips revoked",
        "A: verifies, 0 slips revoked",
    ]
    assert key[2:] not in shown
    rotated = Settings.from_env()
    for name in ("old", "new"):
        assert verified(rotated, (tmp_path / f"{name}.png").read_bytes()) == [CODE]
    assert verified(desk, (tmp_path / "new.png").read_bytes()) == []


@pytest.mark.parametrize("keys", ["a", "a:short", "b:0123456789abcdef b:0123456789abcdef"])
def test_keys_that_cannot_be_used_are_explained(
    monkeypatch: pytest.MonkeyPatch, keys: str
) -> None:
    monkeypatch.setenv("MOTCUA_SLIP_KEYS", keys)

    result = run("keys")

    assert result.exit_code == 1
    assert "MOTCUA_SLIP_KEYS" in result.output
    assert "0123456789" not in result.output


def test_a_machine_without_fonts_takes_those_a_package_carries(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with without_fonts(monkeypatch, carried=True):
        path = font_file(True)

    assert path.name == "DejaVuSans-Bold.ttf"
    assert path.is_file()


def test_the_readers_own_process_hands_the_slip_on(tmp_path: Path, desk: Settings) -> None:
    run("draw", CODE, "-o", tmp_path / "c.png")

    with closing(PhotoReader()) as reader:
        reading = reader.read((tmp_path / "c.png").read_bytes())

    assert reading.payloads[0].slip.startswith(f"{CODE}.A.")
