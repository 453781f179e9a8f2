"""Every call of the platform the desk needs, one method each.

https://developers.zalo.me/docs/official-account

What the platform would refuse is refused here first (``limits.py``); codes and lost answers are
judged in ``calls.py``. Every method raises SendError, see ``bot/core/errors.py``.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Protocol

from bot.channels.http import CONNECT_TIMEOUT, READ_TIMEOUT
from bot.channels.zalo import codes, limits, messages, results
from bot.channels.zalo.calls import AccessTokens, Call, Caller, Rate, Stated
from bot.channels.zalo.limits import Upload
from bot.core.errors import SendRefused, SendWait

log = logging.getLogger(__name__)

CHANNEL = "zalo"
API_URL, BUSINESS_URL = "https://openapi.zalo.me", "https://business.openapi.zalo.me"
UPLOAD_LIFE = timedelta(days=6)  # the platform forgets after seven
_MESSAGE, _CS = "/v2.0/oa/message", "/v3.0/oa/message/cs"


def utc_now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(timezone.utc)


class UploadCache(Protocol):
    """Remembers what was uploaded, for all processes."""

    def find(
        self, channel: str, account: str, kind: str, digest: str, now: datetime
    ) -> str | None:
        """Return a handle that is still valid, or None."""

    def keep(
        self, channel: str, account: str, kind: str, digest: str, handle: str,
        now: datetime, expires_at: datetime,
    ) -> None:  # fmt: skip
        """Remember a handle until ``expires_at``."""

    def drop(self, channel: str, account: str, kind: str, digest: str) -> None:
        """Forget a handle."""


class NoUploads:
    """Remembers nothing: every file is uploaded each time."""

    def find(self, *key: object) -> str | None:
        """Return None."""
        return None

    def keep(self, *key: object) -> None:
        """Do nothing."""

    def drop(self, *key: object) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class Target:
    """Who gets a broadcast, in the platform's numbers; an empty field filters nothing.

    ``cities`` are the 63 provinces before July 2025: a merged province is two or three of them.
    """

    ages: tuple[int, ...] = ()
    gender: tuple[int, ...] = ()
    locations: tuple[int, ...] = ()
    cities: tuple[int, ...] = ()
    platform: tuple[int, ...] = ()

    def as_json(self) -> dict[str, str]:
        """Return the fields that filter, as comma-separated text."""
        return {
            name: ",".join(map(str, values)) for name, values in asdict(self).items() if values
        }


class ZaloApi:
    """One official account's calls. Safe to share between threads."""

    def __init__(
        self,
        *,
        tokens: AccessTokens,
        account: str = "",
        api_url: str = API_URL,
        business_url: str = BUSINESS_URL,
        uploads: UploadCache | None = None,
        timeouts: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        clock: Callable[[], datetime] = utc_now,
        stated: Stated | None = None,
    ) -> None:
        self._caller = Caller(tokens, api_url, business_url, timeouts, clock, stated)
        self._account = account
        self._uploads = uploads or NoUploads()
        self._clock = clock

    @property
    def rate(self) -> Rate | None:
        """Return the call rate as last stated, or None before the first call."""
        return self._caller.rate

    def close(self) -> None:
        """Close the connections kept open to the platform."""
        self._caller.close()

    # Messages

    def send(self, user_id: str, message: Mapping[str, Any]) -> results.Sent:
        """Send a consultation message, made by ``messages.py``, to a person."""
        limits.check_message(message)
        return self._sent(_CS, {"recipient": {"user_id": user_id}, "message": message})

    def send_anonymous(
        self, anonymous_id: str, conversation_id: str, message: Mapping[str, Any]
    ) -> results.Sent:
        """Answer a visitor who is not signed in."""
        limits.check_message(message)
        recipient = {"anonymous_id": anonymous_id, "conversation_id": conversation_id}
        return self._sent(_MESSAGE, {"recipient": recipient, "message": message})

    def send_picture(
        self, user_id: str, name: str, content: bytes, text: str = ""
    ) -> results.Sent:
        """Send a JPEG or PNG of at most 1 MB, uploaded if it was not before."""
        return self._with_upload(
            limits.IMAGE,
            name,
            content,
            lambda handle: self.send(user_id, messages.picture(attachment_id=handle, text=text)),
        )

    def send_gif(
        self, user_id: str, name: str, content: bytes, size: tuple[int, int]
    ) -> results.Sent:
        """Send a GIF of at most 5 MB; ``size`` is width and height in pixels."""
        return self._with_upload(
            limits.GIF,
            name,
            content,
            lambda handle: self.send(user_id, messages.gif(handle, *size)),
        )

    def send_file(self, user_id: str, name: str, content: bytes) -> results.Sent:
        """Send a PDF, DOC, DOCX or CSV of at most 5 MB, uploaded if it was not before."""
        return self._with_upload(
            limits.FILE, name, content, lambda token: self.send(user_id, messages.file(token))
        )

    def react(self, user_id: str, message_id: str, icon: str) -> None:
        """Put an icon such as ``/-heart`` on a citizen's message; ``/-remove`` takes it back."""
        action = {"react_icon": icon, "react_message_id": message_id}
        body = {"recipient": {"user_id": user_id}, "sender_action": action}
        self._caller.make(Call("POST", _MESSAGE, json=body))

    # Templates: to people outside the window of seven days

    def send_template(
        self, user_id: str, template_id: str, data: Mapping[str, Any]
    ) -> results.Sent:
        """Send an approved template to a person the account knows."""
        body = {"user_id": user_id, "template_id": template_id, "template_data": dict(data)}
        wanted = Call("POST", "/v3.0/oa/message/template", json=body, template=True)
        return results.Sent.read(self._caller.make(wanted))

    def send_template_to_phone(
        self,
        phone: str,
        template_id: str,
        data: Mapping[str, Any],
        tracking_id: str,
        *,
        development: bool = False,
    ) -> results.Sent:
        """Send an approved template to a phone number; ``tracking_id`` is ours, <= 48 letters.

        In ``development`` it reaches administrators only.
        """
        limits.check_tracking(tracking_id)
        body = {
            "phone": limits.check_phone(phone),
            "template_id": template_id,
            "template_data": dict(data),
            "tracking_id": tracking_id,
            **({"mode": "development"} if development else {}),
        }
        made = self._caller.make(Call("POST", "/message/template", json=body, business=True))
        return results.Sent.read(made)

    def template_status(self, message_id: str) -> int:
        """Return -1 unknown, 0 pushed, 1 delivered, of a template sent to a phone."""
        data = self._business("/message/status", {"message_id": message_id})
        return int(results.text(data, "status") or -1)

    def template_quota(self) -> tuple[int, int]:
        """Return how many templates may be sent today and how many are left."""
        data = self._business("/message/quota", {})
        return results.number(data, "dailyQuota"), results.number(data, "remainingQuota")

    # Uploads

    def upload(self, upload: Upload, name: str, content: bytes) -> str:
        """Return the handle of a file, uploading it unless the platform has these bytes."""
        name = limits.check_upload(upload, name, content)
        key = (CHANNEL, self._account, upload.kind, hashlib.sha256(content).hexdigest())
        found = self._uploads.find(*key, self._clock())
        if found:
            return found
        path = f"/v2.0/oa/upload/{upload.kind}"
        files = {"file": (name, content)}
        data = self._caller.make(Call("POST", path, files=files, repeatable=True))
        handle = results.text(data, upload.handle)
        if not handle:
            raise SendRefused("the upload gave no handle", str(codes.INVALID))
        self._uploads.keep(*key, handle, self._clock(), self._clock() + UPLOAD_LIFE)
        return handle

    def _with_upload(
        self, upload: Upload, name: str, content: bytes, send: Callable[[str], results.Sent]
    ) -> results.Sent:
        """Send what was uploaded; if the platform forgot it, upload it again, once."""
        try:
            return send(self.upload(upload, name, content))
        except SendRefused as error:
            if error.code != str(codes.ATTACHMENT_EXPIRED):
                raise
        digest = hashlib.sha256(content).hexdigest()
        self._uploads.drop(CHANNEL, self._account, upload.kind, digest)
        return send(self.upload(upload, name, content))

    # People

    def profile(self, user_id: str) -> results.Profile:
        """Return what the platform tells about a person."""
        return results.Profile.read(self._read("/v3.0/oa/user/detail", {"user_id": user_id}))

    def followers(
        self, offset: int = 0, count: int = limits.PAGE, **filters: Any
    ) -> results.Followers:
        """Return one page of people: ``count`` <= 50, ``offset`` <= 9951.

        Filters: ``tag_name``, ``last_interaction_period`` (L7D, …), ``is_follower``.
        """
        if not (0 <= offset <= limits.LAST_OFFSET and 1 <= count <= limits.PAGE):
            raise SendRefused("page out of reach", str(codes.TOO_LONG))
        query = {"offset": offset, "count": count, **filters}
        return results.Followers.read(self._read("/v3.0/oa/user/getlist", query))

    def all_followers(self, **filters: Any) -> Iterator[str]:
        """Yield people's ids, 10,000 at most: the platform shows no more of one filter."""
        page = self.followers(**filters)
        if page.is_cut:
            log.warning("event=zalo_followers_cut total=%d", page.total)
        for offset in limits.pages(max(page.total, 1)):
            yield from (page if offset == 0 else self.followers(offset, **filters)).user_ids

    # Articles

    def create_article(
        self,
        *,
        title: str,
        author: str,
        description: str,
        cover_url: str,
        body: Sequence[Mapping[str, Any]],
    ) -> str:
        """Begin an article that is shown at once; return the token to ask for its id with."""
        article = {
            "type": "normal",
            "title": title,
            "author": author,
            "description": description,
            "cover": {"cover_type": "photo", "photo_url": cover_url, "status": "show"},
            "body": [dict(block) for block in body],
            "status": "show",  # left out, it would be hidden
            "comment": "hide",
        }
        limits.check_article(article)
        data = self._caller.make(Call("POST", "/v2.0/article/create", json=article))
        return results.text(data, "token")

    def article_id(self, token: str) -> str:
        """Return the id of an article. Raises SendLater while the platform works on it."""
        path, body = "/v2.0/article/verify", {"token": token}
        return results.text(
            self._caller.make(Call("POST", path, json=body, repeatable=True)), "id"
        )

    def broadcast(self, article_ids: Sequence[str], target: Target) -> str:
        """Send up to 5 articles to the followers ``target`` describes; return the message's id.

        Raises SendWait between 22:00 and 06:00, when the platform refuses it.
        """
        if not 1 <= len(article_ids) <= limits.MOST_ARTICLES:
            raise SendRefused("one to five articles", str(codes.INVALID))
        now = self._clock()
        if codes.is_night(now):
            raise SendWait("not at night", str(codes.NIGHT), codes.next_morning(now), now)
        recipient = {"target": target.as_json()}
        body = {"recipient": recipient, "message": messages.articles(article_ids)}
        return self._sent(_MESSAGE, body).message_id

    # The account

    def account(self) -> results.OfficialAccount:
        """Return what the platform knows about the account."""
        data = self._caller.make(Call("GET", "/v2.0/oa/getoa", repeatable=True))
        return results.OfficialAccount.read(data)

    def person_quota(self, user_id: str) -> results.PersonQuota:
        """Return what may still be sent to a person, and when they last wrote."""
        return results.PersonQuota.read(self._quota({"user_id": user_id}))

    def account_quota(self, product: str = "cs") -> tuple[results.Quota, ...]:
        """Return the account's allowances."""
        return results.Quota.read_all(self._quota({"quota_owner": "OA", "product_type": product}))

    def _quota(self, body: Mapping[str, Any]) -> Any:
        return self._caller.make(
            Call("POST", "/v3.0/oa/quota/message", json=body, repeatable=True)
        )

    def _sent(self, path: str, body: Mapping[str, Any]) -> results.Sent:
        return results.Sent.read(self._caller.make(Call("POST", path, json=body)))

    def _read(self, path: str, query: Mapping[str, Any]) -> Any:
        return self._caller.make(Call("GET", path, query=query, repeatable=True))

    def _business(self, path: str, query: Mapping[str, Any]) -> Any:
        wanted = Call("GET", path, plain=query, repeatable=True, business=True)
        return self._caller.make(wanted)
