"""The first page: what waits for whom, what goes out, marks of citizens, how platforms stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.console.words import words
from bot.core.notices.approval import Hand
from bot.core.staff.roles import Role
from bot.core.work.health import (
    Platform,
    Trouble,
    hearing_troubles,
    pause_troubles,
    token_troubles,
)
from bot.settings import Settings
from bot.store import Pause, TokenState
from bot.store.schema import citizens
from bot.store.schema_follows import ratings
from bot.wiring.health import build_health
from tests.adapters.console_parts import START, Console
from tests.contract.notice_builders import a_notice
from tests.contract.store_builders import a_message

WORK, HEALTH = words()["work"], words()["health"]


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    made = Console(tmp_path)
    yield made
    made.store.close()


def submitted(console: Console, staff: Any) -> Any:
    drafts, hand = console.store.drafts, Hand.of(staff)
    draft = drafts.create(hand, a_notice(), console.now)
    return drafts.submit(draft.id, hand, draft.version, console.now)


def approved(console: Console, draft: Any, staff: Any) -> Any:
    return console.store.drafts.approve(
        draft.id, Hand.of(staff), draft.version, draft.fingerprint, console.now
    )


def test_what_waits_is_counted_for_each_by_role_and_own_work(console: Console) -> None:
    both = (Role.AUTHOR, Role.APPROVER)
    author = console.person("lan", both)
    approver = console.logged_in("minh", both)
    draft = submitted(console, author)

    assert console.store.today.waiting_for(author.id).approve == 0
    page = approver.get("/console/").text
    assert WORK["approve"]["title"] in page
    assert WORK["returned"]["title"] not in page

    minh = console.store.staff.find("minh")
    assert minh
    console.store.drafts.give_back(
        draft.id, Hand.of(minh.staff), "Thiếu giờ", draft.version, console.now
    )
    assert console.store.today.waiting_for(author.id).returned == 1
    assert console.store.today.waiting_for(minh.staff.id).returned == 0


def test_what_is_approved_waits_to_be_released_and_not_to_be_approved(console: Console) -> None:
    author = console.person("lan", (Role.AUTHOR,))
    minh = console.person("minh", (Role.APPROVER,))
    draft = approved(console, submitted(console, author), minh)

    waiting = console.store.today.waiting_for(minh.id)

    assert draft.state.value == "approved"
    assert (waiting.approve, waiting.release) == (0, 1)


def test_somebody_without_the_role_is_not_told(console: Console) -> None:
    submitted(console, console.person("lan"))

    page = console.logged_in("quan", (Role.ADMIN,)).get("/console/").text

    assert WORK["approve"]["title"] not in page
    assert "Không có việc nào đang chờ" in page


def test_who_asked_for_a_person_today_is_counted_and_not_named(console: Console) -> None:
    console.store.journal.receive([a_message(1, "an"), a_message(2, "binh")], console.now)
    with console.store._db.write() as connection:
        connection.execute(
            citizens.update()
            .where(citizens.c.external_id == "an")
            .values(human_wanted_at=console.now)
        )
        connection.execute(
            citizens.update()
            .where(citizens.c.external_id == "binh")
            .values(human_wanted_at=console.now - timedelta(days=1))
        )

    assert console.store.today.wanted_person(START - timedelta(hours=2)) == 1
    assert "người đã hỏi hôm nay" in console.logged_in().get("/console/").text


def test_marks_of_thirty_days_are_shown_by_agency(console: Console) -> None:
    today = console.now.date()
    rows = [(0, "Sở Tư pháp", 5), (1, "Sở Tư pháp", 4), (29, "UBND xã A", 2), (31, "UBND xã A", 1)]
    rows += [(2, "Sở Tư pháp", 5)] * 4
    with console.store._db.write() as connection:
        for days, agency, stars in rows:
            day = (today - timedelta(days=days)).isoformat()
            row = {"day": day, "agency": agency, "procedure_code": "1", "stars": stars}
            connection.execute(ratings.insert().values(row))

    page = console.logged_in().get("/console/").text

    assert "30 ngày qua, 7 lượt" in page
    assert "<strong>4,4</strong>" in page
    assert "<td>6</td><td>4,8</td>" in page
    assert "UBND xã A" not in page  # a single mark is somebody's


def test_troubles_of_platforms_are_said_with_what_to_do(console: Console) -> None:
    troubles = (
        Trouble("paused_account", console.now, "-216"),
        Trouble("silent", console.now - timedelta(days=9)),
    )
    platform = Platform("zalo", "Zalo 4000", troubles)
    known = replace(console.known, platforms=lambda now: (platform, Platform("b", "Zalo Bot")))
    console.app.extensions["motcua_console"] = known

    page = console.logged_in().get("/console/").text

    assert "Không gửi được tin nào từ 08:30 hôm nay, mã lỗi -216" in page
    assert "flask --app server doctor" in page
    assert "Không nhận được tin nào từ 08:30 13/11/2026" in page
    assert HEALTH["connected"]["title"] in page


# What is wrong with a platform


def codes(found: Any) -> list[str]:
    return [each.code for each in found]


@pytest.mark.parametrize(
    ("state", "first", "expected"),
    [
        (None, False, ["token_missing"]),
        (None, True, []),
        (TokenState(START, START - timedelta(days=1), None), False, []),
        (TokenState(START, START - timedelta(days=76), None), False, ["token_old"]),
        (TokenState(START, START, START - timedelta(minutes=2)), False, ["token_stuck"]),
        (TokenState(START, START, START - timedelta(seconds=9)), False, []),
    ],
)
def test_the_right_to_send(state: TokenState | None, first: bool, expected: list[str]) -> None:
    assert codes(token_troubles(state, START, first_waits=first)) == expected


def test_pauses_that_need_a_person_and_those_that_end_by_themselves() -> None:
    later = START + timedelta(hours=1)
    pauses = [
        Pause("account", "-216", True, START, later),
        Pause("notices", "-32", False, START, later),
    ]

    assert list(pause_troubles(pauses)) == [
        Trouble("paused_account", START, "-216"),
        Trouble("waits_notices", later),
    ]


@pytest.mark.parametrize(("days", "expected"), [(6, []), (8, ["silent"])])
def test_a_silent_platform(days: int, expected: list[str]) -> None:
    assert codes(hearing_troubles(START - timedelta(days=days), START)) == expected


def test_every_trouble_has_words() -> None:
    reaches = ("account", "notices")
    every = {f"{how}_{reach}" for how in ("paused", "waits") for reach in reaches}
    every |= {"token_missing", "token_stuck", "token_old", "never_heard", "silent"}

    for code in every:
        assert set(HEALTH[code]) == {"tone", "title", "todo"}, code


def test_the_platforms_of_the_settings_are_looked_at(console: Console) -> None:
    settings = Settings(
        zalo_app_id="1", zalo_app_secret="s", zalo_oa_id="4000", zalo_oa_secret="o",
        zalo_bot_token="t",
    )  # fmt: skip
    console.store.pauses.begin(
        "zalo", "account", "-216", START, START + timedelta(hours=1), person=True
    )

    zalo, bot = build_health(settings, console.store)(START)

    assert codes(zalo.troubles) == ["token_missing", "paused_account", "never_heard"]
    assert (bot.name, bot.troubles) == ("Zalo Bot", ())
    assert build_health(Settings(), console.store)(START) == ()
