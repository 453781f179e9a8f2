"""Requests to a simulator without a network, for proving its rules."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from urllib3 import encode_multipart_formdata
from werkzeug.test import Client, TestResponse

from tests.simulator.clock import VIETNAM
from tests.simulator.person import Person
from tests.simulator.rules.oauth import challenge_of
from tests.simulator.simulator import Simulator

PERSON, STRANGER = "2000000000000000001", "2000000000000000099"
MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=VIETNAM)
VERIFIER = "v" * 43

Told = tuple[int, int]


class Bench:
    """A simulator whose clock stands still at ten in the morning, and a token for it.

    The methods return the answer's code and its HTTP status. ``PERSON`` has written just now
    and has the phone 84900000001; ``STRANGER`` never did.
    """

    def __init__(self, zalo: Simulator) -> None:
        self.zalo, self.world = zalo, zalo.world
        zalo.clock.set(MORNING.timestamp(), speed=0)
        self._client = Client(zalo.answer)
        zalo.citizen_is_known(PERSON)
        self.person.phone = "84900000001"
        self.token = ""
        self.answer_of(self._exchange(self._grant()))
        self.token = self.world.tokens.access_token
        self.last: Any = None

    @property
    def person(self) -> Person:
        """Return the person who wrote."""
        return self.world.person(PERSON)

    def request(self, method: str, path: str, headers: dict[str, str], **more: Any) -> Any:
        """Make a request whose headers keep their underscores."""
        environ = {"zalo.headers": {name: value for name, value in headers.items() if value}}
        return self._client.open(path, method=method, environ_overrides=environ, **more)

    def answer_of(self, response: TestResponse) -> Told:
        """Return code and status, and keep the answer."""
        self.last = response.get_json(silent=True) or {}
        code = self.last.get("error", self.last.get("error_code", 0))
        return code, response.status_code

    def post(self, path: str, token: str | None = None, **more: Any) -> Told:
        """Post something with the access token."""
        headers = {"access_token": self.token if token is None else token}
        return self.answer_of(self.request("POST", path, headers, **more))

    def get(self, path: str, data: Any) -> Told:
        """Ask with the query parameter ``data``."""
        query = {} if data is None else {"data": json.dumps(data)}
        headers = {"access_token": self.token}
        return self.answer_of(self.request("GET", path, headers, query_string=query))

    def message(self, user_id: str = PERSON, **message: Any) -> dict[str, Any]:
        """Return the body of a consultation message."""
        return {"recipient": {"user_id": user_id}, "message": message}

    def send(self, user_id: str = PERSON, token: str | None = None, **message: Any) -> Told:
        """Send a consultation message."""
        return self.post("/v3.0/oa/message/cs", token, json=self.message(user_id, **message))

    def message_id(self) -> str:
        """Return the id of a text the person just wrote."""
        return str(self.zalo.citizen_says(PERSON, "a").event["message"]["msg_id"])

    def answer(self, message_id: str) -> Told:
        """Answer one message of the person by its id."""
        body = {"recipient": {"message_id": message_id}, "message": {"text": "a"}}
        return self.post("/v3.0/oa/message/cs", json=body)

    def answer_nine_times(self) -> Told:
        """Answer one message more often than allowed."""
        message_id = self.message_id()
        return [self.answer(message_id) for _ in range(9)][-1]

    def upload(self, content: bytes, name: str, kind: str = "image", field: str = "file") -> Told:
        """Upload a file."""
        form, kind_of_form = encode_multipart_formdata({field: (name, content)})
        path = f"/v2.0/oa/upload/{kind}"
        return self.post(path, data=form, content_type=kind_of_form)

    def old_upload(self) -> str:
        """Return the id of a picture uploaded eight days ago."""
        upload = self.world.uploads.keep("image", "a.jpg", b"\xff\xd8\xff")
        object.__setattr__(upload, "ends_at", self.zalo.clock.now() - 1)
        return upload.upload_id

    def article_id(self, article: dict[str, Any]) -> str:
        """Return the id of an article whose review is over."""
        token = self.world.articles.write(article)
        article_id, _, content = self.world.articles.written[token]
        self.world.articles.written[token] = (article_id, 0.0, content)
        return article_id

    # The token service

    def _grant(self, **changes: str) -> dict[str, str]:
        tokens = self.world.tokens
        right = {"refresh_token": tokens.refresh_token, "app_id": tokens.app_id}
        return {**right, "grant_type": "refresh_token", **changes}

    def _exchange(self, form: dict[str, str], secret: str | None = None) -> Any:
        headers = {"secret_key": self.zalo.account.app_secret if secret is None else secret}
        return self.request("POST", "/v4/oa/access_token", headers, data=form)

    def refresh(self, secret: str | None = None, **changes: str) -> Told:
        """Trade the refresh token."""
        return self.answer_of(self._exchange(self._grant(**changes), secret))

    def consent(self, method: str = "POST", **changes: str) -> Told:
        """Agree on the consent page; ``last`` holds where it led."""
        query = {
            "app_id": self.zalo.account.app_id,
            "redirect_uri": self.world.standing.redirect_uris[0],
            "code_challenge": challenge_of(VERIFIER),
            "state": "s",
            **changes,
        }
        response = self.request(method, "/v4/oa/permission", {}, query_string=query)
        found = parse_qs(urlsplit(response.headers.get("Location", "")).query)
        self.last = {name: values[0] for name, values in found.items()}
        return int(self.last.get("error_code", 0)), response.status_code

    def code(self) -> str:
        """Return a code to trade."""
        self.consent()
        return str(self.last["code"])

    def trade(
        self, code: str, verifier: str = VERIFIER, later: float = 0, twice: bool = False
    ) -> Told:
        """Trade a code for tokens."""
        form = {"code": code, "app_id": self.world.tokens.app_id, "code_verifier": verifier}
        form["grant_type"] = "authorization_code"
        self.zalo.clock.set(self.zalo.clock.now() + later)
        if twice:
            self._exchange(form)
        return self.answer_of(self._exchange(form))

    # The bot

    def bot(self, method: str, token: str | None = None, **values: Any) -> Told:
        """Call a method of the bot, to the person's chat unless another is named."""
        given = self.zalo.account.bot_token if token is None else token
        if method.startswith("send"):
            values = {"chat_id": self.world.bot.hear(PERSON), **values}
        return self.answer_of(self.request("POST", f"/bot{given}/{method}", {}, json=values))
