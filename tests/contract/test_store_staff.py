"""Accounts, invitations, codes, sessions and attempts, on both engines."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select, text

from bot.core.staff.door import login_key
from bot.core.staff.lockout import ADDRESS_LOCK, LOGIN_LOCK, PAIR_LOCK
from bot.core.staff.people import By, StaffRefused
from bot.core.staff.roles import Role
from bot.store.schema_staff import staff_links, staff_secrets
from tests.contract.store_builders import NOW, a_message, claim_one, later

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTHER = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"
CODES = ("d1", "d2")
COMMAND = By("cli:test")


def somebody(store, login="lan", roles=(Role.AUTHOR,)):
    return store.people.add(COMMAND, login, "Nguyễn Thị Lan", roles, NOW, f"token-{login}")


def enrolled(store, login="lan", **changes):
    staff = somebody(store, login, **changes)
    store.staff.open_invitation(f"token-{login}", "browser", SECRET, NOW)
    assert store.staff.enrol(f"token-{login}", "browser", "hash", 100, CODES, NOW)
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

    with pytest.raises(StaffRefused, match="has this login"):
        store.people.add(COMMAND, "Lan", "Another Lan", {Role.ADMIN}, NOW, "token-other")
    assert [each.staff.login for each in store.staff.all()] == ["lan"]


def test_an_invitation_enrols_once(store):
    staff = somebody(store)

    invitation = store.staff.invitation("token-lan", NOW)
    assert (invitation.staff, invitation.ends_at) == (staff, later(hours=48))
    opened = store.staff.open_invitation("token-lan", "browser", SECRET, NOW)
    assert (opened.totp, opened.moved) == (SECRET, False)
    assert store.staff.enrol("token-lan", "browser", "hash", 100, CODES, NOW)
    assert not store.staff.enrol("token-lan", "browser", "other", 100, CODES, NOW)
    assert store.staff.invitation("token-lan", NOW) is None
    assert store.staff.open_invitation("token-lan", "browser", SECRET, NOW) is None
    kept = store.staff.credentials("lan")
    assert (kept.password, kept.totp, kept.last_step) == ("hash", SECRET, 100)


def test_the_secret_is_shown_to_one_browser_and_another_one_gets_its_own(store):
    somebody(store)
    store.staff.open_invitation("token-lan", "first", SECRET, NOW)

    again = store.staff.open_invitation("token-lan", "first", OTHER, NOW)
    assert (again.totp, again.moved) == (SECRET, False)
    moved = store.staff.open_invitation("token-lan", "second", OTHER, NOW)
    assert (moved.totp, moved.moved) == (OTHER, True)

    assert store.staff.secret_of_invitation("token-lan", "first", NOW) is None
    assert not store.staff.enrol("token-lan", "first", "hash", 100, CODES, NOW)
    assert store.staff.credentials("lan") is None
    assert store.staff.enrol("token-lan", "second", "hash", 100, CODES, NOW)
    assert store.staff.credentials("lan").totp == OTHER


def test_a_link_that_nobody_opened_enrols_nobody(store):
    somebody(store)

    assert not store.staff.enrol("token-lan", "", "hash", 100, CODES, NOW)
    assert store.staff.secret_of_invitation("token-lan", "", NOW) is None


def test_two_who_open_one_invitation_do_not_both_enrol(store):
    somebody(store)
    store.staff.open_invitation("token-lan", "browser", SECRET, NOW)
    done = []

    def enrol(password):
        done.append(store.staff.enrol("token-lan", "browser", password, 1, CODES, NOW))

    threads = [threading.Thread(target=enrol, args=(name,)) for name in ("one", "two", "three")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == [False, False, True]


def test_an_invitation_ends_after_two_days_and_with_the_next(store):
    staff = somebody(store)
    store.staff.open_invitation("token-lan", "browser", SECRET, NOW)
    assert store.staff.invitation("token-lan", later(hours=47))
    assert store.staff.invitation("token-lan", later(hours=48)) is None
    assert not store.staff.enrol("token-lan", "browser", "h", 1, CODES, later(hours=48))

    store.people.reset(COMMAND, staff.id, "second", NOW)
    assert store.staff.invitation("token-lan", NOW) is None
    assert store.staff.invitation("second", NOW)


def test_secrets_and_tokens_are_nowhere_in_plain(store, store_url):
    staff = enrolled(store)
    store.people.add(COMMAND, "minh", "Minh", {Role.AUTHOR}, NOW, "plain-token")
    store.staff.open_invitation("plain-token", "plain-browser", SECRET, NOW)
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

    store.people.set_roles(COMMAND, staff.id, {Role.APPROVER}, NOW)

    assert store.staff_sessions.find("s", NOW).staff.roles == {Role.APPROVER}
    assert store.staff.credentials("lan").staff.roles == {Role.APPROVER}


def test_a_locked_person_is_out_at_once(store):
    staff = enrolled(store)
    store.staff_sessions.open(staff.id, "s", "Firefox", NOW)

    store.people.lock(COMMAND, staff.id, NOW)

    assert store.staff_sessions.find("s", NOW) is None
    assert store.staff.credentials("lan").locked
    store.people.unlock(COMMAND, staff.id, NOW)
    assert not store.staff.credentials("lan").locked
    assert store.staff_sessions.find("s", NOW) is None


def test_a_reset_leaves_nothing_to_log_in_with(store):
    staff = enrolled(store)
    store.staff_sessions.open(staff.id, "s", "Firefox", NOW)

    store.people.reset(COMMAND, staff.id, "again", NOW)

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


def guess(store, times, login="lan", origin="stranger", now=NOW, device=""):
    """Begin attempts, each of which must be taken; return the number of the last."""
    for _ in range(times):
        number = store.logins.begin(login, origin, now, device)
        assert isinstance(number, int), number
    return number


def test_attempts_are_counted_per_login_and_address_and_forgotten_by_success(store):
    number = guess(store, PAIR_LOCK.free)
    assert store.logins.begin("lan", "stranger", NOW) == later(minutes=1)
    guess(store, 1, "minh")
    guess(store, 1, origin="home")

    store.logins.succeed(number)
    guess(store, 1)


def test_many_addresses_together_are_slowed_and_never_for_long(store):
    for address in range(LOGIN_LOCK.free):
        guess(store, 1, origin=f"address-{address}")
    assert store.logins.begin("lan", "one more", NOW) == later(minutes=1)

    now = later(minutes=1)
    for address in range(20):  # whoever goes on guessing, each at the first moment allowed
        guess(store, 1, origin=f"later-{address}", now=now)
        until = store.logins.begin("lan", "one more", now)
        assert until - now <= LOGIN_LOCK.longest
        now = until
    assert LOGIN_LOCK.longest == timedelta(minutes=15)


def test_strangers_do_not_shut_a_known_browser_out(store):
    for address in range(LOGIN_LOCK.free):
        guess(store, 1, origin=f"address-{address}")
    for number in range(ADDRESS_LOCK.free):
        guess(store, 1, f"login-{number}", "office")

    assert store.logins.begin("lan", "office", NOW) > NOW
    guess(store, PAIR_LOCK.free, origin="office", device="mark")
    assert store.logins.begin("lan", "office", NOW, "mark") == later(minutes=1)


def test_a_known_browser_coming_in_lets_strangers_guess_no_further(store):
    guess(store, PAIR_LOCK.free)
    number = guess(store, 1, origin="office", device="mark")

    store.logins.succeed(number)

    assert store.logins.begin("lan", "stranger", NOW) == later(minutes=1)


def test_mistakes_at_a_known_browser_do_not_count_against_its_office(store):
    for number in range(ADDRESS_LOCK.free):
        guess(store, 1, f"login-{number}", "office", device=f"mark-{number}")

    guess(store, 1, "somebody", "office")


def test_attempts_are_counted_per_address(store):
    for number in range(ADDRESS_LOCK.free):
        guess(store, 1, f"login-{number}", "office")

    assert store.logins.begin("one-more", "office", NOW) == later(minutes=1)
    guess(store, 1, "one-more", "home")


def test_attempts_at_one_moment_are_all_counted(store):
    taken = []

    def knock():
        taken.append(store.logins.begin("lan", "", NOW))

    threads = [threading.Thread(target=knock) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(one, int) for one in taken) == PAIR_LOCK.free


def test_attempts_are_forgiven_by_hand_and_after_a_day(store):
    staff, key = enrolled(store), login_key("lan")
    guess(store, PAIR_LOCK.free, key)
    guess(store, PAIR_LOCK.free, key, device="mark")
    assert store.people.unlock(COMMAND, staff.id, NOW) == 2 * PAIR_LOCK.free
    guess(store, PAIR_LOCK.free, key)

    guess(store, 1, key, now=later(hours=25))


def test_the_day_is_counted_from_its_first_message(store):
    store.journal.receive([a_message(1, sent_at=later(hours=-9))], later(hours=-9))
    store.journal.receive([a_message(2), a_message(3, "minh"), a_message(4, "minh")], NOW)

    figures = store.today.figures(later(hours=-8))

    assert (figures.messages, figures.citizens, figures.waiting) == (3, 2, 4)
    assert figures.waiting_since == later(hours=-9)
    assert claim_one(store)
