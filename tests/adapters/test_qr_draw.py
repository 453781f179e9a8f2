"""Drawn codes and receipts can be read again, and the commands say what they found."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.qr import qr
from bot.qr import receipt
from bot.qr.draw import draw_png, draw_svg
from bot.qr.read import read_photo
from tests import receipts
from tests.without_fonts import without_fonts

CODE = "H53.16-260916-0012"
LINK = f"https://motcua.tayninh.gov.vn/q/{CODE}.k1.Zm9vYmFyMTIzNDU2"


@pytest.mark.parametrize("payload", [CODE, LINK])
@pytest.mark.parametrize("box", [2, 4, 10])
def test_a_drawn_code_is_read_back(payload: str, box: int) -> None:
    assert [code.value for code in read_photo(draw_png(payload, box), 10).codes] == [CODE]


def test_an_svg_is_one_small_drawing() -> None:
    drawing = draw_svg(CODE)

    assert b"<svg" in drawing
    assert drawing.count(b"<path") == 1
    assert len(drawing) < 10_000


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="nothing"):
        draw_png("")


def test_a_receipt_without_vietnamese_fonts_still_carries_its_code(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with without_fonts(monkeypatch):
        page = receipt.draw_receipt_png(receipt.Receipt(CODE, matter="Đăng ký khai sinh"))

    assert [code.value for code in read_photo(page, 10).codes] == [CODE]


@pytest.mark.parametrize("name", ["code.png", "code.svg"])
def test_the_draw_command_writes_the_file(tmp_path: Path, name: str) -> None:
    result = CliRunner().invoke(qr, ["draw", CODE, "-o", str(tmp_path / name)])

    assert result.exit_code == 0, result.output
    assert (tmp_path / name).read_bytes()[:5] in {b"\x89PNG\r", b"<?xml"}


def test_the_receipt_command_draws_what_the_read_command_reads(tmp_path: Path) -> None:
    slip, page = tmp_path / "slip.png", tmp_path / "page.jpg"
    page.write_bytes(receipts.a_page_without_code())

    drawn = CliRunner().invoke(qr, ["receipt", CODE, "-o", str(slip), "--link", LINK])
    found = CliRunner().invoke(qr, ["read", str(slip), str(page)])

    assert drawn.exit_code == 0, drawn.output
    assert f"slip.png: dossier {CODE}" in found.output
    assert "page.jpg: no QR" in found.output
    assert found.exit_code == 1


def test_the_read_command_never_prints_what_is_personal(tmp_path: Path) -> None:
    card = tmp_path / "card.png"
    card.write_bytes(receipts.a_code_picture("080095001234||NGUYEN VAN AN|17051995|Nam|Long An|"))

    result = CliRunner().invoke(qr, ["read", str(card)])

    assert "identity card" in result.output
    assert "0800" not in result.output
    assert "NGUYEN" not in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ["draw", "not a code"],
        ["draw", CODE, "-o", "x.pdf"],
        ["receipt", "1.001193", "-o", "x.png"],
    ],
)
def test_wrong_arguments_are_explained(arguments: list[str]) -> None:
    result = CliRunner().invoke(qr, arguments)

    assert result.exit_code == 2
    assert "Error" in result.output
