"""Joins what sends notices that were approved: their words and the worker's lane."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from zoneinfo import ZoneInfo

from bot.channels.zalo import ZaloChannel
from bot.channels.zalo.articles import ZaloArticles
from bot.core.announcements.digest import DigestWords
from bot.core.announcements.pages import Pages
from bot.core.channel import Channel
from bot.core.desk import Wording
from bot.core.notices.articles import Article, Job, article_of
from bot.core.notices.words import NoticeWords
from bot.core.work.article_lane import ArticleLane
from bot.core.work.digest_lane import DigestLane
from bot.core.work.notice_lane import NoticeLane
from bot.registry.read import Registry
from bot.settings import Settings
from bot.store import Store


def build_pages(settings: Settings) -> Pages:
    """Return where citizens find notices; nowhere as long as there is no public address."""
    return Pages(settings.address if settings.public_url else "")


def build_notice_words(
    settings: Settings, store: Store, wording: Wording, plain: Collection[str] = ()
) -> NoticeWords:
    """Return what renders notices, for the preview and for sending.

    ``plain`` names the channels without buttons, whose messages are longer.
    """

    def name_of(announcement_id: int) -> str:
        found = store.announcements.find(announcement_id)
        return (found.code or f"“{found.title}”") if found else ""

    topics = Registry(settings.registry_path).topics
    return NoticeWords(wording, topics, name_of, build_pages(settings), plain)


def build_notice_lane(settings: Settings, store: Store, wording: Wording) -> NoticeLane:
    """Return what begins, plans and ends notices."""
    words = build_notice_words(settings, store, wording)
    return NoticeLane(store.broadcasts, store.notices, words.reply)


def build_digest_lane(settings: Settings, store: Store, wording: Wording) -> DigestLane:
    """Return what makes the daily and weekly digests."""
    zone = ZoneInfo(settings.timezone)
    words = DigestWords(wording, zone, build_pages(settings))
    return DigestLane(store.digests, words.reply, zone)


def build_article_lane(
    settings: Settings, store: Store, wording: Wording, channels: Mapping[str, Channel]
) -> ArticleLane | None:
    """Return what publishes articles on the first official account; None where that cannot be."""
    account = next((each for each in channels.values() if isinstance(each, ZaloChannel)), None)
    pages = build_pages(settings)
    if account is None or not pages.open:
        return None

    def compose(job: Job) -> Article:
        facts = {"notice": job.notice, "code": job.code, "page": pages.page(job.code)}
        (reply,) = wording.replies("notices/article", **facts)
        return article_of(job.notice, reply.text, pages.picture(job.code))

    return ArticleLane(store.articles, ZaloArticles(account.api), compose)
