"""The states of a notice, its fingerprint, its hours, and when its sending stops itself."""

from __future__ import annotations

import csv
from datetime import datetime, time, timedelta, timezone
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.notices.approval import Hand, approvals_needed, check_approver, check_role, command
from bot.core.notices.hours import VIETNAM, Hours
from bot.core.notices.ledger import COLUMNS, cell, lines
from bot.core.notices.notice import Audience, Notice, Urgency, todays_areas
from bot.core.notices.states import OVER, ROLES, TABLE, Act, NoticeRefused, State, acts_of, move
from bot.core.notices.stopping import Errors
from bot.core.notices.uploads import read_ids
from bot.core.offices.directory import Area
from bot.core.staff.roles import Role

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=timezone.utc)


def a_notice(**changes):
    values = {"topic": "disaster", "title": "Mưa lớn", "body": "Kê cao đồ.", "issuer": "Đài"}
    return Notice(**{**values, **changes})


def test_a_notice_goes_one_way_through_its_states():
    state = State.DRAFT
    for act in ("submit", "approve", "schedule", "start", "pause", "resume", "finish"):
        state = move(state, Act(act))
    assert state is State.DONE


@pytest.mark.parametrize("state", sorted(OVER))
@pytest.mark.parametrize("act", sorted(TABLE))
def test_what_is_over_stays_over(state, act):
    with pytest.raises(NoticeRefused, match="not_now"):
        move(state, act)


@pytest.mark.parametrize("act", sorted(set(Act) - {Act.APPROVE, Act.SCHEDULE, Act.START}))
def test_nothing_but_an_approval_makes_a_notice_approved(act):
    _, after = TABLE.get(act, (None, State.DRAFT))
    assert after not in (State.APPROVED, State.PLANNED)


def test_a_notice_begins_only_after_approval():
    """Without the act of approving no way leads from a draft to sending."""
    reached, before = {State.DRAFT}, set()
    while reached != before:
        before = set(reached)
        for act, (states, after) in TABLE.items():
            if act is not Act.APPROVE and states & reached:
                reached.add(after)
    assert reached.isdisjoint({State.APPROVED, State.PLANNED, State.SENDING, State.DONE})


def test_an_administrator_may_stop_but_not_approve():
    admin = frozenset({Role.ADMIN})
    assert acts_of(State.SUBMITTED, admin) == ()
    assert acts_of(State.SENDING, admin) == (Act.PAUSE,)
    assert Act.APPROVE in acts_of(State.SUBMITTED, frozenset({Role.APPROVER}))


def test_a_command_may_do_what_needs_nobodys_name():
    allowed = []
    for act in ROLES:
        try:
            check_role(command("cli:root"), act)
            allowed.append(act)
        except NoticeRefused:
            pass
    assert allowed == [Act.SCHEDULE, Act.PAUSE, Act.RESUME, Act.CANCEL]


@pytest.mark.parametrize(
    ("hands_on", "approved", "code"),
    [({1, 2}, (), "own_work"), ({1}, (2,), "again"), ({1}, (), "")],
)
def test_who_may_approve(hands_on, approved, code):
    minh = Hand("staff:2", 2, frozenset({Role.APPROVER}))
    if not code:
        check_approver(minh, hands_on, approved)
        return
    with pytest.raises(NoticeRefused, match=code):
        check_approver(minh, hands_on, approved)


def test_an_emergency_needs_two():
    assert [approvals_needed(a_notice(urgency=each)) for each in Urgency] == [1, 1, 2]


def test_equal_words_have_one_fingerprint_however_they_were_typed():
    composed = a_notice(title="Mưa lớn", body="một\nhai", send_at=NOW)
    apart = a_notice(
        title="Mưa lớn ",
        body="một \r\nhai\n",
        send_at=NOW.astimezone(VIETNAM),
    )
    assert composed.fingerprint == apart.fingerprint


def test_the_order_of_choices_does_not_matter():
    one = a_notice(audience=Audience(topics=("a", "b"), areas=("x", "y")))
    other = a_notice(audience=Audience(topics=("b", "a"), areas=("y", "x")))
    assert one.fingerprint == other.fingerprint


_TEXT = st.text(max_size=20)
_NOTICES = st.builds(
    Notice,
    topic=_TEXT,
    title=_TEXT,
    body=_TEXT,
    issuer=_TEXT,
    number=_TEXT,
    attachment_digest=_TEXT,
    urgency=st.sampled_from(Urgency),
    send_at=st.none() | st.datetimes(timezones=st.just(timezone.utc)),
    audience=st.builds(
        Audience,
        topics=st.lists(_TEXT, max_size=3).map(tuple),
        channels=st.lists(_TEXT, max_size=3).map(tuple),
        corrects=st.none() | st.integers(1, 9),
        everyone=st.booleans(),
    ),
)


@given(_NOTICES)
def test_a_notice_survives_the_store_with_its_fingerprint(notice):
    again = Notice.from_json(notice.as_json())
    assert again.as_json() == notice.as_json()
    assert again.fingerprint == notice.fingerprint


@given(_NOTICES, _NOTICES)
def test_different_notices_have_different_fingerprints(one, other):
    same = one.as_json() == other.as_json()
    assert (one.fingerprint == other.fingerprint) == same


def test_text_cannot_move_from_one_field_to_the_next_unnoticed():
    assert (
        a_notice(title="a b", body="c").fingerprint != a_notice(title="a", body="b c").fingerprint
    )


def test_naive_times_are_refused():
    with pytest.raises(ValueError, match="aware"):
        a_notice(send_at=datetime(2026, 11, 22))  # noqa: DTZ001 - that is the point


def test_old_places_stand_for_todays():
    old = Area("xa-cu", "xã Cũ", "old_commune", ("xa-mot", "xa-hai"))
    new = Area("xa-mot", "xã Một", "commune")

    def today(area):
        return [Area(slug, slug, "commune") for slug in area.became] or [area]

    assert todays_areas([old, new], today) == ("xa-mot", "xa-hai")


@pytest.mark.parametrize(
    ("clock", "quiet"), [("20:59", False), ("21:00", True), ("05:59", True), ("06:00", False)]
)
def test_the_night_is_from_nine_to_six(clock, quiet):
    moment = datetime.combine(datetime(2026, 11, 22, tzinfo=VIETNAM), time.fromisoformat(clock))
    assert Hours().is_quiet(moment.replace(tzinfo=VIETNAM)) is quiet


@given(st.datetimes(timezones=st.just(timezone.utc)), st.times(), st.times())
def test_whatever_the_hours_nothing_waits_for_more_than_a_day(now, begins, ends):
    if not 2 < now.year < 9990:
        return
    hours = Hours(quiet_from=begins, quiet_until=ends)
    earliest = hours.earliest(now)
    assert timedelta(0) <= earliest - now <= timedelta(days=1)
    assert not hours.is_quiet(earliest) or begins == ends


def test_a_day_is_a_local_one():
    start, end = Hours().day(datetime(2026, 11, 22, 17, 0, tzinfo=timezone.utc))
    assert (start.isoformat(), end - start) == ("2026-11-22T17:00:00+00:00", timedelta(days=1))


def test_errors_in_a_row_or_too_many_at_all_stop_a_sending():
    errors = Errors(in_a_row=3, looked_at=10, share=0.5)
    mixed = [errors.note(failed=number % 2 == 0) for number in range(10)]
    assert mixed == [""] * 9 + ["error_rate"]
    assert [errors.note(failed=True) for _ in range(3)] == ["", "", "errors_in_a_row"]


def test_a_list_of_ids_is_read_whatever_is_in_it():
    read = read_ids(["\ufeffid", "5", "-3", "1e3", "9" * 20, "0", "٣", "=1+1", "5", '"6"'])

    assert read.ids == (5, 6)
    assert [row.line for row in read.bad] == [3, 4, 5, 6, 7, 8, 9]
    assert read_ids(["6", "5"]).digest == read.digest


@given(st.text(max_size=30))
def test_no_cell_begins_a_formula(text):
    written = "".join(lines([{"platform_message_id": text}]))
    rows = list(csv.reader(StringIO(written.lstrip("\ufeff"), newline="")))
    assert len(rows) == 2
    value = rows[1][COLUMNS.index("platform_message_id")]
    assert not value.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    kept = text.replace("\0", "")
    assert value in (kept, f"'{kept}")


@pytest.mark.parametrize("evil", ["=1", "+1", "-1", "@A1", "\t=1", "\r=1", " =1", "＝1"])
def test_formulas_become_text(evil):
    assert cell(evil) == f"'{evil}"
