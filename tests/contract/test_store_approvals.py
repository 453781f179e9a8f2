"""Approvals that count no more, and corrections of emergencies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from bot.core.notices.notice import Audience, Urgency
from bot.core.notices.states import Act, NoticeRefused, State
from bot.core.staff.people import By
from bot.core.staff.roles import Role
from bot.store.schema_drafts import notice_drafts
from tests.contract.notice_builders import (
    a_notice,
    again,
    an_emergency,
    approve,
    hand,
    planned,
    render,
    sending,
    submitted,
)
from tests.contract.store_builders import NOW, follow
from tests.contract.test_store_broadcasts import send_all


def refused(code):
    return pytest.raises(NoticeRefused, match=rf"^{code}\b")


def lock(store, login):
    store.people.lock(By("test"), hand(store, login).staff_id, NOW)


def demote(store, login):
    store.people.set_roles(By("test"), hand(store, login).staff_id, [Role.AUTHOR], NOW)


@pytest.mark.parametrize("leave", [lock, demote])
def test_who_may_approve_no_more_has_not_approved(store, leave):
    draft = approve(store, submitted(store))
    leave(store, "minh")

    with refused("approver_gone"):
        store.drafts.schedule(draft.id, hand(store, "lan"), draft.version, NOW)

    assert again(store, draft).approvers == ()
    acts = [(version.act, version.staff_id) for version in store.drafts.history(draft.id)]
    assert acts[-1] == (Act.APPROVE, hand(store, "minh").staff_id)  # what happened stays


def test_an_emergency_wants_two_who_still_may(store):
    draft = approve(store, submitted(store, an_emergency()), "minh")
    lock(store, "minh")

    draft = approve(store, draft, "tam")
    assert (draft.state, len(draft.approvers)) == (State.SUBMITTED, 1)

    assert approve(store, draft, "hoa").state is State.APPROVED


def test_a_planned_notice_does_not_begin_without_its_approver(store):
    draft = planned(store)
    lock(store, "minh")

    with refused("approver_gone"):
        store.broadcasts.start(draft.id, render, NOW)

    store.people.unlock(By("test"), hand(store, "minh").staff_id, NOW)
    assert store.broadcasts.start(draft.id, render, NOW)


def test_what_was_sent_keeps_its_approvers(store):
    draft = sending(store)
    lock(store, "minh")

    assert again(store, draft).approvers == (hand(store, "minh").staff_id,)


def test_the_correction_of_an_emergency_is_an_emergency(store):
    follow(store, "a")
    first = sending(store, an_emergency())
    send_all(store)
    lan = hand(store, "lan")
    audience = Audience(corrects=first.announcement_id)
    with refused("emergency_only"):
        store.drafts.create(lan, a_notice(audience=audience, urgency=Urgency.URGENT), NOW)
    erratum = store.drafts.erratum(first.id, lan, "Đính chính", "14 giờ.", NOW)
    lower = replace(erratum.notice, urgency=Urgency.URGENT)
    with refused("emergency_only"):
        store.drafts.edit(erratum.id, lan, lower, erratum.version, NOW)

    # One that was lowered before this was forbidden is neither approved nor sent.
    erratum = store.drafts.submit(erratum.id, lan, erratum.version, NOW)
    values = {"content": lower.as_json(), "fingerprint": lower.fingerprint}
    with store._db.write() as connection:
        connection.execute(
            update(notice_drafts).where(notice_drafts.c.id == erratum.id).values(**values)
        )
    with refused("emergency_only"):
        approve(store, again(store, erratum))


@pytest.mark.parametrize("urgency", [Urgency.BULK, Urgency.URGENT])
def test_other_corrections_may_be_less_urgent(store, urgency):
    follow(store, "a")
    first = sending(store, a_notice(urgency=Urgency.URGENT))
    send_all(store)
    lan = hand(store, "lan")
    erratum = store.drafts.erratum(first.id, lan, "Đính chính", "14 giờ.", NOW)

    lower = replace(erratum.notice, urgency=urgency)
    assert store.drafts.edit(erratum.id, lan, lower, erratum.version, NOW).notice == lower
