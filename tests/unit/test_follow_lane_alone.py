"""The follow lane by itself: which word is the later one, and what a silent store means."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.core.errors import StoreUnavailable
from bot.core.follow.follow import is_news, newest
from bot.core.work.follow_lane import FollowLane, changed_if_newer
from tests.builders import NOW, a_dossier
from tests.unit.follow_parts import TIMES, a_follow

EVERY = timedelta(minutes=10)
HOUR = timedelta(hours=1)


def clock() -> datetime:
    return NOW


def silent(*what: Any) -> Any:
    raise StoreUnavailable("gone")


class Store:
    """Follows whose writing fails, and what is noted about asking a source."""

    def __init__(self, *, is_back: bool = True) -> None:
        self.ends: list[tuple[Any, ...]] = []
        self._is_back = is_back

    def begin_poll(self, name: str, *when: datetime) -> int:
        return 2

    def end_poll(self, *what: Any) -> None:
        if not self._is_back:
            silent()
        self.ends.append(what)

    followed_of = staticmethod(silent)


class Words:
    """Notices that cannot be worded because of ``error``."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def batch(self, people: Any, now: datetime) -> Callable[..., Any]:
        def word(*what: Any) -> Any:
            raise self._error

        return word

    def is_owner(self, follow: Any) -> bool:
        return False


class Portal:
    """A source beside the register."""

    name = "portal"


def a_lane(store: Any = None, words: Any = None, *sources: Any) -> FollowLane:
    return FollowLane(store, None, sources, words, TIMES, EVERY)


@pytest.mark.parametrize("is_back", [True, False])
def test_a_poll_that_the_store_cut_short_is_made_up_for(is_back: bool) -> None:
    store = Store(is_back=is_back)

    with pytest.raises(StoreUnavailable):
        a_lane(store, None, Portal()).poll(clock)

    ended = [("poll portal", 2, NOW + timedelta(minutes=1))]
    assert store.ends == (ended if is_back else [])


def test_a_silent_store_is_no_failure_of_one_dossier() -> None:
    known = a_dossier(as_of=NOW, status=4)
    follow = a_follow(known, told=a_follow(a_dossier(status=2)).told)

    with pytest.raises(StoreUnavailable):
        a_lane(words=Words(StoreUnavailable("gone")))._decided([follow], NOW)
    (decided,) = a_lane(words=Words(KeyError("x")))._decided([follow], NOW)
    assert decided.messages == ()


def test_a_call_without_a_state_does_not_make_an_earlier_change_old_news() -> None:
    known = a_dossier(status=2, changed_at=NOW - 3 * HOUR, as_of=NOW - 3 * HOUR)
    call = {"handling_unit": "Bộ phận hộ tịch", "changed_at": NOW.isoformat()}

    merged = changed_if_newer(known, {**call, "as_of": NOW.isoformat()})

    assert merged.handling_unit == "Bộ phận hộ tịch"
    assert (merged.changed_at, merged.as_of) == (known.changed_at, known.as_of)
    imported = a_dossier(status=9, changed_at=NOW - HOUR, as_of=NOW)
    assert newest(merged, imported) is imported
    assert is_news(merged, imported)


def test_a_call_with_a_state_outdoes_an_earlier_change() -> None:
    known = a_dossier(status=2, changed_at=NOW - 3 * HOUR)
    merged = changed_if_newer(known, {"status": 5, "changed_at": NOW.isoformat()})

    assert merged.changed_at == NOW
    assert not is_news(merged, a_dossier(status=9, changed_at=NOW - HOUR))
    old = {"status": 4, "changed_at": (NOW - HOUR).isoformat()}
    assert changed_if_newer(merged, old) is merged
