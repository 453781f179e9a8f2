"""One call to the platform, as the rules and the endpoints see it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from flask import Request

from tests.simulator.person import Person
from tests.simulator.reading import items, obj, words

if TYPE_CHECKING:
    from tests.simulator.world import World

JSON = "application/json"


@dataclass(frozen=True)
class Uploaded:
    """A file as it came in."""

    name: str
    content: bytes


@dataclass
class Call:
    """A request. ``body`` is the JSON body, or the JSON in ``data`` of a GET."""

    world: World
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    is_json: bool = False
    upload: Uploaded | None = None
    remain: int = 0
    bot_token: str = ""

    @classmethod
    def of_body(cls, body: Any) -> Call:
        """Return a call with nothing but a JSON body, for rules that look at nothing else."""
        return cls(cast("World", None), "POST", "", body=body, is_json=True)

    @classmethod
    def of_request(cls, world: World, request: Request) -> Call:
        """Read a request; nothing is judged here."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        headers.update(request.environ["zalo.headers"])
        return cls(
            world,
            request.method,
            request.path,
            headers,
            request.args,
            request.form,
            _body(request),
            request.mimetype == JSON,
            _upload(request),
        )

    @property
    def access_token(self) -> str | None:
        """Return the token in the header of exactly this name."""
        return self.headers.get("access_token")

    @property
    def last_segment(self) -> str:
        """Return what follows the last slash of the path."""
        return self.path.rpartition("/")[2]

    @property
    def values(self) -> dict[str, Any]:
        """Return the parameters of a bot method, which may come in four ways."""
        return {**self.query, **self.form, **obj(self.body)}

    @property
    def recipient(self) -> dict[str, Any]:
        """Return ``recipient``."""
        return obj(self.body, "recipient")

    @property
    def message(self) -> dict[str, Any]:
        """Return ``message``."""
        return obj(self.body, "message")

    @property
    def text(self) -> str:
        """Return the message's text, empty if it has none."""
        return words(self.message.get("text"))

    @property
    def attachment(self) -> dict[str, Any]:
        """Return ``message.attachment``."""
        return obj(self.message, "attachment")

    @property
    def payload(self) -> dict[str, Any]:
        """Return ``message.attachment.payload``."""
        return obj(self.attachment, "payload")

    @property
    def is_template(self) -> bool:
        """Tell whether the attachment is a template."""
        return self.attachment.get("type") == "template"

    @property
    def elements(self) -> list[dict[str, Any]]:
        """Return the template's elements; what is no object becomes an empty one."""
        return [obj(item) for item in items(self.payload.get("elements"))]

    @property
    def buttons(self) -> list[Any]:
        """Return the template's buttons."""
        return items(self.payload.get("buttons"))

    @property
    def upload_ids(self) -> list[str]:
        """Return the ids of uploads this message uses; stickers have ids of their own."""
        ids = [
            words(item["attachment_id"])
            for item in self.elements
            if "attachment_id" in item and item.get("media_type") in ("image", "gif")
        ]
        return ids + ([words(self.payload["token"])] if "token" in self.payload else [])

    @property
    def user_id(self) -> str:
        """Return whom this call is for, also when a message of theirs is answered."""
        answered = self.world.messages.get(words(self.recipient.get("message_id")))
        if answered:
            return answered.user_id
        return words(self.recipient.get("user_id") or obj(self.body).get("user_id"))

    @property
    def person(self) -> Person:
        """Return the person this call is for."""
        return self.world.person(self.user_id)


def _body(request: Request) -> Any:
    if request.method == "GET":
        try:
            return json.loads(request.args.get("data", ""))
        except (ValueError, RecursionError):
            return None
    return request.get_json(silent=True) if request.mimetype == JSON else None


def _upload(request: Request) -> Uploaded | None:
    file = request.files.get("file")
    if not file:
        return None
    with file.stream:
        return Uploaded(file.filename or "", file.read())
