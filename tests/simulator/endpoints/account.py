"""Uploads, people, tags, chats, quotas, articles and the account itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.simulator.clock import DAY, VIETNAM
from tests.simulator.endpoints.endpoint import Endpoint, Refused, Work
from tests.simulator.person import Person
from tests.simulator.reading import obj, whole, words
from tests.simulator.rules.access import ACCESS_RULES
from tests.simulator.rules.articles import ARTICLE_RULES, VERIFY_RULE
from tests.simulator.rules.calls import (
    CHATS_RULES,
    DATA_RULE,
    JSON_RULE,
    LIST_RULES,
    PERIOD,
    QUOTA_RULES,
    TAG_RULE,
    UPLOAD_RULES,
    USER_RULES,
    ending_of,
)
from tests.simulator.templates_zbs import MONTH, PROMOTIONS_PER_DAY, PROMOTIONS_PER_MONTH
from tests.simulator.windows import package_row

READ, WRITE = (*ACCESS_RULES, DATA_RULE), (*ACCESS_RULES, JSON_RULE)
TYPES = {"text": "text", "image": "photo", "sticker": "sticker", "location": "location"}


def _upload(work: Work) -> dict[str, Any]:
    upload, kind = work.call.upload, work.call.last_segment
    if upload is None or not ending_of(upload.name):
        return {}  # seen on the real platform: no ending, no error, no id
    kept = work.simulator.world.uploads.keep(kind, upload.name, upload.content)
    return {"token" if kind == "file" else "attachment_id": kept.upload_id}


def _asked(work: Work) -> Person:
    return work.simulator.world.person(str(obj(work.call.body).get("user_id", "")))


def _detail(work: Work) -> dict[str, Any]:
    return _asked(work).as_detail()


def _list(work: Work) -> dict[str, Any]:
    world, asked = work.simulator.world, obj(work.call.body)
    offset, count = whole(asked.get("offset"), 0), whole(asked.get("count"), 50)
    period = _period(words(asked.get("last_interaction_period")), world.clock.now())
    found = [
        {"user_id": person.user_id}
        for person in world.people()
        if world.knows(person.user_id) and _fits(person, asked, period)
    ]
    users = found[offset : offset + count]
    return {"total": len(found), "count": len(users), "offset": offset, "users": users}


def _fits(person: Person, asked: dict[str, Any], period: tuple[float, float] | None) -> bool:
    follows = str(asked.get("is_follower", person.follows)).lower() == str(person.follows).lower()
    tagged = not asked.get("tag_name") or asked["tag_name"] in person.tags
    at = person.interacted_at or 0.0
    return follows and tagged and (period is None or period[0] <= at < period[1])


def _period(name: str, now: float) -> tuple[float, float] | None:
    """Return the moments a period's name stands for."""
    today = datetime.fromtimestamp(now, VIETNAM).replace(hour=0, minute=0, second=0).timestamp()
    named = {
        "TODAY": (today, now + DAY),
        "YESTERDAY": (today - DAY, today),
        "L7D": (now - 7 * DAY, now + DAY),
        "L30D": (now - 30 * DAY, now + DAY),
    }
    if name in named or not PERIOD.fullmatch(name):
        return named.get(name)
    first, last = (
        datetime.strptime(day, "%Y_%m_%d").replace(tzinfo=VIETNAM) for day in name.split(":")
    )
    return first.timestamp(), (last + timedelta(days=1)).timestamp()


def _update(work: Work) -> None:
    person, given = _asked(work), obj(work.call.body)
    person.alias = words(given.get("user_alias")) or person.alias
    person.external_id = words(given.get("user_external_id")) or person.external_id
    person.shared.update({k: str(v) for k, v in obj(given, "shared_info").items()})


def _forget(work: Work) -> None:
    person = _asked(work)
    person.shared.clear()
    person.alias = person.external_id = ""


def _tag(work: Work) -> None:
    name, person = words(obj(work.call.body).get("tag_name")), _asked(work)
    if name not in person.tags:
        person.tags.append(name)


def _untag(work: Work) -> None:
    person = _asked(work)
    person.tags = [tag for tag in person.tags if tag != obj(work.call.body).get("tag_name")]


def _remove_tag(work: Work) -> None:
    name = obj(work.call.body).get("tag_name")
    for person in work.simulator.world.people():
        person.tags = [tag for tag in person.tags if tag != name]


def _tags(work: Work) -> list[str]:
    return sorted({tag for person in work.simulator.world.people() for tag in person.tags})


def _conversation(work: Work) -> list[dict[str, Any]]:
    asked, person = obj(work.call.body), _asked(work)
    lines = [line for line in work.simulator.world.talk(person.user_id) if line["from"] != "event"]
    offset, count = whole(asked.get("offset"), 0), whole(asked.get("count"), 10)
    return [_chat_line(work, person, line) for line in lines[::-1][offset : offset + count]]


def _chat_line(work: Work, person: Person, line: dict[str, Any]) -> dict[str, Any]:
    account, from_user = work.simulator.account.oa_id, line["from"] == "citizen"
    ends = (person.user_id, account) if from_user else (account, person.user_id)
    return {
        "src": int(from_user),
        "time": int(line["at"] * 1000),
        "type": TYPES.get(line.get("kind", "text"), "text"),
        "message": line["text"],
        "message_id": line.get("id", ""),
        "from_id": ends[0],
        "to_id": ends[1],
        "from_display_name": person.name if from_user else work.simulator.world.standing.name,
    }


def _recent(work: Work) -> list[dict[str, Any]]:
    asked, world = obj(work.call.body), work.simulator.world
    newest = [
        (talk[-1]["at"], person, talk[-1])
        for person in world.people()
        if (talk := [x for x in world.talk(person.user_id) if x["from"] != "event"])
    ]
    newest.sort(key=lambda item: -item[0])
    offset, count = whole(asked.get("offset"), 0), whole(asked.get("count"), 10)
    return [_chat_line(work, person, line) for _, person, line in newest[offset:][:count]]


def _quota(work: Work) -> Any:
    world, asked = work.simulator.world, obj(work.call.body)
    now = world.clock.now()
    if "user_id" not in asked:
        product = words(asked.get("product_type")) or "cs"
        return [package_row(world.purse, now, product)]
    person = _asked(work)
    today = sum(moment > now - DAY for moment in person.promotions)
    month = sum(moment > now - MONTH for moment in person.promotions)
    return {
        "last_interaction": str(int((person.interacted_at or 0) * 1000)),
        "promotion": {
            "daily_remain": max(0, PROMOTIONS_PER_DAY - today),
            "daily_total": PROMOTIONS_PER_DAY,
            "monthly_remain": max(0, PROMOTIONS_PER_MONTH - month),
            "monthly_total": PROMOTIONS_PER_MONTH,
        },
    }


def _article(work: Work) -> dict[str, Any]:
    return {"token": work.simulator.world.articles.write(obj(work.call.body))}


def _verify(work: Work) -> dict[str, Any]:
    token = words(obj(work.call.body).get("token"))
    articles = work.simulator.world.articles
    article_id = articles.id_of(token) if token in articles.written else "unknown"
    if article_id is None:
        raise Refused(-214, "article is being processed")
    return {"id": article_id}


def _account(work: Work) -> dict[str, Any]:
    world = work.simulator.world
    return world.standing.as_json(world.account, world.followers(), world.purse.cloud_account)


def _post(path: str, place: str, act: Any, *rules: Any) -> Endpoint:
    return Endpoint("POST", path, place, act, (*WRITE, *rules))


UPLOADS = tuple(
    Endpoint("POST", f"/v2.0/oa/upload/{kind}", "upload", _upload, (*ACCESS_RULES, *UPLOAD_RULES))
    for kind in ("image", "gif", "file")
)
PEOPLE = (
    Endpoint("GET", "/v3.0/oa/user/detail", "user", _detail, (*READ, *USER_RULES)),
    Endpoint("GET", "/v3.0/oa/user/getlist", "list", _list, (*ACCESS_RULES, *LIST_RULES)),
    _post("/v3.0/oa/user/update", "user", _update, *USER_RULES),
    _post("/v2.0/oa/deletefollowerinfo", "user", _forget, *USER_RULES),
    _post("/v2.0/oa/tag/tagfollower", "user", _tag, *USER_RULES, TAG_RULE),
    _post("/v2.0/oa/tag/rmfollowerfromtag", "user", _untag, *USER_RULES, TAG_RULE),
    _post("/v2.0/oa/tag/rmtag", "user", _remove_tag, TAG_RULE),
    Endpoint("GET", "/v2.0/oa/tag/gettagsofoa", "user", _tags, ACCESS_RULES),
    Endpoint("GET", "/v2.0/oa/conversation", "list", _conversation,
             (*ACCESS_RULES, *CHATS_RULES, *USER_RULES)),
    Endpoint("GET", "/v2.0/oa/listrecentchat", "list", _recent, (*ACCESS_RULES, *CHATS_RULES)),
)  # fmt: skip
REST = (
    Endpoint("POST", "/v3.0/oa/quota/message", "quota", _quota, (*ACCESS_RULES, *QUOTA_RULES)),
    _post("/v2.0/article/create", "article", _article, *ARTICLE_RULES),
    _post("/v2.0/article/verify", "article", _verify, VERIFY_RULE),
    Endpoint("GET", "/v2.0/oa/getoa", "account", _account, ACCESS_RULES),
)
ACCOUNT = (*UPLOADS, *PEOPLE, *REST)
