"""Accounts, invitations, codes, sessions and attempts, on both engines."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select, text

from bot.core.staff.lockout import LOGIN_LOCK
from bot.core.staff.roles import Role
from bot.store.schema_staff import staff_links, staff_secrets
from bot.store.staff import LoginTaken
from tests.contract.store_builders import NOW, a_message, claim_one, later

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODES = ("d1", "d2")


def somebody(store, login="lan", roles=(Role.AUTHOR,)):
    return store.staff.add(login, "Nguyễn Thị Lan", roles, NOW)


def enrolled(store, login="lan", **changes):
    staff = somebody(store, login, **changes)
    store.staff.invite(staff.id, f"token-{login}", SECRET, NOW)
    assert store.staff.enrol(f"token-{login}", "hash", 100, CODES, NOW)
    return staff


def test_an_account_starts_without_a_way_in(store):
    staff = somebody(store, " LAN ", roles={Role.AUTHOR, Role.ADMIN})

    account = store.staff.find("lan")
    assert account.staff == staff
    assert account.staff.roles == {Role.AUTHOR, Role.ADMIN}
    assert not account.enrolled
    assert store.staff.credentials("lan") is None


def test_a_login_belongs_to_one_person(store):
    somebody(store, "lan")

    with pytest.raises(LoginTaken):
        somebody(store, "Lan")
    assert [each.staff.login for each in store.staff.all()] == ["lan"]


def test_an_invitation_enrols_once(store):
    staff = somebody(store)
    ends = store.staff.invite(staff.id, "token", SECRET, NOW)

    invitation = store.staff.invitation("token", NOW)
    assert (invitation.staff, invitation.totp, invitation.ends_at) == (staff, SECRET, ends)
    assert store.staff.enrol("token", "hash", 100, CODES, NOW)
    assert not store.staff.enrol("token", "other", 100, CODES, NOW)
    assert store.staff.invitation("token", NOW) is None
    kept = store.staff.credentials("lan")
    assert (kept.password, kept.totp, kept.last_step) == ("hash", SECRET, 100)


def test_two_who_open_one_invitation_do_not_both_enrol(store):
    staff = somebody(store)
    store.staff.invite(staff.id, "token", SECRET, NOW)
    done = []
    threads = [
        threading.Thread(
            target=lambda name=name: done.append(store.staff.enrol("token", name, 1, CODES, NOW))
        )
        for name in ("one", "two", "three")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == [False, False, True]


def test_an_invitation_ends_after_a_day_and_with_the_next(store):
    staff = somebody(store)
    store.staff.invite(staff.id, "first", SECRET, NOW)
    assert store.staff.invitation("first", later(hours=24)) is None
    assert not store.staff.enrol("first", "hash", 1, CODES, later(hours=24))

    store.staff.invite(staff.id, "second", SECRET, NOW)
    assert store.staff.invitation("first", NOW) is None
    assert store.staff.invitation("second", NOW)


def test_secrets_and_tokens_are_nowhere_in_plain(store, store_url):
    staff = enrolled(store)
    store.staff.invite(staff.id, "plain-token", SECRET, NOW)
    store.staff_sessions.open(staff.id, "plain-session", "Firefox", NOW)

    engine = create_engine(store_url)
    with engine.connect() as connection:
        sealed = connection.execute(select(staff_secrets.c.totp)).scalar_one()
        link = connection.execute(select(staff_links)).one()
        session = str(connection.execute(text("SELECT * FROM staff_sessions")).one())
    engine.dispose()

    assert SECRET not in sealed + link.totp
    assert "plain" not in str(link) + session


def test_a_step_is_used_once_and_never_backwards(store):
    staff = enrolled(store)

    assert not store.staff.take_step(staff.id, 100)
    assert store.staff.take_step(staff.id, 102)
    assert not store.staff.take_step(staff.id, 101)
    assert not store.staff.take_step(staff.id, 102)


def test_a_recovery_code_is_used_once_and_new_ones_replace_all(store):
    staff = enrolled(store)

    assert store.staff.use_recovery(staff.id, "d1", NOW)
    assert not store.staff.use_recovery(staff.id, "d1", NOW)
    assert not store.staff.use_recovery(staff.id, "unknown", NOW)
    assert store.staff.find("lan").recovery_left == 1

    store.staff.new_recovery(staff.id, ["n1", "n2", "n3"])
    assert not store.staff.use_recovery(staff.id, "d2", NOW)
    assert store.staff.find("lan").recovery_left == 3


def test_roles_change_for_open_sessions_too(store):
    staff = enrolled(store)
    store.staff_sessions.open(staff.id, "s", "Firefox", NOW)

    store.staff.set_roles(staff.id, {Role.APPROVER})

    assert store.staff_sessions.find("s", NOW).staff.roles == {Role.APPROVER}
    assert store.staff.credentials("lan").staff.roles == {Role.APPROVER}


def test_a_locked_person_is_out_at_once(store):
    staff = enrolled(store)
    store.staff_sessions.open(staff.id, "s", "Firefox", NOW)

    store.staff.lock(staff.id, NOW)

    assert store.staff_sessions.find("s", NOW) is None
    assert store.staff.credentials("lan").locked
    store.staff.unlock(staff.id)
    assert not store.staff.credentials("lan").locked
    assert store.staff_sessions.find("s", NOW) is None


def test_a_reset_leaves_nothing_to_log_in_with(store):
    staff = enrolled(store)
    store.staff_sessions.open(staff.id, "s", "Firefox", NOW)

    store.staff.reset(staff.id)

    assert store.staff.credentials("lan") is None
    assert store.staff_sessions.find("s", NOW) is None
    assert store.staff.find("lan").recovery_left == 0


def test_a_session_ends_unused_and_ends_long(store):
    staff = enrolled(store)
    store.staff_sessions.open(staff.id, "s", "Firefox", NOW)

    assert store.staff_sessions.find("s", later(minutes=29)).staff == staff
    assert store.staff_sessions.find("s", later(minutes=58))
    assert store.staff_sessions.find("s", later(minutes=88)) is None
    assert store.staff_sessions.find("unknown", NOW) is None


def test_no_use_keeps_a_session_beyond_twelve_hours(store):
    staff = enrolled(store)
    store.staff_sessions.open(staff.id, "s", "Firefox", NOW)
    for minutes in range(0, 12 * 60, 20):
        assert store.staff_sessions.find("s", later(minutes=minutes))

    assert store.staff_sessions.find("s", later(hours=12)) is None


def test_a_person_ends_their_own_sessions_only(store):
    lan, minh = enrolled(store), enrolled(store, "minh")
    own = store.staff_sessions.open(lan.id, "own", "Firefox", NOW)
    other = store.staff_sessions.open(lan.id, "other", "Chrome", NOW)
    store.staff_sessions.open(minh.id, "minh", "Chrome", NOW)

    assert not store.staff_sessions.end(minh.id, own)
    assert len(store.staff_sessions.of(lan.id, NOW)) == 2
    assert store.staff_sessions.end_others(lan.id, own) == 1
    assert not store.staff_sessions.end(lan.id, other)
    assert store.staff_sessions.find("minh", NOW)


def test_a_new_password_ends_every_other_session(store):
    staff = enrolled(store)
    own = store.staff_sessions.open(staff.id, "own", "Firefox", NOW)
    store.staff_sessions.open(staff.id, "other", "Chrome", NOW)

    store.staff.set_password(staff.id, "new", own, NOW)

    assert [one.id for one in store.staff_sessions.of(staff.id, NOW)] == [own]
    assert store.staff.credentials("lan").password == "new"


def test_attempts_are_counted_per_login_and_forgotten_by_success(store):
    for _ in range(LOGIN_LOCK.free - 1):
        store.logins.begin("lan", "", NOW)
    number = store.logins.begin("lan", "", NOW)
    assert store.logins.begin("lan", "", NOW) == NOW + timedelta(minutes=1)
    assert isinstance(store.logins.begin("minh", "", NOW), int)

    store.logins.succeed(number)
    assert isinstance(store.logins.begin("lan", "", NOW), int)


def test_attempts_are_counted_per_address(store):
    for number in range(30):
        assert isinstance(store.logins.begin(f"login-{number}", "office", NOW), int)

    assert store.logins.begin("one-more", "office", NOW) == NOW + timedelta(minutes=1)
    assert isinstance(store.logins.begin("one-more", "home", NOW), int)


def test_attempts_at_one_moment_are_all_counted(store):
    taken = []

    def knock():
        taken.append(store.logins.begin("lan", "", NOW))

    threads = [threading.Thread(target=knock) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(one, int) for one in taken) == LOGIN_LOCK.free


def test_attempts_are_forgiven_by_hand_and_after_a_day(store):
    for _ in range(LOGIN_LOCK.free):
        store.logins.begin("lan", "", NOW)
    assert store.logins.forgive("lan") == LOGIN_LOCK.free
    for _ in range(LOGIN_LOCK.free):
        store.logins.begin("lan", "", NOW)

    assert isinstance(store.logins.begin("lan", "", later(hours=25)), int)


def test_the_day_is_counted_from_its_first_message(store):
    store.journal.receive([a_message(1, sent_at=later(hours=-9))], later(hours=-9))
    store.journal.receive([a_message(2), a_message(3, "minh"), a_message(4, "minh")], NOW)

    figures = store.today.figures(later(hours=-8))

    assert (figures.messages, figures.citizens, figures.waiting) == (3, 2, 4)
    assert figures.waiting_since == later(hours=-9)
    assert claim_one(store)
