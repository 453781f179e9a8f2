"""Roles, passwords, second factors, lock-out and sessions, with clocks passed in."""

from __future__ import annotations

import random
from datetime import datetime, timedelta, timezone
from typing import Any

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.staff.door import Credentials, Door, Entered, Refused, login_key
from bot.core.staff.lockout import ADDRESS_LOCK, LOGIN_LOCK, MEMORY, PAIR_LOCK, shut_until
from bot.core.staff.passwords import PasswordRules, Weakness
from bot.core.staff.roles import Role, Staff, UnknownRole, may, may_approve, read_roles
from bot.core.staff.second import (
    RECOVERY_CODES,
    accepted_step,
    new_recovery_codes,
    recovery_digest,
    recovery_digests,
)
from bot.core.staff.sessions import is_over, is_worth_noting

NOW = datetime(2026, 11, 22, 8, 0, 10, tzinfo=timezone.utc)
STEP = timedelta(seconds=30)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
RULES = PasswordRules(["matkhau", "password", "123456", "vietnam", "qwerty", "motcua"])


def code_of(secret: str, step: int) -> str:
    return str(pyotp.HOTP(secret).at(step))


def code_at(when: datetime) -> str:
    return str(pyotp.TOTP(SECRET).at(when))


def accepted(code: str, now: datetime = NOW, last: int | None = None) -> int | None:
    return accepted_step(lambda step: code_of(SECRET, step), code, now, last)


# Roles


def test_an_administrator_cannot_approve_unless_also_approver() -> None:
    assert not may_approve({Role.ADMIN})
    assert not may_approve({Role.ADMIN, Role.AUTHOR, Role.OPERATOR})
    assert may_approve({Role.ADMIN, Role.APPROVER})


@pytest.mark.parametrize("needed", list(Role))
def test_no_role_contains_another(needed: Role) -> None:
    assert not may(set(Role) - {needed}, {needed})
    assert may({needed}, {needed})
    assert not may((), {needed})


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(UnknownRole):
        read_roles(["author", "king"])


# Passwords


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short one", Weakness.TOO_SHORT),
        ("x" * 300, Weakness.TOO_LONG),
        ("ababababababab", Weakness.REPEATED),
        ("Matkhau@123456", Weakness.COMMON),
        ("Mật khẩu 2026!", Weakness.COMMON),
        ("P@ssw0rd123456", Weakness.COMMON),
        ("vietnam-motcua-1975", Weakness.COMMON),
        ("Nguyen.Thi.Lan.26", Weakness.LIKE_LOGIN),
        ("lan.nguyen-lan.nguyen", Weakness.LIKE_LOGIN),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password: str, why: Weakness) -> None:
    assert RULES.weakness(password, "lan.nguyen", "Nguyễn Thị Lan") is why


@pytest.mark.parametrize(
    "password", ["trời mưa mang ô nhé", "correct horse battery", "k9#vQ2pLx7mZ", "bánh tráng trộn"]
)
def test_a_long_sentence_needs_no_signs(password: str) -> None:
    assert RULES.weakness(password, "lan.nguyen", "Nguyễn Thị Lan") is None


@given(st.text(max_size=300), st.text(max_size=20))
def test_any_text_can_be_judged(password: str, login: str) -> None:
    verdict = RULES.weakness(password, login, login)

    assert verdict is Weakness.TOO_SHORT or len(password) >= 12


# Codes of the app


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_a_code_may_be_a_step_early_or_late(drift: int) -> None:
    assert accepted(code_at(NOW + drift * STEP)) == int(NOW.timestamp()) // 30 + drift


@pytest.mark.parametrize("drift", [-3, -2, 2, 3])
def test_two_steps_are_too_far(drift: int) -> None:
    assert accepted(code_at(NOW + drift * STEP)) is None


def test_a_code_works_once_and_neither_does_an_older_one_after_it() -> None:
    used = accepted(code_at(NOW))

    assert accepted(code_at(NOW), last=used) is None
    assert accepted(code_at(NOW - STEP), last=used) is None
    assert accepted(code_at(NOW + STEP), last=used) == (used or 0) + 1


@pytest.mark.parametrize(
    "text", ["", "12345", "1234567", "abcdef", "１２３４５６", "12 34", "-12345"]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    assert accepted(text) is None


def test_a_code_may_be_typed_in_two_halves() -> None:
    code = code_at(NOW)

    assert accepted(f" {code[:3]} {code[3:]} ") is not None


# Recovery codes


def test_recovery_codes_differ_and_are_known_however_they_are_typed() -> None:
    codes = new_recovery_codes(random.Random(7).choice)

    assert len(set(codes)) == len(recovery_digests(codes)) == RECOVERY_CODES
    first = codes[0]
    for typed in (first.lower(), first.replace("-", " "), first.replace("-", ""), f" {first} "):
        assert recovery_digest(typed) == recovery_digest(first)


@pytest.mark.parametrize("text", ["", "123456", "AAAA-AAAA-AAAA", "AAAA-AAAA-AAAA-AAA0", "ø" * 16])
def test_what_cannot_be_a_recovery_code_has_no_digest(text: str) -> None:
    assert recovery_digest(text) is None


# Lock-out


def failures(count: int, at: datetime = NOW) -> list[datetime]:
    return [at] * count


def test_a_few_mistakes_cost_nothing() -> None:
    assert shut_until(NOW, (PAIR_LOCK, failures(PAIR_LOCK.free - 1))) is None


def test_the_wait_grows_and_stays_bearable() -> None:
    waits = [
        (shut_until(NOW, (PAIR_LOCK, failures(count))) or NOW) - NOW
        for count in range(PAIR_LOCK.free, 40)
    ]

    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert waits[1] == timedelta(minutes=2)
    assert waits[-1] == PAIR_LOCK.longest


def test_an_address_is_shut_for_every_login() -> None:
    assert shut_until(
        NOW, (PAIR_LOCK, []), (ADDRESS_LOCK, failures(ADDRESS_LOCK.free))
    ) == NOW + timedelta(minutes=1)
    assert shut_until(NOW, (ADDRESS_LOCK, failures(ADDRESS_LOCK.free - 1))) is None


def test_old_failures_are_forgotten_and_a_clock_of_tomorrow_shuts_nobody_out() -> None:
    assert shut_until(NOW, (LOGIN_LOCK, failures(50, NOW - MEMORY))) is None
    wrong_clock = shut_until(NOW, (LOGIN_LOCK, failures(50, NOW + timedelta(days=365))))
    assert wrong_clock is not None
    assert wrong_clock <= NOW + LOGIN_LOCK.longest


# Sessions


@pytest.mark.parametrize(
    ("begun", "seen", "over"),
    [
        (timedelta(minutes=29), timedelta(minutes=29), False),
        (timedelta(minutes=30), timedelta(minutes=30), True),
        (timedelta(hours=11, minutes=59), timedelta(minutes=1), False),
        (timedelta(hours=12), timedelta(), True),
    ],
)
def test_a_session_ends_when_unused_or_long(begun: timedelta, seen: timedelta, over: bool) -> None:
    assert is_over(NOW - begun, NOW - seen, NOW) is over


def test_being_seen_is_noted_once_a_minute() -> None:
    assert not is_worth_noting(NOW - timedelta(seconds=59), NOW)
    assert is_worth_noting(NOW - timedelta(seconds=60), NOW)


# The door


class OnePerson:
    """Accounts with one person, attempts in a list, passwords in plain text."""

    def __init__(self, **changes: Any) -> None:
        staff = Staff(1, "Lan", "lan", frozenset({Role.AUTHOR}))
        self.kept = Credentials(staff, "right password", SECRET, None, **changes)
        self.last_step = 0
        self.recovery = set(recovery_digests(["2222-3333-4444-5555"]))
        self.counted: list[str] = []
        self.hashed = 0

    def credentials(self, login: str) -> Credentials | None:
        return self.kept if login == "lan" else None

    def take_step(self, staff_id: int, step: int) -> bool:
        taken, self.last_step = step > self.last_step, max(step, self.last_step)
        return taken

    def use_recovery(self, staff_id: int, digest: str, now: datetime) -> bool:
        known = digest in self.recovery
        self.recovery.discard(digest)
        return known

    def begin(
        self, login_key: str, origin: str, now: datetime, device: str = ""
    ) -> int | datetime:
        key = f"{login_key} {device}"
        until = shut_until(now, (PAIR_LOCK, [NOW] * self.counted.count(key)))
        if until is None:
            self.counted.append(key)
        return until or len(self.counted)

    def succeed(self, number: int) -> None:
        key = self.counted[number - 1]
        self.counted = [one for one in self.counted if one != key]

    def fits(self, kept: str | None, password: str) -> bool:
        self.hashed += 1
        return kept == password

    def door(self) -> Door:
        return Door(self, self, self, code_of, SECRET)

    def enter(self, login: str = "lan", **changes: str) -> Entered | Refused:
        given = {"password": "right password", "code": code_at(NOW), **changes}
        return self.door().enter(login, given["password"], given["code"], "", NOW)


def test_password_and_code_open() -> None:
    person = OnePerson()

    assert person.enter(" LAN ") == Entered(person.kept.staff, recovery=False)
    assert person.counted == []


def test_a_recovery_code_opens_once() -> None:
    person = OnePerson()

    assert person.enter(code="2222 3333 4444 5555") == Entered(person.kept.staff, recovery=True)
    assert person.enter(code="2222 3333 4444 5555") == Refused()


def test_a_code_seen_over_the_shoulder_does_not_open_again() -> None:
    person = OnePerson()

    assert isinstance(person.enter(), Entered)
    assert person.enter() == Refused()


@pytest.mark.parametrize(
    "changes",
    [{"login": "nobody"}, {"password": "wrong"}, {"code": "000000"}, {"code": ""}],
)
def test_whatever_is_wrong_is_refused_alike_and_costs_the_same(changes: dict[str, str]) -> None:
    person = OnePerson()

    assert person.enter(**changes) == Refused()
    assert person.hashed == 1
    assert len(person.counted) == 1


def test_a_wrong_password_uses_up_neither_code() -> None:
    person = OnePerson()

    person.enter(password="wrong", code="2222-3333-4444-5555")
    person.enter(password="wrong")

    assert person.recovery
    assert person.last_step == 0


def test_a_locked_person_is_refused_like_a_wrong_password() -> None:
    assert OnePerson(locked=True).enter() == Refused()


@pytest.mark.parametrize("login", ["lan", "nobody"])
def test_the_door_shuts_for_known_and_unknown_logins_alike(login: str) -> None:
    person = OnePerson()
    for _ in range(PAIR_LOCK.free):
        assert person.enter(login, password="wrong") == Refused()

    assert person.enter(login) == Refused(NOW + timedelta(minutes=1))
    assert person.hashed == PAIR_LOCK.free


def test_attempts_are_counted_under_a_digest_whatever_the_spelling() -> None:
    assert login_key(" Lan ") == login_key("lan")
    assert "lan" not in login_key("lan")
