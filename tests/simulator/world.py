"""What the simulated platform knows: accounts, people, messages, pictures, and its log."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.simulator import checks
from tests.simulator.faults import Faults
from tests.simulator.tokens import Tokens

RATE_PER_MINUTE = 4000


@dataclass(frozen=True)
class Account:
    """The app, the official account and their secrets; all of them public examples."""

    app_id: str = "1000000000000000001"
    oa_id: str = "4000000000000000004"
    app_secret: str = "appSecretExample_0123456789"
    oa_secret: str = "oaSecretExample_0123456789"
    first_refresh_token: str = "refresh-first"


@dataclass(frozen=True)
class Sent:
    """One bubble the account sent to a person."""

    message_id: str
    user_id: str
    text: str
    buttons: tuple[dict[str, Any], ...]
    image_url: str | None
    at: float

    @classmethod
    def from_message(cls, user_id: str, message: dict[str, Any]) -> Sent:
        """Read a message that passed the checks."""
        payload = message.get("attachment", {}).get("payload", {})
        elements = payload.get("elements", [{}])
        return cls(
            message_id=new_id(),
            user_id=user_id,
            text=message.get("text", ""),
            buttons=tuple(payload.get("buttons", ())),
            image_url=elements[0].get("url"),
            at=time.time(),
        )


@dataclass
class Person:
    """Someone with Zalo. ``refusal`` is a code every message to them is answered with."""

    user_id: str
    follows: bool = False
    has_interacted: bool = False
    refusal: int = 0
    talk: list[dict[str, Any]] = field(default_factory=list)


def new_id() -> str:
    """Return a message id as the platform writes them."""
    return secrets.token_hex(10)


class World:
    """All state, behind one lock; ``changed`` is told about every sent message."""

    def __init__(self, account: Account, log_path: Path | None = None) -> None:
        self.account = account
        self.tokens = Tokens(account.app_id, account.app_secret, account.first_refresh_token)
        self.faults = Faults()
        self.sent: list[Sent] = []
        self.media: dict[str, bytes] = {}
        self.requests: list[dict[str, Any]] = []
        self.changed = threading.Condition()
        self._people: dict[str, Person] = {}
        self._calls: Counter[int] = Counter()
        self._log_path = log_path

    def person(self, user_id: str) -> Person:
        """Return the person, who is new if nobody spoke of them before."""
        with self.changed:
            return self._people.setdefault(user_id, Person(user_id))

    def count_call(self) -> int:
        """Count one call to the account's API; return how many are left in this minute."""
        minute = int(time.time() // 60)
        with self.changed:
            self._calls[minute] += 1
            return RATE_PER_MINUTE - self._calls[minute]

    def take(
        self, access_token: str | None, remain: int, body: Any
    ) -> tuple[dict[str, Any], Sent | None]:
        """Check a message in the platform's order; return the answer's body and what was kept."""
        refused = self._refusal(access_token, remain, body)
        if refused:
            return {"error": refused[0], "message": refused[1]}, None
        with self.changed:
            sent = Sent.from_message(body["recipient"]["user_id"], body["message"])
            self.sent.append(sent)
            line = {"from": "oa", "text": sent.text, "buttons": list(sent.buttons)}
            self.person(sent.user_id).talk.append({**line, "image_url": sent.image_url})
            self.changed.notify_all()
        data = {
            "message_id": sent.message_id,
            "user_id": sent.user_id,
            "sent_time": str(int(sent.at * 1000)),
            "quota": {"quota_type": "reply"},
        }
        return {"error": 0, "message": "Success", "data": data}, sent

    def _refusal(self, access_token: str | None, remain: int, body: Any) -> checks.Problem | None:
        token = self.tokens.check(access_token)
        if token:
            return token, "Access token is invalid"
        if remain < 0:
            return -32, "Your application reached limit call api"
        return checks.problem_with(body) or self._recipient(body["recipient"]["user_id"])

    def _recipient(self, user_id: str) -> checks.Problem | None:
        person = self.person(user_id)
        if person.refusal:
            return person.refusal, "refused by the recipient's settings"
        if not person.has_interacted:
            return -232, "user has no interaction"
        return None

    def note(self, **entry: Any) -> None:
        """Add one line to the log: ``out`` is a webhook call, ``in`` a call to the platform."""
        line = {"at": time.strftime("%Y-%m-%dT%H:%M:%S"), **entry}
        with self.changed:
            self.requests.append(line)
            if self._log_path:
                with self._log_path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
