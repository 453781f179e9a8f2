"""Rules of changing accounts, what a desk lacks, and browsers that are known."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

import pytest

from bot.core.staff.devices import Device
from bot.core.staff.people import By, Member, StaffRefused, check_by, check_left, gaps
from bot.core.staff.roles import Role

NOW = datetime(2026, 11, 22, 8, tzinfo=timezone.utc)
ADMIN, AUTHOR, APPROVER = Role.ADMIN, Role.AUTHOR, Role.APPROVER


def member(number: int, *roles: Role, usable: bool = True) -> Member:
    return Member(number, frozenset(roles), usable)


@pytest.mark.parametrize(
    ("people", "missing"),
    [
        ([], ("no_admin", "no_author")),
        ([member(1, ADMIN, usable=False)], ("admin_cannot", "no_author")),
        ([member(1, ADMIN, AUTHOR, APPROVER)], ("no_approver", "one_approver")),
        ([member(1, ADMIN, AUTHOR), member(2, APPROVER)], ("one_approver",)),
        ([member(1, ADMIN, AUTHOR, APPROVER), member(2, APPROVER)], ("one_approver",)),
        ([member(1, ADMIN, AUTHOR), member(2, APPROVER), member(3, APPROVER)], ()),
        (
            [member(1, ADMIN, AUTHOR), member(2, APPROVER), member(3, APPROVER, usable=False)],
            ("one_approver",),
        ),
        # two who both write and approve: either way round one approves, never two
        ([member(1, ADMIN, AUTHOR, APPROVER), member(2, AUTHOR, APPROVER)], ("one_approver",)),
    ],
)
def test_what_the_desk_lacks_people_for(people: list[Member], missing: tuple[str, ...]) -> None:
    assert gaps(people) == missing


@pytest.mark.parametrize(
    "others", [[], [member(2, ADMIN, usable=False)], [member(2, AUTHOR, APPROVER)]]
)
def test_the_last_administrator_who_can_log_in_stays(others: list[Member]) -> None:
    me = member(1, ADMIN)

    with pytest.raises(StaffRefused) as refused:
        check_left(By("staff:1", 1), me, [me, *others])
    assert refused.value.code == "last_admin"
    check_left(By("staff:1", 1), me, [me, *others, member(3, ADMIN)])
    check_left(By("cli:root"), me, [me, *others])  # an account in wrong hands


@pytest.mark.parametrize("mine", [member(1, AUTHOR), member(1, ADMIN, usable=False), None])
def test_who_is_no_administrator_any_more_changes_nothing(mine: Member | None) -> None:
    known = [each for each in (mine, member(2, ADMIN)) if each]

    with pytest.raises(StaffRefused) as refused:
        check_by(By("staff:1", 1), known)
    assert refused.value.code == "not_admin"


def test_a_browser_knows_a_few_logins_for_half_a_year() -> None:
    device = Device("mark").with_login("lan", NOW)

    assert device.knows("lan", NOW + timedelta(days=179))
    assert not device.knows("lan", NOW + timedelta(days=180))
    assert not device.knows("minh", NOW)
    renewed = device.with_login("lan", NOW + timedelta(days=100))
    assert renewed.knows("lan", NOW + timedelta(days=200))
    assert len(renewed.known) == 1
    for number in range(8):
        renewed = renewed.with_login(f"login-{number}", NOW)
    assert not renewed.knows("lan", NOW)
    assert Device.from_json(json.loads(json.dumps(renewed.as_json()))) == renewed
