"""What is meant for a few has its page, and stands in no list that everybody reads."""

from __future__ import annotations

import pytest

from bot.core.notices.notice import Audience
from bot.core.notices.uploads import read_ids
from tests.builders import a_dossier
from tests.contract.follow_builders import following
from tests.contract.notice_builders import a_notice, approve, hand, sending, step
from tests.contract.store_builders import NOW, follow, lease_deliveries

FEW = Audience(dossier_states=(9,))


@pytest.mark.parametrize(
    ("audience", "listed"),
    [
        (Audience(topics=("thien-tai",)), True),
        (Audience(topics=("thien-tai",), dossier_states=(4,)), True),
        (FEW, False),
        (Audience(uploaded="a list"), False),
    ],
    ids=["a topic", "a topic and dossiers", "dossiers", "a list"],
)
def test_lists_name_what_is_for_everybody(store, audience, listed):
    if audience.uploaded:
        report = store.lists.keep(read_ids([str(follow(store, "a").id)]), 1, NOW)
        audience = Audience(uploaded=report.digest)
    draft = sending(store, a_notice(audience=audience))

    for found, total in (store.announcements.latest(NOW), store.announcements.board(NOW)):
        assert (len(found), total) == (int(listed), int(listed))
    assert store.announcements.by_code(draft.code)


@pytest.mark.parametrize("audience", [Audience(topics=("thien-tai",)), FEW], ids=["all", "few"])
def test_a_correction_is_as_narrow_as_what_it_puts_right(store, audience):
    follow(store, "a")
    following(store, a_dossier(status=9), "b")
    first = sending(store, a_notice(audience=audience))
    (row,) = lease_deliveries(store, now=NOW)
    store.deliveries.sent(row, "m1", NOW)
    lan = hand(store, "lan")
    erratum = store.drafts.erratum(first.id, lan, "Đính chính", "14 giờ.", NOW)
    erratum = approve(store, store.drafts.submit(erratum.id, lan, erratum.version, NOW))
    store.drafts.schedule(erratum.id, lan, erratum.version, NOW)
    step(store)

    assert [row.citizen.external_id for row in lease_deliveries(store, now=NOW)] == [
        row.citizen.external_id
    ]
    found, _ = store.announcements.latest(NOW)
    titles = ["Đính chính", first.notice.title]
    assert [each.title for each in found] == ([] if audience is FEW else titles)


def test_what_is_about_several_places_is_listed_under_each_of_them(store):
    several = Audience(topics=("thien-tai",), areas=("ben-luc", "can-giuoc"))
    draft = sending(store, a_notice(audience=several))
    (made,), _ = store.announcements.board(NOW)

    assert made.about == ("ben-luc", "can-giuoc")
    for place, listed in (("ben-luc", 1), ("can-giuoc", 1), ("can-giuo_", 0), ("duc-hoa", 0)):
        assert store.announcements.board(NOW, None, [place])[1] == listed, place
    assert store.announcements.by_code(draft.code).about == made.about
