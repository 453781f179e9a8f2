"""Articles of notices: who may want one, for which text, and never broadcast twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.errors import SendLater, SendRefused, SendUnsure, SendWait, StoreUnavailable
from bot.core.notices.articles import ArticleState, Job, Step, Verdict, article_of
from bot.core.notices.notice import Audience, Notice
from bot.core.notices.states import NoticeRefused
from bot.core.notices.uploads import read_ids
from bot.core.staff.roles import Role
from bot.core.work.article_lane import LEASE, ArticleLane
from bot.store.articles import GIVE_UP
from tests.contract.notice_builders import a_notice, again, approve, hand, sending, submitted
from tests.contract.store_builders import NOW, follow, later
from tests.contract.test_store_together import in_threads

NOBODY = read_ids([])
PICTURE = "a" * 64
NIGHT = NOW.replace(hour=15)  # 22:00 there


class Killed(BaseException):
    """Nothing after this point happens."""


class Platform:
    """An account that counts its broadcasts; ``dies`` and ``errors`` say where things go wrong."""

    def __init__(self, dies: str = "", errors: dict | None = None) -> None:
        self.calls: list[str] = []
        self.dies = dies
        self.errors = errors or {}

    def _call(self, name: str, answer: str) -> str:
        if self.dies == f"before {name}":
            raise Killed
        if name in self.errors:
            raise self.errors.pop(name)
        self.calls.append(name)
        if self.dies == f"after {name}":
            raise Killed
        return answer

    def create(self, article):
        assert article.cover_url.startswith("https://")
        return self._call("create", "token")

    def article_id(self, token):
        assert token == "token"
        return self._call("verify", "article-7")

    def broadcast(self, article_id):
        assert article_id == "article-7"
        return self._call("broadcast", "m1")


def compose(job: Job):
    return article_of(job.notice, job.notice.body, "https://tinh.example/n/A/anh")


def lane(store, platform: Platform) -> ArticleLane:
    return ArticleLane(store.articles, platform, compose)


def run(store, platform: Platform, now=NOW, steps: int = 6) -> None:
    made = lane(store, platform)
    for number in range(steps):
        made.step(lambda: now + timedelta(minutes=2 * number))  # noqa: B023 - called at once


def illustrated(**changes) -> Notice:
    return a_notice(picture_digest=PICTURE, **changes)


@pytest.fixture
def draft(store):
    follow(store, "a")
    return sending(store, illustrated())


def want(store, draft, login: str = "minh", now=NOW) -> None:
    store.articles.want(draft.id, hand(store, login), draft.fingerprint, now)


def test_an_article_is_made_waited_for_and_broadcast_once(store, draft):
    want(store, draft)
    platform = Platform()

    run(store, platform)

    assert platform.calls == ["create", "verify", "broadcast"]
    kept = store.articles.find(draft.id)
    assert (kept.state, kept.article_id) == (ArticleState.BROADCAST, "article-7")
    run(store, platform, later(hours=1))
    assert platform.calls.count("broadcast") == 1
    assert store.audit.verify() is None


@pytest.mark.parametrize("moment", ["before create", "after create"])
def test_a_kill_at_the_making_leaves_a_doubt(store, draft, moment):
    want(store, draft)
    with pytest.raises(Killed):
        run(store, Platform(dies=moment))
    platform = Platform()

    run(store, platform, NOW + LEASE, steps=1)

    kept = store.articles.find(draft.id)
    assert (kept.state, kept.step) == (ArticleState.UNSURE, Step.CREATE)
    assert platform.calls == []


def test_a_kill_while_asking_for_the_id_costs_nothing(store, draft):
    want(store, draft)
    with pytest.raises(Killed):
        run(store, Platform(dies="after verify"))
    platform = Platform()

    run(store, platform, later(minutes=10))

    assert platform.calls == ["verify", "broadcast"]


@pytest.mark.parametrize(("moment", "arrived"), [("before broadcast", 0), ("after broadcast", 1)])
def test_a_kill_at_the_broadcast_is_never_followed_by_another(store, draft, moment, arrived):
    want(store, draft)
    first = Platform(dies=moment)
    with pytest.raises(Killed):
        run(store, first)
    second = Platform()

    run(store, second, later(hours=1))

    assert first.calls.count("broadcast") + second.calls.count("broadcast") == arrived
    kept = store.articles.find(draft.id)
    assert (kept.state, kept.step, kept.code) == (
        ArticleState.UNSURE,
        Step.BROADCAST,
        "sender_died",
    )


@pytest.mark.parametrize(
    ("verdict", "state", "calls"),
    [
        (Verdict.DONE, ArticleState.BROADCAST, 0),
        (Verdict.AGAIN, ArticleState.BROADCAST, 1),
        (Verdict.DROP, ArticleState.REFUSED, 0),
    ],
)
def test_a_person_decides_about_a_doubt(store, draft, verdict, state, calls):
    want(store, draft)
    run(store, Platform(errors={"broadcast": SendUnsure("lost", "timeout")}))
    tam = hand(store, "tam", Role.APPROVER)

    assert store.articles.decide(draft.id, tam, verdict, later(hours=1))
    assert not store.articles.decide(draft.id, tam, verdict, later(hours=1))
    platform = Platform()
    run(store, platform, later(hours=1))

    assert store.articles.find(draft.id).state is state
    assert platform.calls.count("broadcast") == calls


def test_two_who_say_again_at_once_cause_one_broadcast(store, draft, open_again):
    want(store, draft)
    run(store, Platform(errors={"broadcast": SendUnsure("lost", "timeout")}))
    people = [hand(store, login, Role.APPROVER) for login in ("tam", "hoa")]
    stores = [open_again(), open_again()]
    said = []

    def decide(number):
        said.append(stores[number].articles.decide(draft.id, people[number], Verdict.AGAIN, NOW))

    in_threads(2, decide)

    assert sorted(said) == [False, True]
    platforms = [Platform(), Platform()]
    in_threads(2, lambda number: run(stores[number], platforms[number]))
    assert sum(platform.calls.count("broadcast") for platform in platforms) == 1


@pytest.mark.parametrize("login", ["lan"])
def test_whoever_had_a_hand_in_the_notice_does_not_publish_it(store, draft, login):
    with pytest.raises(NoticeRefused, match="own_work"):
        want(store, draft, login)
    with pytest.raises(NoticeRefused, match="role"):
        store.articles.want(draft.id, hand(store, "ad", Role.ADMIN), draft.fingerprint, NOW)
    assert store.articles.find(draft.id) is None


def test_a_doubt_is_not_decided_by_whoever_wrote_it(store, draft):
    want(store, draft)
    run(store, Platform(errors={"broadcast": SendUnsure("lost", "timeout")}))
    with pytest.raises(NoticeRefused, match="own_work"):
        store.articles.decide(draft.id, hand(store, "lan"), Verdict.AGAIN, NOW)


def test_it_is_wanted_once(store, draft):
    want(store, draft)
    with pytest.raises(NoticeRefused, match="article_again"):
        want(store, draft, "tam")


@pytest.mark.parametrize(
    ("notice", "why"),
    [
        (a_notice(), "picture_missing"),
        (illustrated(audience=Audience(uploaded=NOBODY.digest)), "audience_narrow"),
        (illustrated(audience=Audience(dossier_states=(4,))), "audience_narrow"),
        (illustrated(audience=Audience(topics=("x",), channels=("web",))), "audience_narrow"),
    ],
)
def test_what_is_not_for_everybody_or_has_no_picture_is_refused(store, notice, why):
    store.lists.keep(NOBODY, 1, NOW)
    draft = approve(store, submitted(store, notice))
    with pytest.raises(NoticeRefused, match=why):
        want(store, draft, "tam")


def test_it_waits_until_the_notice_goes_out(store):
    draft = approve(store, submitted(store, illustrated()))
    want(store, draft, "tam")
    platform = Platform()

    run(store, platform)

    assert platform.calls == []
    assert store.articles.find(draft.id).state is ArticleState.WANTED


def test_a_text_that_was_changed_is_not_published(store):
    draft = approve(store, submitted(store, illustrated()))
    want(store, draft, "tam")
    lan = hand(store, "lan")
    changed = replace(draft.notice, body="Khác.")
    store.drafts.edit(draft.id, lan, changed, again(store, draft).version, NOW)
    platform = Platform()

    run(store, platform)

    kept = store.articles.find(draft.id)
    assert (kept.state, kept.code, platform.calls) == (ArticleState.REFUSED, "changed", [])


def test_what_was_withdrawn_between_two_steps_is_not_broadcast(store, draft):
    want(store, draft)
    platform = Platform(errors={"broadcast": SendLater("x", "-200")})
    run(store, platform, steps=2)
    assert platform.calls == ["create", "verify"]
    store.broadcasts.cancel(draft.id, hand(store, "lan"), "Sai.", later(minutes=3))

    run(store, platform, later(minutes=10))

    assert "broadcast" not in platform.calls
    assert store.articles.find(draft.id).code == "withdrawn"


def test_by_night_it_waits_for_the_morning(store, draft):
    want(store, draft, now=NIGHT)
    platform = Platform()

    run(store, platform, NIGHT)

    assert platform.calls == ["create", "verify"]
    assert store.articles.find(draft.id).due_at == NIGHT + timedelta(hours=8)
    run(store, platform, NIGHT + timedelta(hours=8))
    assert platform.calls == ["create", "verify", "broadcast"]


def test_a_clear_no_is_tried_again_or_ends_it(store, draft):
    want(store, draft)
    until = later(minutes=30)
    errors = {"broadcast": SendWait("quota", "-211", until, NOW), "create": SendLater("x", "-200")}
    platform = Platform(errors=errors)
    run(store, platform)
    kept = store.articles.find(draft.id)
    assert (kept.state, kept.code, kept.due_at) == (ArticleState.READY, "-211", until)

    platform.errors = {"broadcast": SendRefused("bad", "-248")}
    run(store, platform, until)
    kept = store.articles.find(draft.id)
    assert (kept.state, kept.code) == (ArticleState.REFUSED, "-248")
    want(store, draft, "tam", later(hours=2))  # after a refusal somebody may try once more
    assert store.articles.find(draft.id).state is ArticleState.WANTED


def test_an_article_that_gets_nowhere_is_given_up(store, draft):
    want(store, draft)
    platform = Platform(errors={"verify": SendLater("processing", "-214")})
    run(store, platform, steps=2)

    run(store, platform, NOW + GIVE_UP + timedelta(hours=1), steps=1)

    assert store.articles.find(draft.id).code == "given_up"


def test_what_never_left_this_house_is_tried_again(store, draft):
    want(store, draft)
    errors = {name: StoreUnavailable("no token") for name in ("create", "broadcast")}
    platform = Platform(errors=errors)

    run(store, platform)

    assert store.articles.find(draft.id).state is ArticleState.BROADCAST
    assert platform.calls == ["create", "verify", "broadcast"]


def test_a_store_away_after_the_broadcast_leaves_a_doubt(store, draft, monkeypatch):
    want(store, draft)
    platform = Platform()
    with monkeypatch.context() as away:
        away.setattr(store.articles, "broadcast", unavailable)
        with pytest.raises(StoreUnavailable):
            run(store, platform)
    run(store, platform, later(minutes=30))

    assert store.articles.find(draft.id).state is ArticleState.UNSURE
    assert platform.calls == ["create", "verify", "broadcast"]


def unavailable(*_):
    raise StoreUnavailable("away")
