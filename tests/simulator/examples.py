"""One broken request for each rule of the strictness list.

They prove the list: each must be refused by its rule, and let through (or refused by a later
rule) once that rule is switched off. ``python -m tests.simulator.examples`` prints the list.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.simulator.bench import PERSON, STRANGER, Bench
from tests.simulator.clock import DAY, HOUR
from tests.simulator.rules import FAMILIES

Ask = Callable[[Bench], Any]

URL = "https://a.vn/a.png"
LONG = "a" * 2001
BODY = {"type": "text", "content": "a"}


def template(**payload: Any) -> dict[str, Any]:
    """Return a message's attachment field."""
    return {"attachment": {"type": "template", "payload": payload}}


def media(**element: Any) -> dict[str, Any]:
    """Return a message with one media element."""
    return template(template_type="media", elements=[element])


def query(**changes: Any) -> dict[str, Any]:
    """Return a button."""
    return {"title": "a", "type": "oa.query.show", "payload": "#a", **changes}


def buttons(*given: Any) -> dict[str, Any]:
    """Return a message with buttons."""
    return {"text": "a", **template(buttons=list(given))}


def info(**changes: Any) -> dict[str, Any]:
    """Return a message that asks for somebody's data."""
    element = {"title": "a", "subtitle": "a", "image_url": URL, **changes}
    return template(template_type="request_user_info", elements=[element])


def rows(*elements: Any) -> dict[str, Any]:
    """Return a list message."""
    return template(template_type="list", elements=list(elements))


def row(**changes: Any) -> dict[str, Any]:
    """Return one element of a list."""
    return {"title": "a", "subtitle": "a", **changes}


def article(**changes: Any) -> dict[str, Any]:
    """Return an article."""
    cover = {"cover_type": "photo", "photo_url": URL, "status": "show"}
    right = {"type": "normal", "title": "a", "author": "a", "description": "a", "cover": cover}
    return {**right, "body": [BODY], "status": "show", "comment": "show", **changes}


def _after(act: Callable[[Bench], Any], ask: Ask) -> Ask:
    def ask_after(bench: Bench) -> Any:
        act(bench)
        return ask(bench)

    return ask_after


def _sets(part: Callable[[Bench], Any], **values: Any) -> Callable[[Bench], None]:
    def set_them(bench: Bench) -> None:
        for name, value in values.items():
            setattr(part(bench), name, value)

    return set_them


def _person(**values: Any) -> Callable[[Bench], None]:
    return _sets(lambda bench: bench.world.person(PERSON), **values)


def _silent_for(seconds: float) -> Callable[[Bench], Any]:
    return lambda bench: bench.zalo.citizen_wrote(PERSON, seconds)


def _text(bench: Bench) -> Any:
    return bench.send(text="a")


def _sends(**message: Any) -> Ask:
    return lambda bench: bench.send(**message)


def _posts(path: str, body: Any, **more: Any) -> Ask:
    return lambda bench: bench.post(path, json=body, **more)


CS, V2, USERS = "/v3.0/oa/message/cs", "/v2.0/oa/message", "/v3.0/oa/user/"

ACCESS: dict[str, Ask] = {
    "token-given": lambda b: b.send(text="a", token=""),
    "token-valid": lambda b: b.send(text="a", token="guessed"),
    "token-alive": _after(lambda b: b.zalo.tokens.expire(), _text),
    "account-in-order": _after(_sets(lambda b: b.world.standing, refusal=-204), _text),
    "app-secret-proof": _after(_sets(lambda b: b.world.standing, wants_proof=True), _text),
    "call-rate": _after(_sets(lambda b: b.world.rate, limit=0), _text),
    "phone-token-valid": lambda b: b.post("/message/template", json={}, token="guessed"),
}
MESSAGE: dict[str, Ask] = {
    "body-json": lambda b: b.post(CS, data="text=a", content_type="text/plain"),
    "body-fields": lambda b: b.post(CS, json={**b.message(text="a"), "extra": 1}),
    "recipient-fields": _posts(CS, {"recipient": {}, "message": {"text": "a"}}),
    "recipient-id": _posts(CS, {"recipient": {"user_id": 5}, "message": {"text": "a"}}),
    "message-fields": _sends(text="a", colour="red"),
    "message-not-empty": _sends(text=" "),
    "text-length": _sends(text=LONG),
    "attachment-type": _sends(text="a", attachment={"type": "film", "payload": {}}),
    "attachment-fields": _sends(text="a", attachment={"type": "template"}),
    "template-type": _sends(text="a", **template(template_type="button", buttons=[query()])),
    "buttons-need-text": _sends(**template(buttons=[query()])),
    "file-token": _sends(attachment={"type": "file", "payload": {"id": "a"}}),
    "media-elements": _sends(**template(template_type="media", elements=[])),
    "media-type": _sends(**media(media_type="film", url=URL)),
    "media-source": _sends(**media(media_type="image")),
    "media-url": _sends(**media(media_type="image", url="/a.png")),
    "media-gif-size": _sends(**media(media_type="gif", url=URL)),
    "media-sticker": _sends(**media(media_type="sticker", url=URL)),
    "info-elements": _sends(**template(template_type="request_user_info", elements=[])),
    "info-words": _sends(**info(title="a" * 101)),
    "info-image": _sends(**info(image_url="")),
    "list-elements": _sends(**rows(*[row()] * 6)),
    "list-words": _sends(**rows(row(title=""))),
    "list-cover": _sends(**rows(row(subtitle=""))),
    "list-action": _sends(**rows(row(default_action={"type": "oa.open.url", "url": ""}))),
    "button-count": _sends(**buttons(*[query()] * 6)),
    "button-fields": _sends(**buttons(query(colour="red"))),
    "button-title": _sends(**buttons(query(title="a" * 101))),
    "button-type": _sends(**buttons(query(type="oa.dance"))),
    "button-query": _sends(**buttons(query(payload="a" * 1001))),
    "button-url": _sends(**buttons(query(type="oa.open.url", payload="a"))),
    "button-phone": _sends(**buttons(query(type="oa.open.phone", payload={"phone_code": ""}))),
    "button-sms": _sends(**buttons(query(type="oa.open.sms", payload={"content": ""}))),
}
SENDING: dict[str, Ask] = {
    "quote-known": _sends(text="a", quote_message_id="unheard"),
    "upload-known": _sends(**media(media_type="image", attachment_id="unheard")),
    "upload-alive": lambda b: b.send(**media(media_type="image", attachment_id=b.old_upload())),
    "answered-message": lambda b: b.answer("unheard"),
    "person-in-order": _after(_person(refusal=-217), _text),
    "person-not-blocking": _after(_person(blocked=True), _text),
    "person-active": _after(_person(seen_at=0.0), _text),
    "window-begun": lambda b: b.send(STRANGER, text="a"),
    "window-open": _after(_silent_for(8 * DAY), _text),
    "answers-per-message": lambda b: b.answer_nine_times(),
    "cloud-account": _after(_silent_for(49 * HOUR), _text),
    "balance": _after(
        _silent_for(49 * HOUR),
        _after(_sets(lambda b: b.world.purse, cloud_account=True, balance=54), _text),
    ),
}
UPLOAD: dict[str, Ask] = {
    "upload-field": lambda b: b.upload(b"\xff\xd8\xff", "a.jpg", field="image"),
    "upload-name": lambda b: b.upload(b"\xff\xd8\xff", "a" * 200 + ".jpg"),
    "upload-type": lambda b: b.upload(b"GIF89a", "a.jpg"),
    "upload-size": lambda b: b.upload(b"\xff\xd8\xff" + bytes(1024 * 1024), "a.jpg"),
    "upload-month": _after(
        _sets(lambda b: b.world.uploads.month, limit=0),
        lambda b: b.upload(b"\xff\xd8\xff", "a.jpg"),
    ),
}
LIST = {"offset": 0, "count": 50}
PEOPLE: dict[str, Ask] = {
    "user-id": lambda b: b.get(USERS + "detail", {"user_id": "me"}),
    "user-known": lambda b: b.get(USERS + "detail", {"user_id": STRANGER}),
    "query-data": lambda b: b.get(USERS + "getlist", None),
    "list-count": lambda b: b.get(USERS + "getlist", {**LIST, "count": 51}),
    "list-offset": lambda b: b.get(USERS + "getlist", {**LIST, "offset": 9952}),
    "list-period": lambda b: b.get(USERS + "getlist", {**LIST, "last_interaction_period": "L1"}),
    "list-follower": lambda b: b.get(USERS + "getlist", {**LIST, "is_follower": 2}),
    "chats-count": lambda b: b.get("/v2.0/oa/listrecentchat", {"offset": 0, "count": 11}),
    "tag-name": _posts("/v2.0/oa/tag/rmtag", {"tag_name": ""}),
}
QUOTA: dict[str, Ask] = {
    "json-body": lambda b: b.post("/v3.0/oa/quota/message", data="{}", content_type="text/plain"),
    "quota-fields": _posts("/v3.0/oa/quota/message", {"quota_owner": "me"}),
}


def _reaction(message_id: str | None, icon: str = "/-heart") -> Ask:
    def ask(bench: Bench) -> Any:
        action = {"react_icon": icon, "react_message_id": message_id or bench.message_id()}
        body = {"recipient": {"user_id": PERSON}, "sender_action": action}
        return bench.post(V2, json=body)

    return ask


def _many_reactions(bench: Bench) -> Any:
    message_id = bench.message_id()
    bench.world.messages[message_id].reactions = 50
    return _reaction(message_id)(bench)


def _visitor(**recipient: Any) -> Ask:
    return _posts(V2, {"recipient": recipient, "message": {"text": "a"}})


def _visitor_with_buttons(bench: Bench) -> Any:
    conversation = bench.zalo.visitor_says("7", "a").event["message"]["conversation_id"]
    to = {"anonymous_id": "7", "conversation_id": conversation}
    return bench.post(V2, json={"recipient": to, "message": buttons(query())})


OLD: dict[str, Ask] = {
    "reaction-icon": _reaction(None, ":-|"),
    "reaction-message": _reaction("unheard"),
    "reaction-count": _many_reactions,
    "anonymous-fields": _visitor(anonymous_id="7"),
    "anonymous-known": _visitor(anonymous_id="7", conversation_id="c"),
    "anonymous-conversation": _after(
        lambda b: b.zalo.visitor_says("7", "a"), _visitor(anonymous_id="7", conversation_id="c")
    ),
    "anonymous-buttons": _visitor_with_buttons,
    "version-two-shut": lambda b: b.post(V2, json=b.message(text="a")),
}


def _writes(**changes: Any) -> Ask:
    return _posts("/v2.0/article/create", article(**changes))


def _broadcasts(target: Any = None, kind: str = "article", article_id: str = "") -> Ask:
    def ask(bench: Bench) -> Any:
        found = article_id or bench.article_id(article())
        element = {"media_type": kind, "attachment_id": found}
        message = template(template_type="media", elements=[element])
        return bench.post(V2, json={"recipient": {"target": target or {}}, "message": message})

    return ask


def _to_night(bench: Bench) -> None:
    bench.zalo.clock.set(bench.zalo.clock.now() + 13 * HOUR)


ARTICLES: dict[str, Ask] = {
    "article-type": _writes(type="video"),
    "article-title": _writes(title="a" * 151),
    "article-author": _writes(author="a" * 51),
    "article-description": _writes(description="a" * 301),
    "article-cover": _writes(cover={}),
    "article-body": _writes(body=[]),
    "article-states": _writes(status="shown"),
    "article-token": _posts("/v2.0/article/verify", {"token": "unheard"}),
    "broadcast-target": _broadcasts({"ages": "8"}),
    "broadcast-elements": _broadcasts(kind="image"),
    "broadcast-article": _broadcasts(article_id="unheard"),
    "broadcast-night": _after(_to_night, _broadcasts()),
    "broadcast-month": _after(_sets(lambda b: b.world.articles.month, limit=0), _broadcasts()),
}
DATA = {"name": "An", "code": "1"}
PHONE = "84900000001"
BY_USER = "/v3.0/oa/message/template"
BY_PHONE = "/message/template"


def _to_user(template_id: str = "100001", **changes: Any) -> Ask:
    body = {"user_id": PERSON, "template_id": template_id, "template_data": DATA, **changes}
    return _posts(BY_USER, body)


def _to_phone(**changes: Any) -> Ask:
    right = {"phone": PHONE, "template_id": "100001", "template_data": DATA, "tracking_id": "t"}
    return _posts(BY_PHONE, {**right, **changes})


def _promoted(*days_ago: float) -> Callable[[Bench], None]:
    def set_them(bench: Bench) -> None:
        bench.person.follows = True
        bench.person.promotions = [bench.zalo.clock.now() - days * DAY for days in days_ago]

    return set_them


TEMPLATES: dict[str, Ask] = {
    "template-user-fields": _to_user(tracking_id="t"),
    "template-user-id": _to_user(user_id="me"),
    "template-known": _to_user("1"),
    "template-approved": _to_user("100004"),
    "template-enabled": _to_user("100005"),
    "template-data": _to_user(template_data={"name": "An"}),
    "template-by-user": _to_user("100003", template_data={"otp": "123456"}),
    "promotion-follower": _to_user("100002"),
    "promotion-night": _after(_person(follows=True), _after(_to_night, _to_user("100002"))),
    "promotion-day": _after(_promoted(0.5), _to_user("100002")),
    "promotion-month": _after(_promoted(2, 3, 4, 5), _to_user("100002")),
    "phone-form": _to_phone(phone="0900000001"),
    "phone-tracking": _to_phone(tracking_id="t" * 49),
    "phone-mode": _to_phone(mode="test"),
    "phone-has-zalo": _to_phone(phone="84911111111"),
    "phone-not-refusing": _after(_person(blocked=True), _to_phone()),
    "phone-test-admin": _to_phone(mode="development"),
    "phone-night": _after(_to_night, _to_phone()),
    "phone-day": _after(_sets(lambda b: b.world.templates, daily_limit=0), _to_phone()),
    "phone-money": _to_phone(),
}


def _consents(**changes: str) -> Ask:
    return lambda bench: bench.consent(**changes)


OAUTH: dict[str, Ask] = {
    "consent-app-id": _consents(app_id="1"),
    "consent-redirect": _consents(redirect_uri="http://elsewhere.vn/"),
    "grant-app-id": lambda b: b.refresh(app_id="1"),
    "grant-secret": lambda b: b.refresh(secret="guessed"),
    "grant-type": lambda b: b.refresh(grant_type="password"),
    "grant-code": lambda b: b.trade("unheard"),
    "grant-code-once": lambda b: b.trade(b.code(), twice=True),
    "grant-code-alive": lambda b: b.trade(b.code(), later=601),
    "grant-verifier": lambda b: b.trade(b.code(), verifier="w" * 43),
    "grant-refresh-once": lambda b: b.refresh(refresh_token="refresh-first"),
    "grant-refresh-alive": _after(lambda b: b.zalo.clock.set(b.zalo.clock.now() + 91 * DAY),
                                  lambda b: b.refresh()),
}  # fmt: skip


def _bot(method: str, **values: Any) -> Ask:
    return lambda bench: bench.bot(method, **values)


BOT: dict[str, Ask] = {
    "bot-token": lambda b: b.bot("getMe", token="1:guessed"),
    "bot-method": _bot("getme"),
    "bot-text": _bot("sendMessage", text=LONG),
    "bot-photo": _bot("sendPhoto", photo="a.png"),
    "bot-caption": _bot("sendPhoto", photo=URL, caption=LONG),
    "bot-sticker": _bot("sendSticker", sticker=""),
    "bot-action": _bot("sendChatAction", action="dancing"),
    "bot-parse-mode": _bot("sendMessage", text="a", parse_mode="rtf"),
    "bot-timeout": _bot("getUpdates", timeout="soon"),
    "bot-webhook-url": _bot("setWebhook", url="http://a.vn", secret_token="s" * 8),
    "bot-webhook-secret": _bot("setWebhook", url="https://a.vn", secret_token="s" * 7),
    "bot-webhook-set": _bot("getWebhookInfo"),
    "bot-one-way": _after(
        _bot("setWebhook", url="https://a.vn", secret_token="s" * 8),
        _bot("getUpdates", timeout="0"),
    ),
    "bot-chat": _bot("sendMessage", chat_id="unheard", text="a"),
    "bot-written": _after(
        lambda b: b.world.bot.introduce(STRANGER),
        lambda b: b.bot("sendMessage", chat_id=b.world.bot.chat_of(STRANGER), text="a"),
    ),
    "bot-rate": _after(_sets(lambda b: b.world.bot_rate, limit=0), _bot("getMe")),
}
EXAMPLES: dict[str, Ask] = {
    **ACCESS, **MESSAGE, **SENDING, **UPLOAD, **PEOPLE, **QUOTA, **OLD, **ARTICLES, **TEMPLATES,
    **OAUTH, **BOT,
}  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """What an example led to: the rule that refused it and the code it was answered with."""

    rule: str | None
    code: int
    status: int


def outcome_of(bench: Bench, name: str) -> Outcome:
    """Make the example's request and return what came of it."""
    bench.world.rulebook.forget()
    code, status = EXAMPLES[name](bench)
    return Outcome(bench.world.rulebook.last_broken, code, status)


if __name__ == "__main__":
    for family, rules in FAMILIES.items():
        print(f"\n{family}")  # noqa: T201 - this is its output
        for rule in rules:
            print(f"  {rule.name:24}{rule.code:>7}  {rule.message}")  # noqa: T201
