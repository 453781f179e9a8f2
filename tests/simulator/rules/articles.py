"""Articles and their broadcast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.simulator.reading import is_address, is_text, items, obj, words
from tests.simulator.rules.message import INVALID
from tests.simulator.rules.rule import Rule

if TYPE_CHECKING:
    from tests.simulator.call import Call

MAX_TITLE, MAX_AUTHOR, MAX_DESCRIPTION, MOST_ARTICLES = 150, 50, 300, 5
STATES = ("show", "hide")
TARGETS = {
    "ages": range(8), "gender": range(3), "locations": range(3), "cities": range(64),
    "platform": range(1, 4),
}  # fmt: skip


def _text_rule(name: str, most: int) -> Rule:
    def broken(call: Call) -> bool:
        return not is_text(obj(call.body).get(name), most)

    return Rule(f"article-{name}", INVALID, f"{name} is invalid!", broken)


def _cover(call: Call) -> bool:
    cover = obj(call.body, "cover")
    known = cover.get("cover_type") in ("photo", "video")
    has_photo = cover.get("cover_type") != "photo" or is_address(cover.get("photo_url"))
    return not known or not has_photo or cover.get("status", "hide") not in STATES


def _part_is_wrong(part: Any) -> bool:
    kind = obj(part).get("type")
    if kind == "text":
        return not words(part.get("content"))
    if kind == "image":
        return not is_address(part.get("url"))
    return kind != "video"


def _body(call: Call) -> bool:
    parts = items(obj(call.body).get("body"))
    return not parts or any(_part_is_wrong(part) for part in parts)


def _states(call: Call) -> bool:
    body = obj(call.body)
    return body.get("status", "hide") not in STATES or body.get("comment", "hide") not in STATES


ARTICLE_RULES = (
    Rule("article-type", INVALID, "type is invalid!",
         lambda call: obj(call.body).get("type") != "normal"),
    _text_rule("title", MAX_TITLE),
    _text_rule("author", MAX_AUTHOR),
    _text_rule("description", MAX_DESCRIPTION),
    Rule("article-cover", INVALID, "cover is invalid!", _cover),
    Rule("article-body", INVALID, "body is invalid!", _body),
    Rule("article-states", INVALID, "status is invalid!", _states),
)  # fmt: skip
VERIFY_RULE = Rule(
    "article-token", INVALID, "token is invalid!",
    lambda call: words(obj(call.body).get("token")) not in call.world.articles.written,
)  # fmt: skip


def values_of(value: Any) -> list[int] | None:
    """Return target values, written as numbers, lists or ``"3,4"``; None if they make no sense."""
    listed = value if isinstance(value, list) else str(value).split(",")
    try:
        return [int(item) for item in listed]
    except (TypeError, ValueError):
        return None


def _target(call: Call) -> bool:
    for name, value in obj(call.recipient, "target").items():
        found = values_of(value)
        if name not in TARGETS or found is None or not set(found) <= set(TARGETS[name]):
            return True
    return "target" not in call.recipient


def _elements(call: Call) -> bool:
    count = len(items(call.payload.get("elements")))
    wrong = any(item.get("media_type") != "article" for item in call.elements)
    is_media = call.is_template and call.payload.get("template_type") == "media"
    return not is_media or not 1 <= count <= MOST_ARTICLES or wrong


def _unknown_article(call: Call) -> bool:
    known = call.world.articles.ids()
    return any(words(item.get("attachment_id")) not in known for item in call.elements)


BROADCAST_RULES = (
    Rule("broadcast-target", INVALID, "target is invalid!", _target),
    Rule("broadcast-elements", INVALID, "elements is invalid!", _elements),
    Rule("broadcast-article", INVALID, "attachment_id is invalid!", _unknown_article),
    Rule("broadcast-night", -234, "not at night (22:00-06:00)",
         lambda call: call.world.clock.is_night()),
    Rule("broadcast-month", -211, "Out of quota",
         lambda call: call.world.articles.month.left(call.world.clock.now()) <= 0),
)  # fmt: skip
