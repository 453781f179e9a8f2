"""What the desk says about official announcements, and following their topics."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import tzinfo

from bot.core.announcements.announcement import Announcements, Subscriptions, Topic, Topics
from bot.core.desk import Answer, Ask, Wording, page_start
from bot.core.offices.directory import Area, Directory

_PAGE = 3


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
    ) -> None:
        self._announcements = announcements
        self._topics = topics
        self._subscriptions = subscriptions
        self._directory = directory
        self._wording = wording
        self._zone = zone

    def latest(self, ask: Ask) -> Answer:
        """Answer ``ask_announcements``: newest first, by topic and place, paged."""
        topic = self._topic(ask)
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
        )
        changes = {"more": more, "topic": topic.slug if topic else None}
        return Answer(replies, changes)

    def subscribe(self, ask: Ask) -> Answer:
        """Answer ``subscribe_topic``: at once when a topic is named, else offer the topics."""
        topic = self._topic(ask) or self._topic_in_talk(ask)
        followed = self._subscriptions.topics_of(ask.citizen_id)
        if topic is None:
            others = [item for item in self._topics.all() if item.slug not in followed]
            return self._offer("announcements/which_topic", "subscribe_topic", others)
        name = "announcements/already" if topic.slug in followed else "announcements/subscribed"
        replies = self._wording.replies(name, topic=topic)
        effect = {"effect": "subscribe", "topic": topic.slug, "area": None}
        return Answer(replies, {"topic": topic.slug}, (effect,))

    def unsubscribe(self, ask: Ask) -> Answer:
        """Answer ``unsubscribe_topic``: the topic named, or everything when none is."""
        followed = self._subscriptions.topics_of(ask.citizen_id)
        topic = self._topic(ask)
        if topic is None:
            names = [item.name for item in self._topics.all() if item.slug in followed]
            replies = self._wording.replies("announcements/stopped", names=names)
            return Answer(replies, effects=({"effect": "stop"},))
        name = (
            "announcements/unsubscribed"
            if topic.slug in followed
            else "announcements/not_followed"
        )
        replies = self._wording.replies(name, topic=topic)
        return Answer(replies, effects=({"effect": "unsubscribe", "topic": topic.slug},))

    def stop(self, ask: Ask) -> Answer:
        """Answer a bare STOP: every push ends at once."""
        followed = self._subscriptions.topics_of(ask.citizen_id)
        names = [item.name for item in self._topics.all() if item.slug in followed]
        replies = self._wording.replies("announcements/stopped", names=names)
        return Answer(replies, effects=({"effect": "stop"},))

    def mine(self, ask: Ask) -> Answer:
        """Answer ``my_subscriptions`` with what is followed and how to end it."""
        followed = self._subscriptions.topics_of(ask.citizen_id)
        topics = [item for item in self._topics.all() if item.slug in followed]
        return self._offer("announcements/mine", "unsubscribe_topic", topics)

    def _offer(self, template: str, intent: str, topics: Sequence[Topic]) -> Answer:
        payloads = [f"/{intent}{json.dumps({'topic': item.slug})}" for item in topics]
        replies = self._wording.replies(template, topics=topics)
        return Answer(replies, {"choices": json.dumps(payloads) if payloads else None})

    def _topic(self, ask: Ask) -> Topic | None:
        named = (self._topics.find(value) for value in ask.every("topic"))
        return next((topic for topic in named if topic), None)

    def _topic_in_talk(self, ask: Ask) -> Topic | None:
        """Return the topic the talk is about, unless the citizen named another one."""
        if ask.every("topic") or "topic" not in ask.context:
            return None
        return self._topics.find(ask.context["topic"])

    def _areas(self, ask: Ask) -> Sequence[Area]:
        """Return today's areas for the places named; the province itself narrows nothing."""
        areas: dict[str, Area] = {}
        for value in ask.every("area"):
            for area in self._directory.find_areas(value)[:1]:
                for successor in self._directory.successors(area):
                    areas[successor.slug] = successor
        return [area for area in areas.values() if area.kind not in ("province", "old_province")]
