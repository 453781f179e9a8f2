"""Writing and approving notices: versions, refusals, and two requests at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.notices.approval import HANDS_ON, Hand, command
from bot.core.notices.notice import Audience, Urgency
from bot.core.notices.states import Act, NoticeRefused, State
from bot.core.staff.people import By
from bot.core.staff.roles import Role
from bot.store import open_store
from tests.contract.notice_builders import (
    a_notice,
    again,
    an_emergency,
    approve,
    hand,
    planned,
    sending,
    submitted,
)
from tests.contract.store_builders import NOW, follow, later
from tests.contract.test_store_together import in_threads


def refused(code):
    return pytest.raises(NoticeRefused, match=rf"^{code}\b")


def test_a_notice_goes_from_draft_to_planned_and_every_step_is_kept(store):
    lan, minh = hand(store, "lan"), hand(store, "minh")
    draft = store.drafts.create(lan, a_notice(), NOW)
    draft = store.drafts.submit(draft.id, lan, draft.version, NOW)
    draft = store.drafts.give_back(draft.id, minh, "Thiếu giờ.", draft.version, NOW)
    assert (draft.state, draft.reason) == (State.RETURNED, "Thiếu giờ.")
    better = a_notice(body="Từ 15 giờ.")
    draft = store.drafts.edit(draft.id, lan, better, draft.version, NOW)
    draft = store.drafts.submit(draft.id, lan, draft.version, NOW)
    draft = store.drafts.approve(draft.id, minh, draft.version, better.fingerprint, NOW)
    draft = store.drafts.schedule(draft.id, lan, draft.version, NOW)

    history = store.drafts.history(draft.id)
    assert [version.act.value for version in history] == [
        *("create", "submit", "return", "edit", "submit", "approve", "schedule")
    ]
    assert [version.number for version in history] == list(range(1, 8))
    assert history[2].note == "Thiếu giờ."
    assert history[3].notice == better
    assert again(store, draft) == draft
    assert (draft.state, draft.notice, draft.approvers) == (
        State.PLANNED,
        better,
        (minh.staff_id,),
    )
    assert (store.audit.verify(), store.audit.count()) == (None, 7 + 2)  # two people were added


def test_a_notice_is_not_returned_without_a_reason(store):
    draft = submitted(store)

    with refused("reason_missing"):
        store.drafts.give_back(draft.id, hand(store, "minh"), "  ", draft.version, NOW)


@pytest.mark.parametrize("who", ["author", "editor", "submitter"])
def test_nobody_approves_what_went_through_their_own_hands(store, who):
    people = {name: hand(store, name) for name in ("author", "editor", "submitter")}
    draft = store.drafts.create(people["author"], a_notice(), NOW)
    changed = a_notice(body="khác")
    draft = store.drafts.edit(draft.id, people["editor"], changed, draft.version, NOW)
    draft = store.drafts.submit(draft.id, people["submitter"], draft.version, NOW)

    with refused("own_work"):
        approve(store, draft, who)

    assert approve(store, draft, "minh").state is State.APPROVED


def test_who_edited_before_the_last_editor_does_not_approve_either(store):
    draft = store.drafts.create(hand(store, "lan"), a_notice(), NOW)
    for login in ("minh", "lan"):
        text = a_notice(body=f"của {login}")
        draft = store.drafts.edit(draft.id, hand(store, login), text, draft.version, NOW)
    draft = store.drafts.submit(draft.id, hand(store, "lan"), draft.version, NOW)

    with refused("own_work"):
        approve(store, draft, "minh")


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.OPERATOR, Role.ADMIN])
def test_only_an_approver_approves(store, role):
    draft = submitted(store)
    with refused("role"):
        store.drafts.approve(
            draft.id, hand(store, "khoa", role), draft.version, draft.fingerprint, NOW
        )


def test_a_role_that_was_taken_away_no_longer_counts(store):
    """The session still says approver; the database is asked too."""
    draft = submitted(store)
    minh = hand(store, "minh")
    store.people.set_roles(By("test"), minh.staff_id, [Role.AUTHOR], NOW)

    with refused("own_work"):
        store.drafts.approve(draft.id, minh, draft.version, draft.fingerprint, NOW)

    assert again(store, draft).state is State.SUBMITTED


def test_a_stranger_to_the_accounts_approves_nothing(store):
    draft = submitted(store)
    ghost = Hand("staff:999", 999, frozenset({Role.APPROVER}))

    with refused("own_work"):
        store.drafts.approve(draft.id, ghost, draft.version, draft.fingerprint, NOW)


def test_a_command_neither_writes_nor_approves(store):
    draft = submitted(store)
    with refused("role"):
        store.drafts.create(command("cli:root"), a_notice(), NOW)
    with refused("role"):
        store.drafts.approve(draft.id, command("cli:root"), draft.version, draft.fingerprint, NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Khác"},
        {"body": "Khác"},
        {"issuer": "Khác"},
        {"audience": Audience(topics=("thien-tai",), areas=("ben-luc",))},
        {"audience": Audience(topics=("thien-tai",), channels=("web",))},
        {"send_at": later(hours=1)},
        {"expires_at": later(hours=9)},
        {"urgency": Urgency.URGENT},
        {"attachment_digest": "ab" * 32},
        {"picture_digest": "cd" * 32},
        {"url": "https://longan.gov.vn/12"},
    ],
)
def test_any_change_voids_the_approval(store, change):
    draft = approve(store, submitted(store))
    lan = hand(store, "lan")
    changed = replace(draft.notice, **change)

    edited = store.drafts.edit(draft.id, lan, changed, draft.version, NOW)

    assert edited.fingerprint != draft.fingerprint
    assert (edited.state, edited.approvers) == (State.DRAFT, ())
    with refused("not_now"):
        store.drafts.schedule(draft.id, lan, edited.version, NOW)
    resubmitted = store.drafts.submit(draft.id, lan, edited.version, NOW)
    with refused("changed"):  # what Minh had on the screen
        store.drafts.approve(draft.id, hand(store, "minh"), draft.version, draft.fingerprint, NOW)
    with refused("changed"):
        store.drafts.approve(
            draft.id, hand(store, "minh"), resubmitted.version, draft.fingerprint, NOW
        )


def test_an_approval_cannot_be_replayed(store):
    draft = submitted(store)
    minh = hand(store, "minh")
    request = (draft.id, minh, draft.version, draft.fingerprint, NOW)
    approved = store.drafts.approve(*request)
    with refused("not_now"):
        store.drafts.approve(*request)

    lan = hand(store, "lan")
    back = store.drafts.give_back(draft.id, minh, "Khoan đã.", approved.version, NOW)
    same = store.drafts.edit(draft.id, lan, back.notice, back.version, NOW)
    store.drafts.submit(draft.id, lan, same.version, NOW)

    with refused("changed"):  # the same text, but a new submission
        store.drafts.approve(*request)


def test_of_two_approvals_at_once_one_wins(store, open_again):
    draft = submitted(store)
    stores = [store, open_again()]
    for name in ("minh", "tam"):
        hand(store, name)
    codes = []

    def work(number):
        by = hand(stores[number], ("minh", "tam")[number])
        try:
            stores[number].drafts.approve(draft.id, by, draft.version, draft.fingerprint, NOW)
            codes.append("won")
        except NoticeRefused as error:
            codes.append(error.code)

    in_threads(2, work)

    assert sorted(codes) == ["not_now", "won"]
    assert len(again(store, draft).approvers) == 1
    assert store.audit.verify() is None


def test_an_approval_and_a_change_at_once_never_both_hold(store, open_again):
    draft, lan, minh = submitted(store), hand(store, "lan"), hand(store, "minh")
    other = open_again()
    done = []

    def work(number):
        try:
            if number:
                store.drafts.approve(draft.id, minh, draft.version, draft.fingerprint, NOW)
            else:
                other.drafts.edit(draft.id, lan, a_notice(body="khác"), draft.version, NOW)
            done.append(number)
        except NoticeRefused:
            pass

    in_threads(2, work)

    now = again(store, draft)
    assert len(done) == 1
    assert now.state is (State.APPROVED if done == [1] else State.DRAFT)
    assert (now.fingerprint == draft.fingerprint) == (done == [1])


def test_two_edits_at_once_do_not_overwrite_each_other(store):
    lan = hand(store, "lan")
    draft = store.drafts.create(lan, a_notice(), NOW)
    store.drafts.edit(draft.id, lan, a_notice(body="một"), draft.version, NOW)

    with refused("changed"):
        store.drafts.edit(draft.id, lan, a_notice(body="hai"), draft.version, NOW)


def test_an_emergency_takes_two_different_people(store):
    draft = submitted(store, an_emergency())

    once = approve(store, draft, "minh")
    assert once.state is State.SUBMITTED
    with refused("again"):
        approve(store, once, "minh")
    with refused("not_now"):
        store.drafts.schedule(draft.id, hand(store, "lan"), once.version, NOW)
    twice = approve(store, once, "tam")

    assert twice.state is State.APPROVED
    assert len(twice.approvers) == 2
    notes = [v.note for v in store.drafts.history(draft.id) if v.act is Act.APPROVE]
    assert notes == ["emergency", "emergency"]


def test_two_at_once_approve_an_emergency_together(store, open_again):
    draft = submitted(store, an_emergency())
    stores = [store, open_again()]
    people = [hand(store, "minh"), hand(store, "tam")]

    in_threads(
        2,
        lambda n: stores[n].drafts.approve(
            draft.id, people[n], draft.version, draft.fingerprint, NOW
        ),
    )

    assert again(store, draft).state is State.APPROVED


def test_only_an_emergency_may_go_to_everyone(store):
    with refused("emergency_only"):
        submitted(store, a_notice(audience=Audience(everyone=True)))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"body": "a\n---\n[Nhận quà](https://example.org)"}, "cut_line"),
        ({"url": "https://a.gov.vn/)\n[Quà](https://example.org"}, "not_https"),
        ({"url": "javascript:alert(1)"}, "not_https"),
        ({"url": "https://longan.gov.vn@example.org/"}, "not_https"),
    ],
)
def test_a_text_that_would_grow_buttons_is_refused(store, change, code):
    with refused(code):
        submitted(store, a_notice(**change))


def test_what_has_expired_is_neither_submitted_nor_approved(store):
    draft = submitted(store, a_notice(expires_at=later(hours=1)))

    with refused("expired"):
        approve(store, draft, now=later(hours=1))


def test_a_sent_notice_can_no_longer_be_changed(store):
    follow(store, "lan")
    draft = sending(store)

    with refused("not_now"):
        store.drafts.edit(draft.id, hand(store, "lan"), a_notice(), draft.version, NOW)


def test_a_planned_notice_that_is_changed_does_not_go_out(store):
    draft = planned(store, a_notice(send_at=later(hours=1)))
    store.drafts.edit(draft.id, hand(store, "lan"), a_notice(), draft.version, NOW)

    assert store.broadcasts.due(later(hours=2)) == []


def test_notices_are_listed_by_state(store):
    first, second = submitted(store), planned(store)

    assert store.drafts.page() == [second, first]
    assert store.drafts.page([State.SUBMITTED]) == [first]
    assert store.drafts.page(before_id=second.id) == [first]
    assert store.drafts.counts() == {"submitted": 1, "planned": 1}
    assert store.drafts.find(999) is None


_PEOPLE = ("an", "binh", "chi")
_ACTS = st.lists(
    st.tuples(
        st.sampled_from(_PEOPLE),
        st.sampled_from(["edit", "submit", "approve", "return", "schedule"]),
        st.booleans(),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory):
    made = open_store(f"sqlite:///{tmp_path_factory.mktemp('acts') / 'motcua.db'}")
    made.upgrade()
    yield made
    made.close()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(author=st.sampled_from(_PEOPLE), emergency=st.booleans(), acts=_ACTS)
def test_no_order_of_acts_lets_anybody_approve_their_own_work(
    shared_store, author, emergency, acts
):
    store = shared_store
    make = an_emergency if emergency else a_notice
    draft = store.drafts.create(hand(store, author), make(), NOW)
    for number, (login, act, stale) in enumerate(acts):
        by = hand(store, login)
        seen = max(1, draft.version - stale)
        try:
            if act == "edit":
                draft = store.drafts.edit(draft.id, by, make(body=f"câu {number}"), seen, NOW)
            elif act == "submit":
                draft = store.drafts.submit(draft.id, by, seen, NOW)
            elif act == "approve":
                draft = store.drafts.approve(draft.id, by, seen, draft.fingerprint, NOW)
            elif act == "return":
                draft = store.drafts.give_back(draft.id, by, "Xem lại.", seen, NOW)
            else:
                draft = store.drafts.schedule(draft.id, by, seen, NOW)
        except NoticeRefused:
            continue
        hands_on = {v.staff_id for v in store.drafts.history(draft.id) if v.act in HANDS_ON}
        assert hands_on.isdisjoint(draft.approvers)
        needed = 2 if emergency else 1
        through = draft.state in (State.APPROVED, State.PLANNED)
        assert not through or len(set(draft.approvers)) >= needed
