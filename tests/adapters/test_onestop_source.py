"""A one-stop system that answers: facts, labels, tokens, cache, what is kept and what is not."""

from __future__ import annotations

import logging
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import astuple
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from bot.core.errors import DossierNotFound, SourceUnavailable
from bot.sources.onestop import Access, OneStopSource
from bot.sources.onestop.breaker import FIRST_REST, State
from bot.sources.onestop.client import Client
from bot.sources.onestop.faults import Fault
from bot.sources.onestop.known import TERM, KnownStates
from bot.sources.onestop.mapping import read_mapping
from bot.sources.onestop.source import Remembered
from bot.sources.onestop.tokens import FixedToken
from bot.sources.onestop.transport import Apart, Transport
from tests.adapters.onestop_parts import CODE, OTHER, PLANTED, READY, STRANGE, closing, joined
from tests.builders import a_dossier
from tests.onestop import OneStop
from tests.onestop.world import CLIENT, FIXED_TOKEN

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=timezone.utc)


@pytest.fixture
def system() -> Iterator[OneStop]:
    with OneStop() as running:
        yield running


@pytest.fixture
def source(system: OneStop, tmp_path: Path) -> Iterator[OneStopSource]:
    with closing(joined(system, tmp_path)) as opened:
        yield opened


def test_the_facts_of_a_dossier(source: OneStopSource) -> None:
    dossier = source.fetch(CODE)

    assert dossier.code == "H39.21-261102-0301"
    assert (dossier.status, dossier.status_label) == (4, "Đang xử lý")
    assert (dossier.procedure_code, dossier.agency) == ("1.013225", "UBND xã Mộc Hóa")
    assert (dossier.received_on, dossier.promised_on) == (date(2026, 11, 2), date(2026, 12, 4))
    assert dossier.changed_at == datetime(2026, 11, 16, 2, 15, tzinfo=timezone.utc)
    assert dossier.returned_on is None
    assert not dossier.stale


def test_labels_and_progress_are_understood(source: OneStopSource) -> None:
    dossier = source.fetch(OTHER)

    assert (dossier.status, dossier.status_label) == (5, "Chờ bổ sung hồ sơ")
    assert dossier.handling_unit == "Phòng Kinh tế"  # of the newest step
    assert dossier.changed_at == datetime(2026, 11, 18, 1, 0, tzinfo=timezone.utc)


def test_a_day_that_means_nothing_is_no_day(source: OneStopSource) -> None:
    dossier = source.fetch(READY)

    assert dossier.returned_on is None
    assert dossier.finished_on == date(2026, 11, 11)


def test_the_newer_portal_is_one_more_mapping(system: OneStop, tmp_path: Path) -> None:
    with closing(joined(system, tmp_path, mapping="portal")) as source:
        dossier = source.fetch(CODE)
        states = source.states([CODE, READY, STRANGE])

    assert (dossier.status, dossier.promised_on) == (4, date(2026, 12, 4))
    assert {key: each.status for key, each in states.items()} == {CODE.key: 4, READY.key: 9}


def test_a_list_is_one_question(system: OneStop, source: OneStopSource) -> None:
    states = source.states([CODE, OTHER, STRANGE])

    assert {key: each.status for key, each in states.items()} == {CODE.key: 4, OTHER.key: 5}
    assert dict(system.world.counts) == {"lists": 1}
    system.world.move("H39.21-261102-0301", 9)
    assert source.states([CODE])[CODE.key].status == 9


def test_many_codes_are_asked_in_parts(system: OneStop, source: OneStopSource) -> None:
    codes = [type(CODE)(f"H39.21-261102-{number}") for number in range(1000, 1250)]

    assert source.states(codes) == {}
    assert system.world.counts["lists"] == 3


def test_an_answer_is_given_again_while_it_is_fresh(system: OneStop, tmp_path: Path) -> None:
    with closing(joined(system, tmp_path, fresh=60.0)) as source:
        first = source.fetch(CODE)
        again = source.fetch(CODE)
        for _ in range(2):
            with pytest.raises(DossierNotFound):
                source.fetch(STRANGE)

    assert again == first
    assert system.world.counts["lookups"] == 2


def test_the_memory_has_an_age_and_a_shorter_one_for_unknown_codes() -> None:
    now = [100.0]
    remembered = Remembered(60.0, lambda: now[0])
    remembered.keep("known", a_dossier())
    remembered.keep("unknown", None)

    assert remembered.find("unknown") == (None,)
    now[0] += 6
    assert remembered.find("unknown") is None
    assert remembered.find("known") == (a_dossier(),)
    now[0] += 60
    assert remembered.find("known") is None


def test_the_last_known_state_survives_a_restart(system: OneStop, tmp_path: Path) -> None:
    with closing(joined(system, tmp_path)) as source:
        before = source.fetch(CODE)
    system.feel("down")

    with closing(joined(system, tmp_path)) as source:
        last = source.fetch(CODE)

    assert last.stale
    assert last.as_of == before.as_of
    assert last.handling_unit == ""


def test_a_state_is_known_for_thirty_days(tmp_path: Path) -> None:
    known = KnownStates(tmp_path / "known.db")
    known.keep([("a", a_dossier(as_of=NOW))], NOW)

    assert known.find("a", NOW + TERM) is not None
    assert known.find("a", NOW + TERM + timedelta(seconds=1)) is None
    known.keep([("b", a_dossier(as_of=NOW + 2 * TERM))], NOW + 2 * TERM)
    known.close()
    with sqlite3.connect(tmp_path / "known.db") as file:
        assert file.execute("select key from known").fetchall() == [("b",)]
    file.close()


def test_a_broken_file_costs_no_answer(
    system: OneStop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "known.db").write_bytes(b"no database at all" * 100)
    with closing(joined(system, tmp_path)) as source:
        assert source.fetch(CODE).status == 4
        system.feel("error")
        with pytest.raises(SourceUnavailable):
            source.fetch(CODE)

    assert "event=known_failed" in caplog.text


def test_nothing_personal_leaves_the_parser(
    system: OneStop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), closing(joined(system, tmp_path)) as source:
        told = [source.fetch(code) for code in (CODE, OTHER, READY)]
        told += source.states([CODE, OTHER, READY]).values()
        source.confirm(CODE, "phone", "5678")
        system.feel("error")
        told += [source.fetch(code) for code in (CODE, OTHER, READY)]
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir()).decode(errors="ignore")

    seen = "\n".join([*map(repr, map(astuple, told)), caplog.text, kept])
    assert "Mộc Hóa" in kept
    assert not [word for word in (*PLANTED, FIXED_TOKEN) if word in seen]


@pytest.mark.parametrize(
    ("kind", "value", "right"),
    [
        ("phone", "5678", True),
        ("phone", "5679", False),
        ("phone", "091 234 56 78", True),
        ("phone", "678", False),
        ("phone", "", False),
        ("secret", "k7qx", True),
        ("secret", "k7qy", False),
        ("secret", "", False),
    ],
)
def test_the_owner_is_known_by_what_only_the_owner_has(
    kind: str, value: str, right: bool, source: OneStopSource
) -> None:
    assert source.confirm(CODE, kind, value) is right  # type: ignore[arg-type]


def test_who_asks_about_no_dossier_is_no_owner(system: OneStop, source: OneStopSource) -> None:
    assert not source.confirm(STRANGE, "phone", "5678")
    assert not source.confirm(READY, "phone", "null")
    assert not source.confirm(OTHER, "secret", "")
    system.feel("error")
    with pytest.raises(SourceUnavailable):
        source.confirm(CODE, "phone", "5678")


def with_client(system: OneStop, secret: str = CLIENT[1]) -> Access:
    return Access(
        system.url, token_url=system.token_url, client_id=CLIENT[0], client_secret=secret
    )


def test_a_token_is_fetched_once_and_again_when_it_was_ended(
    system: OneStop, tmp_path: Path
) -> None:
    with closing(joined(system, tmp_path, access=with_client(system))) as source:
        source.fetch(CODE)
        source.fetch(OTHER)
        assert system.world.counts["tokens"] == 1
        system.world.expire_tokens()

        assert source.fetch(CODE).status == 4
        assert not source.fetch(CODE).stale
    assert dict(system.world.counts) == {"tokens": 2, "lookups": 4, "refused": 1}


def test_a_token_that_ends_soon_is_replaced_before(system: OneStop, tmp_path: Path) -> None:
    system.world.life = 0
    with closing(joined(system, tmp_path, access=with_client(system))) as source:
        with pytest.raises(SourceUnavailable):
            source.fetch(CODE)  # both tokens ended at once: no circle

    assert system.world.counts["tokens"] == 2


@pytest.mark.parametrize("access", ["secret", "token"])
def test_a_refused_proof_is_unavailable_and_not_logged(
    access: str, system: OneStop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = with_client(system, "wrong-secret")
    wrong = wrong if access == "secret" else Access(system.url, token="wrong-secret")

    with closing(joined(system, tmp_path, access=wrong)) as source:
        with caplog.at_level(logging.DEBUG), pytest.raises(SourceUnavailable):
            source.fetch(CODE)

    assert "fault=token_" in caplog.text
    assert "wrong-secret" not in caplog.text + repr(wrong)


def test_the_system_is_asked_again_after_its_rest(system: OneStop) -> None:
    now = [0.0]
    send = Transport().send
    names, token = read_mapping("national"), FixedToken(FIXED_TOKEN)
    client = Client("onestop", system.url, names, send, token, lambda: now[0])
    system.feel("hang")
    with pytest.raises(SourceUnavailable):
        client.ask(CODE, 0.3)
    system.feel("well")

    assert client.state is State.OPEN
    with pytest.raises(SourceUnavailable, match="resting"):
        client.ask(CODE, 0.3)
    now[0] += FIRST_REST
    assert client.state is State.HALF_OPEN
    assert client.ask(CODE, 2.0)["result"]
    assert client.state is State.CLOSED


def test_too_many_questions_at_once_are_turned_away_and_say_nothing_of_the_system() -> None:
    apart: Apart[int] = Apart(seats=1)
    release = threading.Event()
    with pytest.raises(Fault, match="timeout"):
        apart.run(lambda: int(release.wait(10)), 0.01)

    with pytest.raises(Fault, match="busy"):
        apart.run(lambda: 1, 1.0)

    release.set()
    while True:  # the seat is free once the thread has really ended
        with suppress(Fault):
            assert apart.run(lambda: 1, 1.0) == 1
            break


def test_the_stand_in_shares_nothing_with_us() -> None:
    for path in Path("tests/onestop").glob("*.py"):
        assert not re.search(r"^(from|import) (bot|actions|server)\b", path.read_text(), re.M)


def test_a_line_the_system_closed_in_between_is_opened_again(
    system: OneStop, source: OneStopSource
) -> None:
    source.fetch(CODE)
    system.feel("down")
    system.feel("well")

    assert not source.fetch(CODE).stale
