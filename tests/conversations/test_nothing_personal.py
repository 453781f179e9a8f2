"""A whole run with names, numbers and secrets everywhere; then they are looked for everywhere."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.qr.draw import draw_png
from bot.settings import Settings
from bot.store import Store, open_store
from bot.web.hooks import sign
from bot.wiring.privacy import purge
from tests.desk_process import Chat, RunningDesk, free_port, running_desk, zalo_environ
from tests.onestop import OneStop
from tests.simulator import Simulator
from tests.test_privacy_page import unlisted
from tests.traces import in_bytes, in_files, in_tables

HOOK_SECRET = "between-the-two-houses-9"
NAME, OTHER_NAME = "Phan Ngọc Tường Lam", "Lý Thị Hồng Nhạn"
IDENTITY, PHONE, MAIL = "080197004521", "0918273645", "tuonglam.phan@example.vn"
STREET, SECRET, LAST = "hẻm 412 Nguyễn Cửu Vân", "Q7ZK93XW", "8352"
LINKED = "vnpt-secret-5e1f77"
SUBJECT = "Xin tách thửa cho cháu Bé Thảo"
PLANTED = [NAME, OTHER_NAME, "Tường Lam", IDENTITY, PHONE, MAIL, STREET, SECRET, LINKED, SUBJECT]
ERASED, ERASED_PHONE, SPOOLED = "Trương Vĩnh Phú Quý", "0977001122", "Mai Thị Giông Tố"
ONESTOP, IMPORTED = "H39.21-261102-0977", "H39.21-261103-0988"
PERSON = "2000000000000077001"
# The only column a planted word may be in before its day is over: see docs/privacy.md.
ALLOWED = ("inbound", "text")
REPEATED = ("deliveries", "body", STREET)  # a place that is asked for is named in the answer


@dataclass
class Run:
    """A desk that heard everything, stopped."""

    desk: RunningDesk
    secrets: list[str]
    metrics: bytes = b""
    ready: bytes = b""
    spooled: bytes = b""
    unlisted: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    port = free_port()
    folder = tmp_path_factory.mktemp("personal")
    address = f"http://127.0.0.1:{port}/webhooks/zalo"
    with OneStop() as system, Simulator(address) as simulator:
        system.world.put(_record(ONESTOP))
        loud = dict.fromkeys(("LOG_LEVEL", "LOG_LEVEL_LIBRARIES", "LOG_LEVEL_RASA"), "DEBUG")
        settings = {
            **zalo_environ(simulator),
            **loud,
            "MOTCUA_HOOK_SECRET": HOOK_SECRET,
            "MOTCUA_DOSSIER_SOURCES": "onestop register",
            "MOTCUA_ONESTOP_URL": system.url,
            "MOTCUA_ONESTOP_TOKEN_URL": system.token_url,
            "MOTCUA_ONESTOP_CLIENT_ID": "motcua",
            "MOTCUA_ONESTOP_CLIENT_SECRET": "one-stop-client-secret",
            "MOTCUA_WRONG_CODES_CITIZEN": "50",
        }
        with running_desk(folder, settings, port) as desk:
            account = simulator.account
            secrets = [HOOK_SECRET, "one-stop-client-secret", "only-for-tests"]
            secrets += [account.oa_secret, account.app_secret, account.first_refresh_token]
            done = Run(desk, secrets)
            _import(done, folder)
            chat = Chat(desk.url)
            done.secrets.append(chat.token)
            _talk(chat, Chat(desk.url))
            _show(chat)
            _on_zalo(simulator)
            _while_the_store_is_away(done, simulator)
            _forget_me(Chat(desk.url))
            _call(desk)
            _knock(desk)
            for mood in ("html", "half", "wrong_shape"):
                system.feel(mood)
                chat.say(ONESTOP)
            done.metrics = requests.get(f"{desk.url}/metrics", timeout=10).content
            done.ready = requests.get(f"{desk.url}/readyz", timeout=10).content
            time.sleep(2)
            done.unlisted += unlisted(folder)
            desk.stop()
            yield done


def _record(code: str) -> dict[str, Any]:
    return {
        "MaHoSo": code, "MaTTHC": "1.013225", "TenTTHC": "Cấp giấy phép xây dựng mới",
        "TrangThaiHoSo": 4, "NgayTiepNhan": "20261102144500", "NgayHenTra": "20261204170000",
        "CoQuanTiepNhan": "UBND xã Mộc Hóa", "DonViXuLy": "Phòng Kinh tế",
        "ThoiDiemXuLy": "20261116091500", "ChuHoSo": NAME, "SoDienThoai": PHONE, "Email": MAIL,
        "MaDoiTuong": IDENTITY, "DiaChi": STREET, "MaTraCuu": SECRET, "TrichYeuHoSo": SUBJECT,
        "GhiChu": f"Gọi {OTHER_NAME} {PHONE}",
        "DanhSachTienDo": [{
            "NguoiXuLy": OTHER_NAME, "ThoiDiemXuLy": "20261116091500", "TrangThai": 4,
            "PhongBanXuLy": "Phòng Kinh tế", "NoiDungXuLy": f"Nhận của {NAME}",
        }],
    }  # fmt: skip


def _import(done: Run, folder: Path) -> None:
    """Import from a file and from a watched folder; some rows name people where days belong."""
    exports = folder.parent / f"{folder.name}-exports"
    exports.mkdir()
    records = [_record(IMPORTED), {**_record("H39.21-261103-0989"), "NgayHenTra": NAME}]
    records[0]["SoDienThoai"] = f"09000{LAST}0{LAST}"[-10:]
    (exports / "a.json").write_text(json.dumps(records, ensure_ascii=False), encoding="utf-8")
    once = done.desk.flask("registry", "watch", str(exports), "--once", "--interval", "0.3")
    (done.desk.data_dir / "watch.log").write_text(once.stdout + once.stderr, encoding="utf-8")
    assert "event=imported" in once.stdout + once.stderr
    shutil.rmtree(exports)


def _talk(chat: Chat, owner: Chat) -> None:
    for text in (IMPORTED, f'/prove_owner{{"dossier_code": "{IMPORTED}"}}', SECRET):
        told = owner.say(text)
    assert "30 ngày" in " ".join(each["text"] for each in told), told
    for text in (
        f"em tên là {NAME}, cccd {IDENTITY}, sdt {PHONE}, mail {MAIL} nhà số 5 {STREET}",
        f"xyzw qwop {NAME} ghjk {PHONE} bnml",
        IDENTITY,
        f"{PHONE[:4]} {PHONE[4:7]} {PHONE[7:]}",
        f"tra giúp hồ sơ của {OTHER_NAME} với",
        f"{ONESTOP} của {NAME}",
        IMPORTED,
        f'/prove_owner{{"dossier_code": "{IMPORTED}"}}',
        LAST,
        f'/follow_dossier{{"dossier_code": "{ONESTOP}"}}',
        "đồng ý",
        f'/lookup_dossier{{"dossier_code": "{NAME} {PHONE}"}}',
        f'/ask_office{{"area": "{STREET}"}}',
        f"https://evil.example/?token={LINKED}&ten={NAME}",
    ):
        chat.say(text)


def _show(chat: Chat) -> None:
    for payload in (
        f"{IDENTITY}|201234567|{NAME}|01011990|Nữ|{STREET}|01012022",
        f"https://evil.example/q?token={LINKED}",
        f"WIFI:S:nha {NAME};P:{SECRET};;",
        f"{ONESTOP}|{NAME}|{PHONE}",
    ):
        chat.show(draw_png(payload, 8))
    chat.show(b"\xff\xd8\xff" + NAME.encode() * 50)


def _on_zalo(simulator: Simulator) -> None:
    simulator.citizen_says(PERSON, f"em là {NAME} số {PHONE}")
    simulator.wait_for(PERSON, 1)
    simulator.citizen_sends_photo(PERSON, draw_png(f"{IDENTITY}||{NAME}|01011990", 8), MAIL)
    simulator.wait_for(PERSON, 2)
    simulator.style.bad_signature = True
    simulator.citizen_says(PERSON, f"{OTHER_NAME} {IDENTITY}")
    simulator.style.bad_signature = False


def _while_the_store_is_away(done: Run, simulator: Simulator) -> None:
    spool = done.desk.data_dir / "spool"
    busy = sqlite3.connect(done.desk.data_dir / "motcua.db", isolation_level=None, timeout=20)
    busy.execute("begin immediate")
    simulator.citizen_says(PERSON, f"em là {SPOOLED}")
    _wait(lambda: any(path.stat().st_size for path in spool.glob("*")))
    done.spooled = b"".join(path.read_bytes() for path in spool.glob("*"))
    busy.rollback()
    busy.close()
    _wait(lambda: not any(path.stat().st_size for path in spool.glob("*")))
    simulator.wait_for(PERSON, 3)


def _forget_me(chat: Chat) -> None:
    for text in (f"em là {ERASED}, {ERASED_PHONE}", ONESTOP, "xóa dữ liệu của tôi"):
        chat.say(text)
    assert "đã xóa" in " ".join(each["text"].lower() for each in chat.say("đồng ý xóa"))


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _call(desk: RunningDesk) -> None:
    """A back office tells too much: rightly signed, wrongly signed, broken."""
    good = json.dumps(_record(ONESTOP)).encode()
    for body, secret in ((good, HOOK_SECRET), (good, "wrong"), (good[:-9], HOOK_SECRET)):
        moment = str(int(time.time()))
        headers = {"X-MotCua-Timestamp": moment, "X-MotCua-Signature": sign(secret, moment, body)}
        requests.post(f"{desk.url}/hooks/dossiers", data=body, headers=headers, timeout=20)


def _knock(desk: RunningDesk) -> None:
    """Ask for addresses that name people, and talk nonsense to the port."""
    for path in (f"/q/{SECRET}.{LINKED}.{NAME}", f"/nothing/{NAME}?phone={PHONE}", f"/{IDENTITY}"):
        requests.get(f"{desk.url}{path}", headers={"Referer": MAIL}, timeout=10)
    for path in ("/chat/api/messages", "/webhooks/zalo", "/webhooks/nobody"):
        headers = {"Authorization": f"Bearer {SECRET}", "Cookie": f"motcua_chat={LINKED}"}
        data = json.dumps({"text": NAME, "phone": PHONE})
        requests.post(f"{desk.url}{path}", data=data, headers=headers, timeout=10)
    with socket.create_connection(("127.0.0.1", desk.port), timeout=5) as line:
        line.sendall(f"GET /{PHONE} HTTP/9.9\r\nX {SECRET}: {LINKED}\r\n\r\n".encode())
        line.recv(100)


@pytest.mark.slow
def test_the_run_was_worth_looking_at(run: Run) -> None:
    """Otherwise finding nothing would prove nothing."""
    kept = set(in_tables(run.desk.data_dir / "motcua.db", PLANTED))

    assert {word for *_, word in kept} >= {NAME, IDENTITY, PHONE, MAIL, STREET}
    assert (run.desk.data_dir / "known.db").exists()
    assert "event=hook_taken" in run.desk.log("web")
    assert "event=hook_refused" in run.desk.log("web")
    assert "event=worker_ready model=True" in run.desk.log("worker")
    with opened(run) as store:
        assert store.review.rows()
        assert store.follows.count() == 1


@pytest.mark.slow
def test_within_the_day_words_are_only_where_the_page_says(run: Run) -> None:
    assert {each for each in _in_database(run) if each[:2] != ALLOWED} <= {REPEATED}


@pytest.mark.slow
def test_no_log_no_metric_no_other_file_holds_a_planted_word(run: Run) -> None:
    words = [*PLANTED, *run.secrets, PERSON]
    others = [*in_files(run.desk.data_dir, words)]

    assert [each for each in others if not each[0].startswith("motcua.db")] == []
    assert in_bytes(run.metrics + run.ready, words) == set()
    for name in ("registry.db", "known.db"):
        assert list(in_tables(run.desk.data_dir / name, words)) == []
    assert run.unlisted == []  # every file is on the page


@pytest.mark.slow
def test_what_was_spooled_and_what_was_erased_is_gone_at_once(run: Run) -> None:
    assert in_bytes(run.spooled, [SPOOLED]) == {SPOOLED}
    assert not [name for name, _ in in_files(run.desk.data_dir, [SPOOLED]) if "spool" in name]

    assert list(in_files(run.desk.data_dir, [ERASED, ERASED_PHONE])) == []


@pytest.mark.slow
def test_the_digits_of_a_proof_are_nowhere_at_once(run: Run) -> None:
    alone = re.compile(rf"(?<![\w.:-]){LAST}(?![\w.:-])")
    with opened(run) as store:
        for citizen in (1, 2, 3):
            if store.citizens.by_id(citizen):
                told = json.dumps(store.privacy.export(citizen), ensure_ascii=False)
                assert not alone.search(told)
                assert SECRET not in told
    for name in ("web", "worker"):
        assert not alone.search(run.desk.log(name))


@pytest.mark.slow
def test_a_day_later_nothing_is_left_in_any_byte(run: Run) -> None:
    with opened(run) as store:
        settings = Settings(data_dir=run.desk.data_dir)
        purge(settings, store, datetime.now(timezone.utc) + timedelta(hours=25))
        assert store.follows.count() == 1  # what was wished for stays

    words = [*PLANTED, *run.secrets, SPOOLED]
    assert list(in_files(run.desk.data_dir, words)) == []
    assert list(_in_database(run, words)) == []


@contextmanager
def opened(run: Run) -> Iterator[Store]:
    store = open_store(f"sqlite:///{run.desk.data_dir / 'motcua.db'}")
    yield store
    store.close()


def _in_database(run: Run, words: list[str] | None = None) -> Iterator[tuple[str, str, str]]:
    return in_tables(run.desk.data_dir / "motcua.db", words or [*PLANTED, *run.secrets])
