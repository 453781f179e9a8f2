"""A published notice reaches those who follow its topic, on both channels, once; STOP ends it."""

from __future__ import annotations

import time
from pathlib import Path

from tests.desk_process import Chat, RunningDesk
from tests.simulator import Simulator

PERSON = "2000000000000077001"
STRANGER = "2000000000000077002"


def publish(desk: RunningDesk, folder: Path, title: str, topic: str = "disaster") -> None:
    path = folder / "notice.txt"
    path.write_text(f"{title}\n\nMưa to từ 14 giờ. Bà con kê cao đồ đạc.", encoding="utf-8")
    options = ("--issuer", "Ban chỉ huy phòng chống thiên tai", "--number", "7/TB", "--yes")
    done = desk.flask("notices", "publish", "--topic", topic, "--file", str(path), *options)
    assert done.returncode == 0, done.stdout + done.stderr


def heard(chat: Chat, words: str, seconds: float = 15) -> int:
    """Return how often the page shows ``words``, once it does or time is up."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        times = sum(words in message["text"] for message in chat.messages())
        if times:
            return times
        time.sleep(0.1)
    return 0


def test_a_notice_reaches_followers_on_both_channels_once(
    desk: RunningDesk, zalo: Simulator, tmp_path: Path
) -> None:
    follower, other = Chat(desk.url), Chat(desk.url)
    follower.say("đăng ký nhận tin bão lũ")
    other.say("chào em")
    zalo.citizen_says(PERSON, "cho tôi nhận tin thiên tai")
    zalo.citizen_says(STRANGER, "chào em")
    zalo.wait_for(PERSON, 1)
    zalo.wait_for(STRANGER, 1)

    publish(desk, tmp_path, "Mưa lớn tại phường Long An chiều nay")

    assert heard(follower, "Mưa lớn tại phường Long An") == 1
    on_zalo = zalo.wait_for(PERSON, 2)[1:]
    assert [item.text.count("Mưa lớn tại phường Long An") for item in on_zalo] == [1]
    assert not any("Mưa lớn" in item.text for item in zalo.sent_to(STRANGER))
    assert not any("Mưa lớn" in message["text"] for message in other.messages())
    shown = next(item for item in follower.messages() if "Mưa lớn" in item["text"])
    assert shown["from"] == "bot"
    assert shown["meta"]["notice_id"]
    assert "7/TB" in shown["text"]
    news = "\n".join(message["text"] for message in other.say("có tin gì về thiên tai không"))
    assert "Mưa lớn tại phường Long An" in news


def test_after_stop_nothing_is_pushed(desk: RunningDesk, tmp_path: Path) -> None:
    stopped, witness = Chat(desk.url), Chat(desk.url)
    for chat in (stopped, witness):
        chat.say("đăng ký nhận tin bão lũ")
    stopped.say("STOP")

    publish(desk, tmp_path, "Triều cường lên cao tối nay")

    assert heard(witness, "Triều cường") == 1
    assert not any("Triều cường" in message["text"] for message in stopped.messages())
