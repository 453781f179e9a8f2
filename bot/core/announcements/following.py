"""What the desk says about following topics: where, how often, since when, and how to end it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any

from bot.core.announcements.announcement import Subscriptions, Topic, Topics
from bot.core.announcements.consent import Subscription
from bot.core.announcements.pace import Pace, Paces
from bot.core.conversation.payloads import write_payload
from bot.core.desk import Answer, Ask, Wording
from bot.core.offices.directory import Area, Directory
from bot.core.vietnamese import fold_tokens

EVERYWHERE = "*"  # as a place in a payload: the wish for the whole province, and only that
ALL = "*"  # as a topic: everything followed
ASK = "?"  # as a pace: which one?


@dataclass(frozen=True)
class Line:
    """One wish as the citizen reads it; ``place`` None is the whole province."""

    topic: Topic
    place: str | None
    pace: str
    since: date
    entities: Mapping[str, str]  # which wish it is, for a payload


class FollowingAnswers:
    """Changes and lists wishes. ``consent`` is the version of the text shown on subscribing."""

    def __init__(
        self,
        topics: Topics,
        subscriptions: Subscriptions,
        directory: Directory,
        wording: Wording,
        zone: tzinfo,
        paces: Paces,
        consent: str,
    ) -> None:
        self._topics = topics
        self._subscriptions = subscriptions
        self._directory = directory
        self._wording = wording
        self._zone = zone
        self._paces = paces
        self._consent = consent

    def pace(self, ask: Ask) -> Pace | None:
        """Return the pace a button or the words name, or None."""
        pressed = ask.first("pace")
        if pressed in tuple(pace.value for pace in Pace):
            return Pace(pressed)
        return self._paces.read(ask.text) if ask.text else None

    def subscribed(
        self, ask: Ask, topic: Topic, areas: Sequence[Area], pace: Pace | None
    ) -> Answer:
        """Follow ``topic``, in ``areas`` if there are any; the text agreed to is shown."""
        wishes = [each for each in self._subscriptions.of(ask.citizen_id) if _is(each, topic)]
        slugs: list[str | None] = [area.slug for area in areas] or [None]
        known = {each.area for each in wishes}.issuperset(slugs)
        if pace and wishes and (known or not _placed(ask)):
            return self._repaced(topic, areas, pace, only=EVERYWHERE in ask.every("area"))
        name = "announcements/already" if known else "announcements/subscribed"
        replies = self._wording.replies(
            name,
            topic=topic,
            areas=areas,
            pace=(pace or Pace.AT_ONCE).value,
            named=_named(topic, areas),
        )
        wish = {"effect": "subscribe", "topic": topic.slug, "consent": self._consent}
        more = {"pace": pace.value} if pace else {}
        effects = tuple({**wish, "area": slug, **more} for slug in slugs)
        return Answer(replies, {"topic": topic.slug}, effects)

    def paced(self, ask: Ask, pace: Pace, in_talk: Topic | None) -> Answer | None:
        """Change how often news comes, where no topic is named; None if nothing is followed.

        What is followed in one topic only, or in the topic in talk, is meant; else it asks.
        """
        wishes = self._subscriptions.of(ask.citizen_id)
        slugs = list(dict.fromkeys(each.topic for each in wishes))
        if not slugs:
            return None
        if ALL in ask.every("topic"):
            return self._repaced(None, (), pace)
        if in_talk and in_talk.slug in slugs:
            return self._repaced(in_talk, (), pace)
        topics = [item for item in self._topics.all() if item.slug in slugs]
        if len(topics) == 1:
            return self._repaced(topics[0], (), pace)
        payloads = [_press("subscribe_topic", topic=t.slug, pace=pace.value) for t in topics]
        payloads.append(_press("subscribe_topic", topic=ALL, pace=pace.value))
        data = {"topics": topics, "pace": pace.value, "all": payloads[-1]}
        replies = self._wording.replies("announcements/pace_of_which", **data)
        return Answer(replies, {"choices": json.dumps(payloads)})

    def gathered(self, ask: Ask, in_talk: Topic | None) -> Answer | None:
        """Answer words that seem to end or to list news, but ask to have them gathered."""
        pace = self._paces.read_surely(ask.text) if ask.text else None
        return self.paced(ask, pace, in_talk) if pace else None

    def _repaced(
        self, topic: Topic | None, areas: Sequence[Area], pace: Pace, only: bool = False
    ) -> Answer:
        """Change the pace in ``areas``, else of all; ``only`` of the wish for the province."""
        effect = {"effect": "set_pace", "topic": topic.slug if topic else None}
        slugs: list[str | None] = [area.slug for area in areas] or ["" if only else None]
        replies = self._wording.replies(
            "announcements/paced", topic=topic, areas=areas, pace=pace.value, only=only
        )
        effects = tuple({**effect, "area": slug, "pace": pace.value} for slug in slugs)
        return Answer(replies, {"topic": topic.slug} if topic else {}, effects)

    def mine(self, ask: Ask) -> Answer:
        """List what is followed; a button may ask for one of it, or for how often it comes."""
        lines = self._lines(self._subscriptions.of(ask.citizen_id))
        pressed = {each.name: each.value for each in ask.entities} if not ask.text else {}
        wanted = [each for each in lines if dict(each.entities) == pressed]
        if not wanted and "pace" in pressed and len(lines) == 1:
            wanted = lines
        if wanted:
            replies = self._wording.replies("announcements/one", line=wanted[0])
            return Answer(replies, {"topic": wanted[0].topic.slug})
        which = "pace" in pressed and bool(lines)
        intent = "my_subscriptions" if which else "unsubscribe_topic"
        name = "announcements/pace" if which else "announcements/mine"
        payloads = [_press(intent, **line.entities) for line in lines]
        replies = self._wording.replies(name, lines=lines)
        return Answer(replies, {"choices": json.dumps(payloads) if payloads else None})

    def unsubscribed(self, ask: Ask, topic: Topic | None, areas: Sequence[Area]) -> Answer:
        """End the wishes for a topic, a place, or a topic in a place."""
        wishes = self._subscriptions.of(ask.citizen_id)
        slugs: list[str | None] = [area.slug for area in areas]
        if EVERYWHERE in ask.every("area"):
            slugs.append(None)
        ended = [
            each
            for each in wishes
            if (topic is None or _is(each, topic)) and (not slugs or each.area in slugs)
        ]
        if not ended:
            left = self._lines(each for each in wishes if topic is None or _is(each, topic))
            replies = self._wording.replies(
                "announcements/not_followed", topic=topic, areas=areas, left=left
            )
            return Answer(replies)
        ends = [{"topic": topic.slug}] if topic and not slugs else list(map(_row, ended))
        left = self._lines(each for each in wishes if each not in ended)
        same = [each for each in left if each.topic.slug in {end.topic for end in ended}]
        replies = self._wording.replies(
            "announcements/unsubscribed",
            topic=topic,
            ended=self._lines(ended),
            left=same,
            places=bool(slugs),
        )
        return Answer(replies, effects=tuple({"effect": "unsubscribe", **each} for each in ends))

    def _lines(self, wishes: Iterable[Subscription]) -> list[Line]:
        """Return wishes by topic, in the order in which topics are shown."""
        wishes = list(wishes)
        return [
            Line(
                topic,
                self._place(each.area),
                each.pace.value,
                each.since.astimezone(self._zone).date(),
                _entities(each, sum(_is(other, topic) for other in wishes)),
            )
            for topic in self._topics.all()
            for each in wishes
            if _is(each, topic)
        ]

    def _place(self, slug: str | None) -> str | None:
        found = self._directory.find_areas(slug) if slug else ()
        return found[0].name if found else slug


def _is(wish: Subscription, topic: Topic) -> bool:
    return wish.topic == topic.slug


def _entities(wish: Subscription, count: int) -> dict[str, str]:
    """Return what names a wish: its place, too, or a press would widen it to the province."""
    place = wish.area or (EVERYWHERE if count > 1 else None)
    return {"topic": wish.topic, **({"area": place} if place else {})}


def _placed(ask: Ask) -> bool:
    """Whether a wish says where; "the whole province" is a place, too."""
    return bool(ask.every("area")) or "tinh" in fold_tokens(ask.text)


def _row(wish: Subscription) -> dict[str, str]:
    return {"topic": wish.topic, "area": wish.area or ""}


def _named(topic: Topic, areas: Sequence[Area]) -> dict[str, str]:
    """Return what names the wishes just made: of several places all of the topic."""
    return {"topic": topic.slug, **({"area": areas[0].slug} if len(areas) == 1 else {})}


def _press(intent: str, **entities: Any) -> str:
    return write_payload(intent, **entities)
