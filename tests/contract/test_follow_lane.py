"""Store and lane together: changes noticed three ways, each told once, whatever dies."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.core.dossiers.codes import DossierCode
from bot.core.errors import StoreUnavailable
from bot.core.follow.exchange import Event
from bot.core.follow.follow import KEPT_AFTER_END
from bot.sources.reported import with_reports
from tests.builders import a_dossier
from tests.contract.follow_builders import (
    CODE,
    MORNING,
    Book,
    History,
    a_lane,
    at,
    changed,
    following,
    heard,
)

SOON = MORNING + timedelta(minutes=1)
STATE = f"Dạ, hồ sơ {CODE} anh/chị theo dõi vừa thay đổi: "


@pytest.fixture
def register():
    book = Book()
    book.put(a_dossier())
    return book


def settled(store, lane):
    """The first look after following finds nothing new."""
    assert lane.step(at(MORNING)) == 0


def test_an_import_is_told_to_every_follower_once(store, register):
    history = History()
    lane = a_lane(store, register, history=history)
    for sender in ("lan", "minh"):
        following(store, a_dossier(), sender=sender)
    settled(store, lane)

    register.put(changed(status=9))
    history.add("H39.21-261102-0042", CODE, CODE)

    assert lane.step(at(SOON)) == 2
    assert lane.step(at(SOON)) == 0
    assert heard(store, SOON) == [STATE + "đã có kết quả, đang chờ trả."] * 2


def test_an_import_amid_a_decision_is_not_overlooked(store, register):
    history = History()
    lane = a_lane(store, register, history=history)
    following(store, a_dossier())
    due = store.follows.due(MORNING, 10)
    decided = lane._decided(due, MORNING)
    register.put(changed(status=9))
    history.add(CODE)
    lane.notice_imports(at(MORNING))

    store.follows.settle(decided, MORNING)

    assert lane.step(at(SOON)) == 1


def test_a_new_promised_day_of_an_import_is_told(store, register):
    history = History()
    lane = a_lane(store, register, history=history)
    following(store, a_dossier())
    settled(store, lane)
    register.put(changed(promised_on=date(2026, 12, 1)))
    history.add(CODE)

    lane.step(at(SOON))

    (said,) = heard(store, SOON)
    assert "có ngày hẹn trả mới: thứ Ba, 01/12/2026" in said


def test_a_call_of_the_back_office_is_told_even_if_the_source_lags_behind(store, register):
    lane = a_lane(store, register)
    key = following(store, a_dossier()) and store.follows.due(MORNING, 1)[0].key
    settled(store, lane)
    event = {"status": 5, "status_label": "5", "changed_at": SOON.isoformat()}
    store.hooks.take("s", [Event(key, event)], SOON)

    assert lane.step(at(SOON)) == 1
    assert heard(store, SOON) == [STATE + "đang chờ anh/chị bổ sung giấy tờ."]
    register.put(changed(status=5, changed_at=SOON))
    assert lane.step(at(SOON + timedelta(days=1))) == 0


def test_a_call_and_an_import_of_the_same_change_are_one_message(store, register):
    history = History()
    lane = a_lane(store, register, history=history)
    following(store, a_dossier())
    settled(store, lane)
    register.put(changed(status=5))
    history.add(CODE)
    store.hooks.take("s", [Event(store.follows.of(1)[0].key, {"status": 5})], SOON)

    assert lane.step(at(SOON)) == 1


def test_only_followed_dossiers_are_asked_about_and_only_when_it_is_time(store):
    portal = Book("portal")
    portal.put(a_dossier(), a_dossier(code="H39.21-261102-0042"))
    lane = a_lane(store, portal)
    lane.poll(at(MORNING))
    assert portal.asked == 0

    following(store, portal.known[next(iter(portal.known))])
    asked = 0
    for minute in range(1, 31):
        lane.poll(at(MORNING + timedelta(minutes=minute)))
        asked = portal.asked

    assert asked == 3


def test_a_silent_source_is_asked_less_and_everything_is_caught_up_once(store):
    portal = Book("portal")
    codes = [f"H39.21-261102-{number:04d}" for number in range(5)]
    portal.put(*(a_dossier(code=code) for code in codes))
    for number, code in enumerate(codes):
        following(store, portal.known[code.replace(".", "").replace("-", "")], number=number)
    lane = a_lane(store, portal)
    settled(store, lane)
    portal.silent = True
    now = MORNING
    for _ in range(240):
        now += timedelta(minutes=1)
        lane.poll(at(now))
        lane.step(at(now))
    asked_while_silent = portal.asked

    portal.put(*(changed(code=code, status=5, changed_at=now) for code in codes))
    portal.silent = False
    told = 0
    for _ in range(120):
        now += timedelta(minutes=1)
        lane.poll(at(now))
        told += lane.step(at(now))

    assert asked_while_silent < 15
    assert told == len(codes)
    assert len(set(heard(store, now))) == len(codes)


class Dying:
    """The store of a worker that is killed just before, or just after, its commit."""

    def __init__(self, store, *, after_commit):
        self._follows = store.follows
        self._after_commit = after_commit

    def __getattr__(self, name):
        return getattr(self._follows, name)

    def settle(self, decided, now):
        if self._after_commit:
            self._follows.settle(decided, now)
        raise StoreUnavailable("killed")

    def nudge(self, *what):
        if self._after_commit:
            self._follows.nudge(*what)
        raise StoreUnavailable("killed")


@pytest.mark.parametrize("after_commit", [False, True])
@pytest.mark.parametrize("history_first", [False, True])
def test_a_kill_between_reading_and_writing_tells_once(
    store, open_again, register, after_commit, history_first
):
    history = History()
    following(store, a_dossier())
    settled(store, a_lane(store, register, history=history))
    register.put(changed(status=9))
    history.add(CODE)
    if not history_first:
        a_lane(store, register, history=history).notice_imports(at(SOON))
    dying = Dying(store, after_commit=after_commit)
    with pytest.raises(StoreUnavailable):
        a_lane(store, register, history=history, follows=dying).step(at(SOON))

    again = open_again()
    lane = a_lane(again, register, history=history)
    for _ in range(3):
        lane.step(at(SOON))

    assert len(heard(again, SOON)) == 1


def test_what_is_announced_goes_before_the_daily_look(store, register):
    history = History()
    for number in range(3):
        code = f"H39.21-261102-{number:04d}"
        register.put(a_dossier(code=code))
        following(store, a_dossier(code=code), number=number)
    history.add("H39.21-261102-0002")

    a_lane(store, register, history=history).notice_imports(at(SOON))

    assert [each.code for each in store.follows.due(SOON, 10)] == ["H39.21-261102-0002"]


def test_one_dossier_that_cannot_be_worded_does_not_silence_the_others(store, register):
    broken, fine = "H39.21-261102-0001", "H39.21-261102-0002"
    for number, code in enumerate((broken, fine)):
        following(store, a_dossier(code=code), number=number)
        register.put(changed(code=code, status=9))

    def owner(citizen_id, code):
        if code.value == broken:
            raise KeyError(code.value)
        return False

    assert a_lane(store, register, owner=owner).step(at(SOON)) == 1
    assert fine in heard(store, SOON)[0]
    assert a_lane(store, register).step(at(SOON + timedelta(hours=1))) == 1


def test_two_workers_at_once_tell_once(store, open_again, register):
    history = History()
    following(store, a_dossier())
    settled(store, a_lane(store, register, history=history))
    register.put(changed(status=9))
    history.add(CODE)
    one = a_lane(store, register, history=history)
    two = a_lane(open_again(), register, history=history)
    one.notice_imports(at(SOON))
    due = store.follows.due(SOON, 10)
    first, second = one._decided(due, SOON), two._decided(due, SOON)

    assert store.follows.settle(first, SOON) == 1
    assert store.follows.settle(second, SOON) == 0
    assert len(heard(store, SOON)) == 1


def test_an_owner_reads_more_than_somebody_with_the_code(store, register):
    owner = following(store, a_dossier(), sender="owner")
    following(store, a_dossier(), sender="neighbour")
    settled(store, a_lane(store, register))
    register.put(changed(status=5, status_label="Chờ bổ sung", note="Thiếu trang hai"))
    lane = a_lane(store, register, owner=lambda citizen_id, code: citizen_id == owner.id)
    store.follows.nudge("x", 0, 1, [store.follows.of(owner.id)[0].key], SOON)

    lane.step(at(SOON))

    found = store.deliveries.claim(SOON, "lane", "zalo", 10, timedelta(seconds=30))
    texts = {each.citizen.id == owner.id: each.reply.text for each in found}
    for secret in ("Bộ phận hộ tịch", "Thiếu trang hai", "15/09/2026"):
        assert secret in texts[True]
        assert secret not in texts[False]
    for public in (CODE, "Đăng ký khai sinh", "UBND phường Long An", "bổ sung giấy tờ"):
        assert public in texts[False]


def test_the_whole_life_of_a_follow(store, register):
    citizen = following(store, a_dossier(), sender="tab", channel="web")
    lane = a_lane(store, register, owner=lambda citizen_id, code: True)
    said = []
    now = MORNING
    ends = MORNING + timedelta(days=6) + KEPT_AFTER_END
    while now < ends + timedelta(days=2):
        if now == MORNING + timedelta(days=4):
            register.put(changed(status=9, changed_at=now))
        if now == MORNING + timedelta(days=6):
            register.put(changed(status=10, changed_at=now))
        lane.step(at(now))
        said += heard(store, now, "web")
        now += timedelta(hours=1)

    assert [line.split(CODE)[1][:24] for line in said] == [
        " hẹn trả kết quả vào thứ"[:24],
        " đã qua ngày hẹn trả, thứ Tư"[:24],
        " anh/chị theo dõi vừa thay đổi"[:24],
        " anh/chị theo dõi vừa thay đổi"[:24],
        " đã trả kết quả. Anh/chị"[:24],
    ]
    assert store.follows.of(citizen.id) == []


def test_a_look_up_says_what_followers_were_told(store, register):
    """The register lags behind the call; an import of before, without times, changes nothing."""
    source = with_reports(register, store.reported)
    lane = a_lane(store, source, history=(history := History()))
    follow = following(store, a_dossier()) and store.follows.due(MORNING, 1)[0]
    settled(store, lane)
    ended = {"status": 10, "status_label": "", "changed_at": SOON.isoformat()}
    store.hooks.take("s", [Event(follow.key, ended)], SOON)
    assert source.fetch(DossierCode(CODE)).status == 10  # before anybody is told
    assert lane.step(at(SOON)) == 1

    later = SOON + timedelta(hours=2)
    register.put(a_dossier(status=5, changed_at=None, as_of=later))
    history.add(CODE)

    assert lane.step(at(later)) == 0
    assert source.fetch(DossierCode(CODE)).status == 10
    register.put(a_dossier(status=5, changed_at=later, as_of=later))
    assert source.fetch(DossierCode(CODE)).status == 5


def test_a_neighbour_is_not_asked_how_satisfied_they_are(store, register):
    owner = following(store, a_dossier(), sender="owner")
    following(store, a_dossier(), sender="neighbour")
    lane = a_lane(store, register, owner=lambda citizen_id, code: citizen_id == owner.id)
    settled(store, lane)
    register.put(changed(status=10))
    store.follows.nudge("x", 0, 1, [store.follows.of(owner.id)[0].key], SOON)

    assert lane.step(at(SOON)) == 3
    assert sum("Anh/chị hài lòng" in line for line in heard(store, SOON)) == 1
    assert store.follows.of(owner.id)[0].may_rate


def test_a_new_day_that_is_over_already_is_told_with_an_apology(store, register):
    following(store, a_dossier())
    history = History()
    lane = a_lane(store, register, history=history)
    settled(store, lane)
    register.put(changed(promised_on=date(2026, 11, 10)))
    history.add(CODE)

    lane.step(at(SOON))

    told = store.deliveries.claim(SOON, "lane", "zalo", 10, timedelta(seconds=30))
    (reply,) = [each.reply for each in told if "ngày hẹn trả mới" in each.reply.text]
    assert "mong anh/chị thông cảm" in reply.text
    assert "/ask_overdue" in (reply.buttons[0].payload or "")
