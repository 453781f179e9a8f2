"""A notice's article on the simulated platform, which shares no code with the client."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels.zalo.articles import ZaloArticles
from bot.channels.zalo.channel import ZaloChannel
from bot.core.notices.articles import ArticleState, article_of
from bot.core.work.article_lane import ArticleLane
from bot.settings import Settings
from bot.wiring.notices import build_article_lane
from bot.wording import TemplateWording
from tests.contract.channel_desk import CITIZEN, Clock, a_channel, a_store, some_tokens
from tests.contract.notice_builders import a_notice, hand, sending
from tests.contract.store_builders import follow
from tests.simulator import Simulator

PUBLIC = "https://tinh.example"


@pytest.fixture
def zalo():
    with Simulator() as simulator:
        simulator.citizen_is_known(CITIZEN)
        simulator.rules.off.add("broadcast-night")  # its clock is the machine's
        yield simulator


def broadcasts(zalo):
    return [line for line in zalo.world.recording.lines() if line.get("what") == "broadcast"]


def test_an_approved_notice_becomes_an_article_and_is_broadcast_once(zalo, tmp_path):
    store, clock = a_store(tmp_path), Clock()
    follow(store, CITIZEN, sent_at=clock(), now=clock())
    draft = sending(store, a_notice(picture_digest="a" * 64, hotline="114"), clock())
    store.articles.want(draft.id, hand(store, "minh"), draft.fingerprint, clock())
    with some_tokens(zalo, store, clock) as tokens, a_channel(zalo, tokens, clock) as channel:
        assert isinstance(channel, ZaloChannel)
        lane = build_article_lane(
            Settings(public_url=PUBLIC), store, TemplateWording(), {"zalo": channel}
        )
        assert lane
        lane.step(clock)
        clock.forward(minutes=1)
        lane.step(clock)  # the platform still works on it
        assert store.articles.find(draft.id).state is ArticleState.CREATED
        zalo.advance(60)
        for _ in range(5):
            clock.forward(minutes=2)
            lane.step(clock)

    assert store.articles.find(draft.id).state is ArticleState.BROADCAST
    (article,) = (written for _, _, written in zalo.world.articles.written.values())
    assert article["cover"]["photo_url"] == f"{PUBLIC}/n/{draft.code}/anh"
    words = "\n".join(part["content"] for part in article["body"])
    for known in ("Bà con kê cao đồ đạc.", "Nguồn: Đài Khí tượng, số 12/TB", "114", draft.code):
        assert known in words
    assert "DỪNG" not in words  # nobody subscribed to an article
    assert len(zalo.world.articles.written) == 1
    assert len(broadcasts(zalo)) == 1
    store.close()


def test_a_lost_answer_to_the_broadcast_is_never_followed_by_another(zalo, tmp_path):
    store, clock = a_store(tmp_path), Clock()
    follow(store, CITIZEN, sent_at=clock(), now=clock())
    draft = sending(store, a_notice(picture_digest="a" * 64), clock())
    store.articles.want(draft.id, hand(store, "minh"), draft.fingerprint, clock())

    with some_tokens(zalo, store, clock) as tokens, a_channel(zalo, tokens, clock) as channel:
        publisher = LostAnswer(channel.api)
        lane = ArticleLane(
            store.articles,
            publisher,
            lambda job: article_of(job.notice, job.notice.body, f"{PUBLIC}/a.jpg"),
        )
        for _ in range(6):
            lane.step(clock)
            zalo.advance(60)
            clock.forward(minutes=2)

    kept = store.articles.find(draft.id)
    assert (kept.state, kept.step.value) == (ArticleState.UNSURE, "broadcast")
    assert len(broadcasts(zalo)) == 1
    store.close()


class LostAnswer(ZaloArticles):
    """The call arrives, its answer does not."""

    def broadcast(self, article_id: str) -> str:
        from bot.core.errors import SendUnsure

        super().broadcast(article_id)
        raise SendUnsure("answer lost", "timeout")


def test_without_an_account_or_an_address_nothing_is_published(zalo, tmp_path):
    store, clock = a_store(tmp_path), Clock()
    settings = Settings(public_url=PUBLIC)
    assert build_article_lane(settings, store, TemplateWording(), {}) is None
    with some_tokens(zalo, store, clock) as tokens, a_channel(zalo, tokens, clock) as channel:
        for address in ("", "http://tinh.example"):
            known = replace(settings, public_url=address)
            assert build_article_lane(known, store, TemplateWording(), {"zalo": channel}) is None
    store.close()
