"""Beginning notices: what cannot begin is told once and holds up nobody."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bot.core.errors import StoreUnavailable
from bot.core.notices.states import NoticeRefused
from bot.core.work.notice_lane import NoticeLane
from tests.builders import NOW


class Broadcasts:
    """Planned drafts in memory; those with an error cannot be begun."""

    def __init__(self, *drafts: int, **failing: Exception) -> None:
        self.drafts = list(drafts)
        self.failing = {int(name[1:]): error for name, error in failing.items()}
        self.begun: list[int] = []

    def due(self, now: datetime, limit: int = 20) -> Sequence[int]:
        return [each for each in self.drafts if each not in self.begun][:limit]

    def start(self, draft_id: int, render: Any, now: datetime) -> Any:
        if draft_id in self.failing:
            raise self.failing[draft_id]
        self.begun.append(draft_id)
        return SimpleNamespace(id=draft_id)

    def nothing(self, *what: Any) -> tuple[int, ...]:
        return ()

    unplanned = sweep = finish = expire = nothing


def a_lane(broadcasts: Broadcasts) -> NoticeLane:
    return NoticeLane(broadcasts, None, lambda made, notice: None)  # type: ignore[arg-type]


def step(lane: NoticeLane) -> int:
    return lane.step(lambda: NOW, lambda: None)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    lines = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
    return [line.partition(" places=")[0] for line in lines]


def test_a_draft_that_fails_is_told_once_for_each_reason(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broadcasts = Broadcasts(1, 2, _1=NoticeRefused("changed"), _2=KeyError("x"))
    lane = a_lane(broadcasts)
    for _ in range(3):
        assert step(lane) == 0
    broadcasts.failing[1] = NoticeRefused("role")
    step(lane)

    assert told(caplog) == [
        "event=notice_not_begun draft=1 code=changed",
        "event=notice_failed draft=2 error=KeyError",
        "event=notice_not_begun draft=1 code=role",
    ]


def test_a_draft_that_failed_and_was_put_right_may_fail_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    broadcasts = Broadcasts(1, _1=NoticeRefused("changed"))
    lane = a_lane(broadcasts)
    step(lane)
    broadcasts.drafts = []
    step(lane)
    broadcasts.drafts = [1]
    step(lane)

    assert len(told(caplog)) == 2


def test_drafts_that_fail_do_not_take_the_place_of_others() -> None:
    failing = {f"_{number}": NoticeRefused("changed") for number in range(20)}
    broadcasts = Broadcasts(*range(21), **failing)
    lane = a_lane(broadcasts)

    assert [step(lane), step(lane)] == [0, 1]
    assert broadcasts.begun == [20]


def test_a_silent_store_is_no_failure_of_one_draft(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(StoreUnavailable):
        step(a_lane(Broadcasts(1, _1=StoreUnavailable("gone"))))

    assert told(caplog) == []
