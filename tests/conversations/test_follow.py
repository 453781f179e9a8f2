"""Follow, change, told, rated: a citizen on the page, a back office that calls, an import."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.web.hooks import sign
from tests.desk_process import Chat, RunningDesk, running_desk

SECRET = "between-the-two-houses"
CODE = "000.00.19.H39-260915-0001"
SECRET_OF_SLIP = "K7P2"
OTHER = "H39.21-261102-0042"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDesk]:
    """A desk where it is about noon now, so that nobody sleeps, and a back office may call."""
    east = 12 - datetime.now(timezone.utc).hour
    zone = f"Etc/GMT{-east:+d}"
    settings = {"MOTCUA_HOOK_SECRET": SECRET, "MOTCUA_TIMEZONE": zone}
    with running_desk(tmp_path_factory.mktemp("follow"), settings, start=False) as desk:
        desk.start("web")
        desk.start("worker")
        wait_for_worker(desk)
        yield desk


def wait_for_worker(desk: RunningDesk) -> None:
    """Buttons need no language model, so neither do these talks."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            checks = requests.get(f"{desk.url}/readyz", timeout=2).json()["checks"]
            if checks["worker"]:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise TimeoutError(desk.log("worker")[-2000:])


def press(chat: Chat, title: str) -> str:
    """Press the newest button that begins with ``title``; return the answer's text."""
    buttons = [b for message in chat.messages() for b in message.get("buttons", ())]
    payload = next(b["payload"] for b in reversed(buttons) if b["title"].startswith(title))
    return whole(chat.say(payload))


def whole(answers: list[dict[str, Any]]) -> str:
    return "\n".join(answer["text"] for answer in answers)


def follow(chat: Chat, code: str) -> str:
    return whole(chat.say(f'/follow_dossier{{"dossier_code": "{code}"}}'))


def call(desk: RunningDesk, **message: Any) -> requests.Response:
    body = json.dumps(message).encode()
    moment = str(int(time.time()))
    headers = {"X-MotCua-Timestamp": moment, "X-MotCua-Signature": sign(SECRET, moment, body)}
    return requests.post(f"{desk.url}/hooks/dossiers", data=body, headers=headers, timeout=20)


def heard(chat: Chat, words: str, seconds: float = 30) -> list[str]:
    """Return the messages with ``words``, once there is one and a moment has passed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if any(words in message["text"] for message in chat.messages()):
            time.sleep(6)  # longer than the lane rests: a second one would have come
            return [m["text"] for m in chat.messages() if words in m["text"]]
        time.sleep(0.2)
    return []


def local(desk: RunningDesk, form: str = "%Y%m%d%H%M%S", **off: float) -> str:
    return (datetime.now(timezone.utc) + timedelta(hours=7, **off)).strftime(form)


def test_follow_change_told_rate(office: RunningDesk, tmp_path: Path) -> None:
    chat, neighbour = Chat(office.url), Chat(office.url)
    neighbour.say("/greet")
    assert "đồng ý theo dõi chứ" in follow(chat, CODE)
    assert "đang theo dõi hồ sơ" in press(chat, "Đồng ý theo dõi")
    assert "Tắt tin" in str(chat.say("/my_dossiers"))
    assert "đã tắt tin" in whole(chat.say("tắt tin hồ sơ này"))  # what stands on the button
    assert "đã bật lại tin" in whole(chat.say("bật tin lại"))
    chat.say(f'/prove_owner{{"dossier_code": "{CODE}"}}')
    assert "Phòng kín" not in whole(chat.say(SECRET_OF_SLIP))

    answer = call(office, MaHoSo=CODE, TrangThaiHoSo=5, PhongBanXuLy="Phòng kín")
    assert answer.json() == {"taken": 1, "refused": 0}
    (told,) = heard(chat, "anh/chị theo dõi vừa thay đổi")
    assert "đang chờ anh/chị bổ sung giấy tờ" in told
    assert "đang chờ anh/chị bổ sung giấy tờ" in whole(neighbour.say(CODE))
    page = requests.get(f"{office.url}/q/{CODE}", timeout=20).text
    assert "bổ sung giấy tờ" in page

    call(office, MaHoSo=CODE, TrangThaiHoSo=10, NgayTra=local(office))
    (question,) = heard(chat, "Anh/chị hài lòng")
    assert CODE in question
    assert "Đánh giá đã được ghi nhận" in whole(chat.say("rất hài lòng"))
    again = whole(chat.say(f'/rate_dossier{{"dossier_code": "{CODE}", "stars": "1"}}'))
    assert "không có câu hỏi đánh giá" in again
    assert not any("hài lòng" in message["text"] for message in neighbour.messages())


def test_an_import_is_told_and_a_muted_or_ended_follow_is_not(
    office: RunningDesk, tmp_path: Path
) -> None:
    told, muted, ended = (Chat(office.url) for _ in range(3))
    for chat in (told, muted, ended):
        follow(chat, OTHER)
        press(chat, "Đồng ý theo dõi")
    assert "đã tắt tin" in whole(muted.say(f'/mute_dossier{{"dossier_code": "{OTHER}"}}'))
    assert "đã thôi theo dõi" in press(ended, "Thôi theo dõi")

    table = tmp_path / "import.csv"
    table.write_text(f"MaHoSo,TrangThaiHoSo\n{OTHER},6\n", encoding="utf-8")
    done = office.flask("registry", "import-dossiers", str(table))
    assert done.returncode == 0, done.stdout + done.stderr

    assert len(heard(told, "đang chờ anh/chị nộp tiền")) == 1
    for chat in (muted, ended):
        assert not any("vừa thay đổi" in message["text"] for message in chat.messages())


def test_stop_ends_what_was_followed(office: RunningDesk) -> None:
    chat = Chat(office.url)
    follow(chat, CODE.replace("0001", "0001"))
    chat.say("STOP")

    assert "chưa theo dõi hồ sơ nào" in whole(chat.say("/my_dossiers"))
