"""Joins what sends notices that were approved: their words and the worker's lane."""

from __future__ import annotations

from bot.core.desk import Wording
from bot.core.notices.words import NoticeWords
from bot.core.work.notice_lane import NoticeLane
from bot.registry.read import Registry
from bot.settings import Settings
from bot.store import Store


def build_notice_words(settings: Settings, store: Store, wording: Wording) -> NoticeWords:
    """Return what renders notices, for the preview and for sending."""

    def name_of(announcement_id: int) -> str:
        found = store.announcements.find(announcement_id)
        return (found.code or f"“{found.title}”") if found else ""

    return NoticeWords(wording, Registry(settings.registry_path).topics, name_of)


def build_notice_lane(settings: Settings, store: Store, wording: Wording) -> NoticeLane:
    """Return what begins, plans and ends notices."""
    words = build_notice_words(settings, store, wording)
    return NoticeLane(store.broadcasts, store.notices, words.reply)
