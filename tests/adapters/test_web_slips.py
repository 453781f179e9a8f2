"""The page behind a slip: what it shows, to whom, and what it must never let through."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from bot.core.dossiers.codes import DossierCode
from bot.core.dossiers.dossier import Dossier
from bot.core.dossiers.slip_page import SlipPages
from bot.core.dossiers.slips import Slips
from bot.core.errors import DossierNotFound, SourceUnavailable
from bot.wiring.desk import build_wording
from tests.adapters.web_parts import Parts, some_parts, web_app
from tests.builders import a_dossier

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=timezone.utc)
CODE = "H53.16-260916-0012"
SLIPS = Slips({"a": b"only for tests"}, "a", lambda digest: False)
TOKEN = SLIPS.sign(DossierCode(CODE))


@dataclass
class World:
    """A source and a budget a test can turn about."""

    dossier: Dossier = field(default_factory=lambda: a_dossier(code=CODE))
    silent: bool = False
    left: int = 100
    noted: list[tuple[str, bool]] = field(default_factory=list)
    name: str = "world"

    def fetch(self, code: DossierCode) -> Dossier:
        if self.silent:
            raise SourceUnavailable
        if code != DossierCode(self.dossier.code):
            raise DossierNotFound
        return self.dossier

    def allowed(self, origin: str, now: datetime) -> bool:
        return self.left > 0

    def note(self, origin: str, code: DossierCode, now: datetime, *, wrong: bool) -> bool:
        self.noted.append((origin, wrong))
        self.left -= wrong
        return True


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def parts(tmp_path: Path, world: World) -> Iterator[Parts]:
    known = some_parts(tmp_path, zalo_oa_id="123456789")
    known.now = NOW
    known.wording = build_wording(known.settings)
    known.slips = SlipPages(SLIPS, [world], world, ZoneInfo("Asia/Ho_Chi_Minh"))
    yield known
    known.store.close()


@pytest.fixture
def client(parts: Parts) -> Any:
    return web_app(parts).test_client()


def test_a_slip_shows_where_the_dossier_stands(client: Any, world: World) -> None:
    answer = client.get(f"/q/{TOKEN}")

    assert answer.status_code == 200
    for words in (
        CODE,
        world.dossier.procedure_name,
        world.dossier.agency,
        "Đang được giải quyết",
    ):
        assert words in answer.text
    assert "đúng do bàn một cửa cấp" in answer.text
    assert f'href="/#ho-so={CODE}&amp;phieu={TOKEN}"' in answer.text
    assert 'href="https://zalo.me/123456789"' in answer.text
    assert world.noted == []


def test_nothing_of_the_owners_answer_is_shown(client: Any, world: World) -> None:
    world.dossier = replace(world.dossier, handling_unit="Bộ phận thẩm định bí mật")

    assert "bí mật" not in client.get(f"/q/{TOKEN}").text


@pytest.mark.parametrize("path", [TOKEN, CODE, f"{TOKEN}/timeline.png", "H53.16-260916-0099", "x"])
def test_no_page_is_kept_indexed_or_tells_where_one_came_from(client: Any, path: str) -> None:
    headers = client.get(f"/q/{path}").headers

    assert "no-store" in headers["Cache-Control"]
    if path != "x/timeline.png":
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "script" not in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


def test_the_page_needs_no_script_and_no_inline_style(client: Any) -> None:
    page = client.get(f"/q/{TOKEN}").text

    assert "<script" not in page
    assert "style=" not in page
    assert 'name="robots" content="noindex' in page


def test_a_bare_code_works_and_counts(client: Any, world: World) -> None:
    answer = client.get(f"/q/{CODE.lower()}")

    assert answer.status_code == 200
    assert "đúng do bàn một cửa cấp" not in answer.text
    assert "phieu=" not in answer.text
    assert world.noted == [("127.0.0.1", False)]


def test_a_forged_slip_is_told_and_answered_like_a_bare_code(client: Any, world: World) -> None:
    answer = client.get(f"/q/{CODE}.A.AAAAAAAAAAAAAAAA")

    assert answer.status_code == 200
    assert "không có xác nhận còn hiệu lực" in answer.text
    assert "phieu=" not in answer.text
    assert world.noted == [("127.0.0.1", False)]


def test_an_unknown_code_is_not_found_and_costs_the_callers_address(
    client: Any, world: World
) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.9"}

    answer = client.get("/q/H53.16-260916-0099", headers=forwarded)

    assert answer.status_code == 404
    assert "Chưa tìm thấy hồ sơ này" in answer.text
    assert world.noted == [("203.0.113.9", True)]


def test_after_too_many_wrong_codes_only_slips_are_answered(client: Any, world: World) -> None:
    world.left = 1
    client.get("/q/H53.16-260916-0099")

    refused = client.get(f"/q/{CODE}")

    assert refused.status_code == 429
    assert refused.headers["Retry-After"]
    assert CODE not in refused.text
    assert client.get(f"/q/{TOKEN}").status_code == 200


def test_a_silent_source_is_said_so(client: Any, world: World) -> None:
    world.silent = True

    answer = client.get(f"/q/{TOKEN}")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "không trả lời" in answer.text
    assert "Chưa tìm thấy" not in answer.text


def test_a_state_from_memory_says_so(client: Any, world: World) -> None:
    world.dossier = replace(world.dossier, stale=True)

    assert "ghi nhận cuối" in client.get(f"/q/{TOKEN}").text


def test_what_a_register_writes_cannot_break_out(client: Any, world: World) -> None:
    attack = '"><script>alert(1)</script>\n---\n[x](https://evil.example)'
    world.dossier = replace(
        world.dossier, procedure_name=attack, agency=attack, status=None, status_label=attack
    )

    page = client.get(f"/q/{TOKEN}").text

    assert "<script" not in page
    assert 'href="https://evil.example' not in page


@pytest.mark.parametrize(
    "path",
    [
        "%3Cscript%3E",
        "a%0d%0ab",
        "..%2f..%2fetc%2fpasswd",
        "1.001193",
        "x" * 3000,
        "%00",
        "%C4%91",
    ],
)
def test_nonsense_is_not_found_and_not_repeated(client: Any, world: World, path: str) -> None:
    answer = client.get(f"/q/{path}")

    assert answer.status_code == 404
    assert "<script" not in answer.text
    assert "passwd" not in answer.text
    assert world.noted == []


@pytest.mark.parametrize("status", [None, *range(1, 11)])
def test_every_state_has_its_page_and_picture(client: Any, world: World, status: int) -> None:
    world.dossier = replace(world.dossier, status=status, status_label="Nhận trực tiếp")

    page = client.get(f"/q/{TOKEN}")
    drawn = client.get(f"/q/{TOKEN}/timeline.png")

    assert page.status_code == drawn.status_code == 200
    assert "{{" not in page.text
    assert drawn.mimetype == "image/png"
    assert Image.open(io.BytesIO(drawn.data)).width == 720


def test_the_picture_of_an_unknown_code_is_not_found(client: Any, world: World) -> None:
    assert client.get("/q/H53.16-260916-0099/timeline.png").status_code == 404
    assert world.noted == [("127.0.0.1", True)]


def test_one_address_opens_only_so_many_pages(tmp_path: Path, world: World) -> None:
    parts = some_parts(tmp_path / "other", slip_rate="3/minute")
    parts.slips = SlipPages(SLIPS, [world], world, timezone.utc)
    parts.wording = build_wording(parts.settings)
    client = web_app(parts).test_client()

    answers = [client.get(f"/q/{TOKEN}") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "mở nhiều lần quá nhanh" in answers[-1].text
    other = client.get(f"/q/{TOKEN}", headers={"X-Forwarded-For": "203.0.113.9"})
    assert other.status_code == 200
    parts.store.close()
