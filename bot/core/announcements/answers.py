"""What the desk says about official announcements, and following their topics."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import tzinfo

from bot.core.announcements.announcement import (
    Announcements,
    Subscriptions,
    Topic,
    Topics,
    corrections,
)
from bot.core.announcements.following import EVERYWHERE, FollowingAnswers
from bot.core.announcements.pace import Paces
from bot.core.announcements.pages import Pages
from bot.core.desk import Answer, Ask, Entity, Wording, page_start
from bot.core.errors import SourceUnavailable
from bot.core.offices.directory import Area, Directory
from bot.core.vietnamese import fold_tokens

_PAGE = 3
_SHORT = 5  # words that can hardly name a place and a topic
# Folded: what somebody says who wants messages to come; "còn dịch bệnh thì sao" only asks.
_WANTS = re.compile(
    r"\b(?:nhan|nt|bao|gui|nhac|theo doi|dang ?k[yi]|dk|dki|dky|bat|mo|them|cap nhat"
    r"|follow|sub\w*)\b"
)
_WORD = re.compile(r"\w+")
_ONLY_ASKS = re.compile(r"\b(?:thi sao|sao roi|the nao)$")


class AnnouncementAnswers:
    """Answers about news, and changes which topics a citizen follows."""

    def __init__(
        self,
        announcements: Announcements,
        topics: Topics,
        subscriptions: Subscriptions,
        directory: Directory,
        wording: Wording,
        zone: tzinfo,
        pages: Pages = Pages(),  # noqa: B008 - a value that never changes
        paces: Paces | None = None,
        consent: str = "",
        is_doubtful: Callable[[str], bool] = lambda text: False,
    ) -> None:
        self._announcements = announcements
        self._topics = topics
        self._subscriptions = subscriptions
        self._directory = directory
        self._wording = wording
        self._zone = zone
        self._pages = pages
        self._is_doubtful = is_doubtful
        self._following = FollowingAnswers(
            topics, subscriptions, directory, wording, zone, paces or Paces({}), consent
        )

    def latest(self, ask: Ask) -> Answer:
        """Answer ``ask_announcements``: newest first, by topic and place, paged."""
        topic = self._topic(ask) or self._topic_continued(ask)
        if topic and ask.text and _choosing(ask):
            return self.subscribe(ask)
        if unknown := self._unknown_place(ask):
            return self._other_place(unknown, topic)
        areas = self._areas(ask)
        offset = page_start(ask)
        slugs = [area.slug for area in areas]
        page, total = self._announcements.latest(
            ask.now, topic.slug if topic else None, slugs, offset, _PAGE
        )
        following = offset + len(page)
        more = None
        if following < total:
            entities = {"topic": topic.slug if topic else "", "area": slugs[0] if slugs else ""}
            kept = {name: value for name, value in entities.items() if value}
            more = f"/ask_announcements{json.dumps({**kept, 'offset': str(following)})}"
        replies = self._wording.replies(
            "announcements/latest" if page else "announcements/none",
            page=page,
            topic=topic,
            areas=areas,
            total=total,
            offset=offset,
            more=more,
            zone=self._zone,
            names={item.slug: item.name for item in self._topics.all()},
            now=ask.now,
            corrections=corrections(self._announcements, page),
            pages=self._pages,
        )
        changes = {"more": more, "topic": topic.slug if topic else None}
        return Answer(replies, changes)

    def subscribe(self, ask: Ask) -> Answer:
        """Answer ``subscribe_topic``: at once when a topic is named, else offer the topics.

        Nobody is subscribed by a mere question: it gets the news, with the button to follow.
        """
        followed = self._subscriptions.topics_of(ask.citizen_id)
        in_talk = self._topic_in_talk(ask)
        pace = self._following.pace(ask)
        new = in_talk if in_talk and in_talk.slug not in followed else None
        topic = self._topic(ask) or (None if pace and followed else new)
        if topic and ask.text and not pace and not _wanted(ask):
            return self.latest(replace(ask, entities=(*ask.entities, Entity("topic", topic.slug))))
        if topic is None and pace and (paced := self._following.paced(ask, pace, in_talk)):
            return paced
        if topic is None:
            others = [item for item in self._topics.all() if item.slug not in followed]
            return self._offer("announcements/which_topic", "subscribe_topic", others)
        if unknown := self._unknown_place(ask):
            return self._other_place(unknown, topic)
        return self._following.subscribed(ask, topic, self._areas(ask), pace)

    def unsubscribe(self, ask: Ask) -> Answer:
        """Answer ``unsubscribe_topic``: the topic or place named, everything when none is.

        A guess ends nothing where the words ask, "are you still sending?", or name a topic or a
        place nobody knows: it gets the list.
        """
        if gathered := self._following.gathered(ask, self._topic_in_talk(ask)):
            return gathered
        topic, areas = self._topic(ask) or self._followed_in(ask), self._areas(ask)
        if topic is None and not areas:
            unknown = ask.every("topic") or ask.every("area")  # some of the news, but which?
            listed = unknown or self._is_doubtful(ask.text)
            return self._following.mine(replace(ask, entities=())) if listed else self.stop(ask)
        return self._following.unsubscribed(ask, topic, areas)

    def stop(self, ask: Ask) -> Answer:
        """Answer a bare STOP: every push ends at once."""
        followed = self._subscriptions.topics_of(ask.citizen_id)
        try:
            names = [item.name for item in self._topics.all() if item.slug in followed]
        except SourceUnavailable:  # STOP must work even when the names are not at hand
            names = []
        replies = self._wording.replies("announcements/stopped", names=names)
        return Answer(replies, {"topic": None}, ({"effect": "stop"},))

    def mine(self, ask: Ask) -> Answer:
        """Answer ``my_subscriptions`` with what is followed, how often, and how to end it."""
        gathered = self._following.gathered(ask, self._topic_in_talk(ask))
        return gathered or self._following.mine(ask)

    def _offer(self, template: str, intent: str, topics: Sequence[Topic]) -> Answer:
        payloads = [f"/{intent}{json.dumps({'topic': item.slug})}" for item in topics]
        replies = self._wording.replies(template, topics=topics)
        return Answer(replies, {"choices": json.dumps(payloads) if payloads else None})

    def _topic(self, ask: Ask) -> Topic | None:
        named = (self._topics.find(value) for value in ask.every("topic"))
        return next((topic for topic in named if topic), None)

    def _followed_in(self, ask: Ask) -> Topic | None:
        """Return the one topic followed that the words name, marks and all, unseen by the model.

        "Đừng gửi tin điện nữa" must not end the warnings of storms.
        """
        said = f" {' '.join(_WORD.findall(ask.text.lower()))} "
        followed = self._subscriptions.topics_of(ask.citizen_id) if ask.text else ()
        try:
            known = [topic for topic in self._topics.all() if topic.slug in followed]
        except SourceUnavailable:  # STOP must work even when the names are not at hand
            return None
        named = [
            topic for topic in known if any(f" {name.lower()} " in said for name in _marked(topic))
        ]
        return named[0] if len(named) == 1 else None

    def _topic_continued(self, ask: Ask) -> Topic | None:
        """Return the topic in talk for "còn ở Cần Đước?": a place alone, right after news."""
        after_news = ask.context.get("again", "").startswith("/ask_announcements")
        if ask.every("area") and after_news and len(ask.text.split()) <= _SHORT and ask.text:
            return self._topic_in_talk(ask)
        return None

    def _topic_in_talk(self, ask: Ask) -> Topic | None:
        """Return the topic the talk is about, unless the citizen named another one."""
        if ask.every("topic") or "topic" not in ask.context:
            return None
        return self._topics.find(ask.context["topic"])

    def _unknown_place(self, ask: Ask) -> str | None:
        """Return the place named when it is none of the province's."""
        named = [value for value in ask.every("area") if value != EVERYWHERE]
        known = any(self._directory.find_areas(value) for value in named)
        return named[0] if named and not known else None

    def _other_place(self, place: str, topic: Topic | None) -> Answer:
        replies = self._wording.replies("announcements/other_place", place=place, topic=topic)
        return Answer(replies, {"topic": topic.slug if topic else None})

    def _areas(self, ask: Ask) -> Sequence[Area]:
        """Return today's areas for the places named; the province itself narrows nothing."""
        areas: dict[str, Area] = {}
        for value in ask.every("area"):
            for area in self._directory.find_areas(value)[:1]:
                for successor in self._directory.successors(area):
                    areas[successor.slug] = successor
        return [area for area in areas.values() if area.kind not in ("province", "old_province")]


def _marked(topic: Topic) -> list[str]:
    """Return the names of a topic that no other word looks like when written without marks."""
    names = (topic.name, *topic.aliases)
    return [name for name in names if not name.isascii()]


def _wanted(ask: Ask) -> bool:
    """Whether a text says that messages should come, or names a topic of the list just shown."""
    words = " ".join(fold_tokens(ask.text))
    asked_for = _WANTS.search(words) and not _ONLY_ASKS.search(words)
    return bool(asked_for) or _choosing(ask)


def _choosing(ask: Ask) -> bool:
    offered = "/subscribe_topic" in ask.context.get("choices", "")
    return offered and len(ask.text.split()) <= _SHORT
