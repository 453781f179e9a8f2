"""The page of slips: codes that read back as slips of ours, sheets, bad files, nothing kept."""

from __future__ import annotations

import io
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from bot.console import slip_parts
from bot.console.slips import add_slips
from bot.console.words import words
from bot.core.dossiers.codes import DossierCode
from bot.core.staff.roles import Role
from bot.qr.layouts import LABELS
from bot.qr.read import read_photo
from bot.store.schema import audit
from bot.wiring.slip_pages import build_slip_printing
from bot.wiring.slips import build_slips
from tests.adapters.console_parts import Browser, Console
from tests.adapters.test_console_policy import routes
from tests.pdf_pages import painted

CODE = "H53.16-260916-0012"
OTHER = "H53.16-260916-0013"
HEADING = "MaHoSo,TenTTHC,CoQuanTiepNhan,NgayTiepNhan,NgayHenTra,ChuHoSo"
ROW = "{},Đăng ký khai sinh,UBND phường Long An,20260916083000,23/09/2026,Nguyễn Thị Mẫu"
REASONS = words()["slips"]["why"]
REFUSED = words()["slips"]["refused"]


class Pages(Console):
    """The console with its page of slips."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        super().__init__(folder, **{"public_url": "https://motcua.tayninh.gov.vn", **settings})
        self.printing = build_slip_printing(self.parts)  # type: ignore[arg-type]
        add_slips(self.app, self.printing)

    def verified(self, picture: bytes) -> list[str]:
        """Return the codes whose slips in ``picture`` are ours."""
        slips = build_slips(self.parts.settings, self.store)
        found = [slips.verify(payload.slip) for payload in read_photo(picture, 10).payloads]
        return [code.value for code in found if code]


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Pages]:
    made = Pages(tmp_path / "var")
    yield made
    made.store.close()


@pytest.fixture
def lan(console: Pages) -> Browser:
    return console.logged_in("lan", {Role.OPERATOR})


def one(browser: Browser, code: str, form: str = "png") -> Any:
    return browser.submit("/console/slips", "/console/slips/code", code=code, format=form)


def sheet(browser: Browser, data: bytes | str, name: str = "dossiers.csv", **fields: str) -> Any:
    """Send the form of files as bytes: the client's own way leaves temporary files behind."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/console/slips").text)
    assert token
    stream = io.BytesIO(data.encode() if isinstance(data, str) else data)
    values = {"csrf_token": token[1], "file": FileStorage(stream, name), **fields}
    boundary, body = encode_multipart(values)
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.client.post("/console/slips/sheet", data=body, content_type=kind)


def rows(*codes: str, more: str = "") -> str:
    return "\n".join([HEADING, *map(ROW.format, codes)]) + f"\n{more}"


def test_only_operators_and_administrators_get_there(console: Pages) -> None:
    own = [each for each in routes(console) if each[2].startswith("console_slips.")]
    author = console.logged_in("minh", {Role.AUTHOR, Role.APPROVER})

    assert len(own) == 3
    for method, address, endpoint, view in own:
        assert view.needs == {Role.OPERATOR, Role.ADMIN}, endpoint
        stranger = console.browser().client.open(address, method=method)
        assert stranger.status_code == (303 if method == "GET" else 400), endpoint
        if method == "POST":
            assert author.submit("/console/account", address).status_code == 403
    assert author.get("/console/slips").status_code == 403
    assert "In mã QR" not in author.get("/console/").text


def test_forms_without_their_token_print_nothing(console: Pages, lan: Browser) -> None:
    for action in ("code", "sheet"):
        answer = lan.client.post(f"/console/slips/{action}", data={"code": CODE, "format": "png"})
        assert answer.status_code == 400


def test_the_place_is_found_from_every_page(lan: Browser) -> None:
    assert 'href="/console/slips"' in lan.get("/console/").text
    assert "mỗi trang A5 một hồ sơ" in lan.get("/console/slips").text


def test_a_picture_reads_back_as_a_slip_of_ours(console: Pages, lan: Browser) -> None:
    answer = one(lan, "h53.16–260916–0012")

    assert answer.status_code == 200
    assert answer.content_type == "image/png"
    assert answer.headers["Content-Disposition"].endswith('.png"')
    assert answer.headers["Cache-Control"] == "no-store"
    assert console.verified(answer.data) == [CODE]


def test_the_same_code_is_there_to_print_at_any_size(lan: Browser) -> None:
    answer = one(lan, CODE, "svg")

    assert answer.content_type.startswith("image/svg+xml")
    assert b"<svg" in answer.data


@pytest.mark.parametrize("text", ["", "không phải mã", "0912345678", "H53" * 60, "<b>x</b>"])
def test_what_is_no_code_is_told_kindly(lan: Browser, text: str) -> None:
    answer = one(lan, text)

    assert answer.status_code == 422
    assert REASONS["wrong"] in answer.text
    assert "<b>x" not in answer.text


def test_an_unknown_format_draws_nothing(lan: Browser) -> None:
    assert one(lan, CODE, "exe").status_code == 422


def test_a_slip_taken_back_is_not_drawn_again(console: Pages, lan: Browser) -> None:
    slips, code = build_slips(console.parts.settings, console.store), DossierCode(CODE)
    kid = slips.kids[0]
    console.store.slips.revoke(slips.digest(code, kid), kid, "test", console.now)

    assert REASONS["revoked"] in one(lan, CODE).text
    refused = sheet(lan, rows(CODE, OTHER))
    assert REASONS["revoked"] in refused.text
    assert "Dòng 2" in refused.text


def test_without_an_address_codes_stand_bare_and_the_page_says_so(tmp_path: Path) -> None:
    console = Pages(tmp_path / "bare", public_url="")
    lan = console.logged_in("lan", {Role.ADMIN})

    (payload,) = read_photo(one(lan, CODE).data, 10).payloads

    assert [code.value for code in payload.codes] == [CODE]
    assert payload.slip == ""
    assert "không có chữ ký" in lan.get("/console/slips").text
    console.store.close()


@pytest.mark.parametrize(
    ("layout", "count", "pages"), [("a4", 22, 2), ("labels", 9, 2), ("receipt", 3, 3)]
)
def test_a_file_becomes_a_pdf_of_slips(
    console: Pages, lan: Browser, layout: str, count: int, pages: int
) -> None:
    codes = [f"H53.16-260916-{number:04}" for number in range(count)]

    answer = sheet(lan, rows(*codes), layout=layout, per_page="8")

    assert answer.status_code == 200
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    pictures = painted(answer.data)
    assert len(pictures) == pages
    if layout == "receipt":
        assert [console.verified(each) for each in pictures] == [[code] for code in codes]


def test_labels_that_are_used_up_stay_empty(lan: Browser) -> None:
    grid = LABELS[8]
    full = sheet(
        lan, rows(CODE, OTHER), layout="labels", per_page="8", skip=str(grid.per_page - 1)
    )

    assert len(painted(full.data)) == 2


def test_sheets_of_excel_and_json_are_taken_too(console: Pages, lan: Browser) -> None:
    book = Workbook()
    for row in (["Mã hồ sơ"], [CODE]):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    listed = json.dumps([{"MaHoSo": CODE}])

    for data, name in ((buffer.getvalue(), "a.xlsx"), (listed.encode(), "a.JSON")):
        (picture,) = painted(sheet(lan, data, name, layout="receipt").data)
        assert console.verified(picture) == [CODE]


def test_bad_rows_are_told_by_line_and_left_out_only_on_request(
    console: Pages, lan: Browser
) -> None:
    data = rows(CODE, "0912345678", "", more="a,b\n")

    refused = sheet(lan, data, layout="receipt")
    printed = sheet(lan, data, layout="receipt", despite="1")

    assert refused.status_code == 422
    listed = re.findall(r"<strong>Dòng (\d+)</strong><small>([^<]+)", refused.text)
    assert listed == [
        ("3", REASONS["wrong"]), ("4", REASONS["missing"]), ("5", REASONS["row"])
    ]  # fmt: skip
    assert "0912345678" not in refused.text
    assert printed.data.startswith(b"%PDF")
    (picture,) = painted(printed.data)
    assert console.verified(picture) == [CODE]


def test_a_wrong_day_hinders_a_receipt_only(lan: Browser) -> None:
    data = f"MaHoSo,NgayTiepNhan\n{CODE},hôm kia\n"

    assert REASONS["moment"] in sheet(lan, data, layout="receipt").text
    assert sheet(lan, data, layout="a4").data.startswith(b"%PDF")


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.csv", "no_file"),
        (b"Ten\nLan\n", "a.csv", "unreadable"),
        (b"PK\x03\x04 broken", "a.xlsx", "unreadable"),
        (b"\xd0\xcf\x11\xe0 old", "a.xls", "unreadable"),
        (b"\x00\x01\x02", "a.csv", "unreadable"),
        (b"nothing of the kind", "a.json", "unreadable"),
        (b"[]", "a.json", "nothing"),
        (b"MaHoSo\n", "a.csv", "nothing"),
    ],
)
def test_a_file_that_is_no_list_is_told_kindly(
    lan: Browser, data: bytes, name: str, code: str
) -> None:
    answer = sheet(lan, data, name)

    assert answer.status_code == 422
    assert REFUSED[code] in answer.text


def test_a_file_with_bad_rows_only_prints_nothing(lan: Browser) -> None:
    assert REFUSED["none"] in sheet(lan, rows("x"), despite="1").text


def test_too_many_rows_are_refused(lan: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.wiring.slip_pages.MOST_ROWS", 1)

    assert REFUSED["too_many"].format(rows="2.000") in sheet(lan, rows(CODE, OTHER)).text
    assert sheet(lan, rows(CODE)).status_code == 200


@pytest.mark.parametrize("more", [1, 3 * 2**20])  # above our limit, above that of the whole app
def test_a_file_that_is_too_large_gets_a_page_that_says_so(lan: Browser, more: int) -> None:
    answer = sheet(lan, bytes(slip_parts.MOST_BYTES + more))

    assert answer.status_code == 413
    assert words()["problems"]["too_large"] in answer.text


def test_one_file_is_printed_at_a_time(console: Pages, lan: Browser) -> None:
    with console.printing.turn:
        assert sheet(lan, rows(CODE)).status_code == 503
    assert sheet(lan, rows(CODE)).status_code == 200


@pytest.mark.parametrize(
    "name", ["../../../../etc/passwd", "/etc/passwd.json", "..\\x.csv", "$(id).csv"]
)
def test_the_name_of_a_file_leads_nowhere(lan: Browser, name: str) -> None:
    data = json.dumps([{"MaHoSo": CODE}]) if name.endswith("json") else rows(CODE)

    answer = sheet(lan, data, name)

    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ma-qr-a4.pdf"'


def test_nothing_of_a_file_is_kept(
    console: Pages, lan: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = tmp_path / "aside"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    mark, long = "Chủ Hồ Sơ Không Ai Được Giữ", "\n" * 2**20  # so long that it leaves the memory

    for layout in ("a4", "receipt"):
        answer = sheet(lan, f"MaHoSo,ChuHoSo\n{CODE},{mark}\n{long}", f"{mark}.csv", layout=layout)
        assert answer.status_code == 200

    assert list(aside.iterdir()) == []
    for path in (tmp_path / "var").rglob("*"):
        assert not path.is_file() or mark.encode() not in path.read_bytes(), path


def test_the_audit_trail_says_who_printed_how_many_but_no_code(
    console: Pages, lan: Browser
) -> None:
    one(lan, CODE)
    sheet(lan, rows(CODE, OTHER))

    with console.store._db.read() as connection:
        *_, drawn, printed = connection.execute(audit.select().order_by(audit.c.id)).all()

    assert (drawn.action, printed.action) == ("slip_drawn", "slips_printed")
    assert json.loads(printed.detail) == {"count": 2, "layout": "a4"}
    assert CODE not in str(drawn)
